import { isoDay, isoMonth } from './calendar.js';
import type { Match } from './types.js';

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(
  ' ',
);

/** 1 for `first`, 12 for `12th`, -1 for `last`. */
export function ordinalOf(word: string): number | undefined {
  if (word === 'last' || word === 'latter') return -1;
  const digits = /^(\d{1,2})(?:st|nd|rd|th)$/.exec(word);
  const n = digits === null ? ORDINALS.indexOf(word) + 1 : Number(digits[1]);
  return n === 0 ? undefined : n;
}

/** A day, month or quarter of a period by its number, -1 for the last; undefined if there is none. */
export function partOf(
  { kind, value }: Match,
  n: number,
  unit: string,
): { kind: string; value: string } | undefined {
  const months = { year: 12, quarter: 3, month: 1 }[kind];
  if (months === undefined) return undefined;
  const year = Number(value.slice(0, 4));
  const quarter = kind === 'quarter' ? Number(value.slice(6)) : undefined;
  const firstMonth = kind === 'month' ? Number(value.slice(5)) : quarter === undefined ? 1 : 3 * quarter - 2;
  if (unit === 'quarter' && kind === 'year' && n <= 4)
    return { kind: 'quarter', value: `${year}-Q${n < 0 ? 4 : n}` };
  if (unit === 'month' && kind !== 'month' && n <= months)
    return { kind: 'month', value: isoMonth(year, firstMonth + (n < 0 ? months : n) - 1) };
  if (unit !== 'day') return undefined;
  const end = Date.UTC(year, firstMonth - 1 + months, 0);
  const day = n < 0 ? end : Date.UTC(year, firstMonth - 1, n);
  if (day > end) return undefined;
  const date = new Date(day);
  return { kind: 'date', value: isoDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()) };
}
