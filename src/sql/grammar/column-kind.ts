import type { SchemaColumn } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';

/**
 * What the grammar knows of a column's type.
 *
 * - `number`; `year`: a whole number that names a year; `bit`
 * - `text`; `longText`: the old types text and ntext, which cannot be compared, sorted or grouped
 * - `day`: a date without time; `moment`: one with a time of day
 * - `uuid`
 * - `opaque`: can only be selected or tested for NULL (xml, binary, time, geometry, …)
 */
export type ColumnKind =
  'number' | 'year' | 'bit' | 'text' | 'longText' | 'day' | 'moment' | 'uuid' | 'opaque';

export function columnKind({ column, type }: SchemaColumn): ColumnKind {
  switch (type.family) {
    case 'number':
      return type.base.endsWith('int') && splitWords(column.name).includes('year') ? 'year' : 'number';
    case 'bool':
      return 'bit';
    case 'string':
      return type.base === 'text' || type.base === 'ntext' ? 'longText' : 'text';
    case 'date':
      return type.base === 'date' ? 'day' : 'moment';
    case 'uuid':
      return 'uuid';
    default:
      return 'opaque';
  }
}

/** Whether GROUP BY, ORDER BY, SELECT DISTINCT and COUNT take it. */
export function isGroupable(kind: ColumnKind): boolean {
  return kind !== 'opaque' && kind !== 'longText';
}

/** Whether MIN and MAX take it. */
export function isOrdered(kind: ColumnKind): boolean {
  return isGroupable(kind) && kind !== 'bit' && kind !== 'uuid';
}

export function isNumber(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'year';
}

export function isDateKind(kind: ColumnKind): boolean {
  return kind === 'day' || kind === 'moment';
}
