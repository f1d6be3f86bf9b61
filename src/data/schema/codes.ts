import { isInRange, parseSqlType } from '../../tsql/types.js';
import type { CodedValue, Column, Table } from './bundle.js';

/** Faults of a column's coded values: each must fit the type and appear once, and a word names one value. */
export function codeFaults(
  table: Table,
  column: Column,
  path: string,
): { code: 'bad-code'; path: string; message: string }[] {
  const seen = new Set<string>();
  const owner = new Map<string, string>();
  return (column.codes ?? []).flatMap(({ value, words }, i) => {
    const messages: [field: string, message: string][] = [];
    const unfit = misfit(value, column.type);
    if (unfit !== undefined) messages.push(['value', `${JSON.stringify(value)} ${unfit}`]);
    if (seen.has(value)) messages.push(['value', `${JSON.stringify(value)} is listed twice`]);
    seen.add(value);
    words.forEach((word, j) => {
      const other = owner.get(word);
      if (word !== word.toLowerCase()) messages.push([`words[${j}]`, `"${word}" is not in lower case`]);
      if (other !== undefined)
        messages.push([`words[${j}]`, `"${word}" already names ${JSON.stringify(other)}`]);
      else owner.set(word, value);
    });
    return messages.map(([field, message]) => ({
      code: 'bad-code' as const,
      path: `${path}.codes[${i}].${field}`,
      message: `${table.name}.${column.name}: ${message}`,
    }));
  });
}

/** Why a column of that type cannot hold the value; undefined if it can. */
function misfit(value: string, typeText: string): string | undefined {
  const type = parseSqlType(typeText);
  if (type?.family === 'string') {
    const isLonger = typeof type.length === 'number' && value.length > type.length;
    return isLonger ? `is longer than ${typeText}` : undefined;
  }
  if (type?.family === 'bool' || type?.family === 'number') {
    const fits = /^-?\d+(\.\d+)?$/.test(value) && isInRange(value, type.base);
    return fits ? undefined : `is no ${typeText}`;
  }
  return `stands in a column of type ${typeText}, which has no codes`;
}

/** Coded values as overlays write them: `table.column`, or a column's name for all tables, and words by value. */
export type CodeLists = Readonly<
  Record<string, { source: string; values: Readonly<Record<string, readonly string[]>> }>
>;

/** The coded values of a column: those of `table.column`, or else those of the column's name. Names ignore case. */
export function codesOf(lists: CodeLists, table: string, column: string): CodedValue[] | undefined {
  const find = (name: string): CodeLists[string] | undefined =>
    Object.entries(lists).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  const list = find(`${table}.${column}`) ?? find(column);
  if (!list) return undefined;
  // An object's keys that are whole numbers come first, in order of size; the order of values means nothing.
  return Object.entries(list.values).map(([value, words]) => ({ value, words: [...words] }));
}
