import type { Column, Table } from '../schema/bundle.js';
import { splitWords } from '../schema/words.js';
import { foldName } from '../../tsql/identifier.js';
import { parseSqlType } from '../../tsql/types.js';

/** Last words of columns whose values people say: labels, names, states and codes. */
const SAID =
  /^(name|label|title|description|desc|term|code|cd|status|state|type|category|class|kind|group|gender|sex|race|ethnicity|city|county|country|unit|units|uom|drug|medication|specialty)$/;
/** Words of columns that identify a row or a person, or hold secrets or addresses. */
const IDENTIFIES =
  /^(id|ids|uid|uuid|guid|key|mrn|ssn|npi|dea|passport|drivers|phone|fax|email|password|salt|secret|address|zip|postal|token|barcode|accession|number|num|nbr)$/;
/** Words of columns of prose. */
const PROSE =
  /^(comment|comments|note|notes|text|txt|narrative|snippet|instructions|remarks|sig|xml|html|json|query|syntax|data|config|documentation|criteria)$/;

/** The longest declared length of a column that may hold labels, if its name does not say that it does. */
const LONGEST = 1000;

/** What the name of a column promises. */
export function isLabelName(column: string): boolean {
  return splitWords(column).some((word) => SAID.test(word));
}

/**
 * Whether the index takes the values of a column: text that is a label, a name, a status or a code. Keys that refer to
 * other tables, identifiers, addresses and prose are left out. What a column holds is checked when it is read
 * (ColumnFilter).
 */
export function isValueColumn(table: Table, column: Column): boolean {
  const type = parseSqlType(column.type);
  if (type?.family !== 'string') return false;
  const words = splitWords(column.name);
  const isLabel = isLabelName(column.name);
  const last = words[words.length - 1] ?? '';
  if (words.some((word) => PROSE.test(word)) && !SAID.test(last)) return false;
  if (words.some((word) => IDENTIFIES.test(word) || /^address\d*$/.test(word)) && !SAID.test(last))
    return false;
  const name = foldName(column.name);
  const refers = table.foreignKeys.some((key) => key.columns.some((other) => foldName(other) === name));
  if (refers && !isLabel) return false;
  const isLong = type.length === 'max' || type.length === undefined || type.length > LONGEST;
  return !isLong || isLabel;
}

/**
 * A test for patterns such as `*name*` or `patients.*`: `*` is any text, case is ignored. A pattern with a dot is
 * compared with `table.column`, one without also with the column's name alone.
 */
export function excluder(patterns: readonly string[]): (table: string, column: string) => boolean {
  const tests = patterns.map((pattern) => {
    const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${source}$`, 'is');
  });
  return (table, column) => tests.some((test) => test.test(`${table}.${column}`) || test.test(column));
}
