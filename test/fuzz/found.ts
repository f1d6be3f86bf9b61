import type { PlaceholderInfo } from '../../src/data/placeholder.js';

/** Statements that the validator once got wrong. `code` is the correct verdict, undefined for accepted. */
export const FOUND: readonly {
  why: string;
  sql: string;
  schema: 'clinic' | 'omop';
  values?: readonly PlaceholderInfo[];
  code?: string;
}[] = [
  {
    why: 'a minus sign before an ID changed it',
    sql: 'SELECT mrn FROM patient WHERE patient_id = -__ID_1__;',
    schema: 'clinic',
    values: [{ name: '__ID_1__', kind: 'patient', type: 'int' }],
    code: 'placeholder-altered',
  },
];

/** Random walks of the grammar that once failed, by the seed of their case. */
export const FOUND_WALKS: readonly { why: string; seed: number }[] = [
  { why: 'another first table has longer joins than the way out: names of 128 letters', seed: 1208840 },
  { why: 'another first table has a key of two columns', seed: 1210931 },
  { why: 'scopes with one plan and other aliases have other ways out', seed: 3103259 },
];
