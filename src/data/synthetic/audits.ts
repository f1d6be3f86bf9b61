import type { AttributeType } from './concepts.js';

/** Who changed a row and when: the sets of columns that schemas add to every table. */
export const AUDITS: readonly (readonly (readonly [string, AttributeType])[])[] = [
  [['created at', 't'], ['updated at', 't']],
  [['created by', 's'], ['created date', 't'], ['modified by', 's'], ['modified date', 't']],
  [['row version', 'i'], ['updated time', 't']],
  [['etl load date', 't'], ['source system code', 'c']],
  [['uuid', 's'], ['voided flag', 'b'], ['created time', 't']],
  [['insert user', 's'], ['inserted time', 't'], ['update user', 's'], ['updated time', 't'], ['row hash', 's']],
]; // prettier-ignore
