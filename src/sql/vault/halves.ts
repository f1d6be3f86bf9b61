import { isYear, isoDay } from './calendar.js';
import { matchAt } from './text.js';
import type { Found, Scan } from './types.js';
import { wholeRange } from './whole-range.js';

const OF = '(?:[ ](?:of|in))?,?[ ](?:the[ ]year[ ])?';
const HALF_OF = new RegExp(
  `(first|1st|second|2nd|last)[ -]half(?:[ -]year)?${OF}(\\d{4})(?![0-9A-Za-z])`,
  'iy',
);
/** The first words of `HALF_OF`. */
const ORDINALS: ReadonlySet<string> = new Set(['first', '1st', 'second', '2nd', 'last']);
const H_YEAR = /h([12])(?:[ ](?:of[ ]|in[ ])?|[-/])(\d{4})(?![0-9A-Za-z])/iy;
const NUMBER_H = /([12])h[ -]?(\d{4}|\d{2})(?![0-9A-Za-z])/iy;
const YEAR_H = /(\d{4})[ -/]?h([12])(?![0-9A-Za-z])/iy;
const ISO_WEEK = /(\d{4})-?W(\d{2})(?![0-9A-Za-z-])/y;
const WEEK_OF = /iso[ -]week[ ](\d{1,2})(?:[ ](?:of|in))?,?[ ](\d{4})(?![0-9A-Za-z])/iy;

/**
 * Halves of a year and weeks by ISO 8601: `H1 2019`, `the second half of 2019`, `2020-W12`, `ISO week 12 of 2020`. Both
 * ends are taken out. `Week 12 of 2020` alone depends on how weeks are counted and is asked for.
 */
export function matchHalf(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, word, digits } = scan.tokens[i]!;
  const c = word.charCodeAt(0);
  if (c >= 48 && c <= 57) {
    const before = word.charCodeAt(1) === 104 ? matchAt(NUMBER_H, text, start) : null;
    if (before !== null) return half(scan, i, before[0], Number(before[1]), yearOf(before[2]!));
    if (digits < 4 && !ORDINALS.has(word)) return undefined;
    const after = matchAt(YEAR_H, text, start);
    if (after !== null) return half(scan, i, after[0], Number(after[2]), Number(after[1]));
    const week = matchAt(ISO_WEEK, text, start);
    if (week !== null) return isoWeek(scan, i, week[0], Number(week[1]), Number(week[2]));
  }
  if (c === 104 /* h */) {
    const match = matchAt(H_YEAR, text, start);
    return match === null ? undefined : half(scan, i, match[0], Number(match[1]), Number(match[2]));
  }
  if (word === 'iso') {
    const match = matchAt(WEEK_OF, text, start);
    return match === null ? undefined : isoWeek(scan, i, match[0], Number(match[2]), Number(match[1]));
  }
  if (!ORDINALS.has(word)) return undefined;
  const match = matchAt(HALF_OF, text, start);
  if (match === null) return undefined;
  return half(scan, i, match[0], /^(?:first|1st)$/i.test(match[1]!) ? 1 : 2, Number(match[2]));
}

function half(scan: Scan, i: number, spelled: string, number: number, year: number): Found | undefined {
  if (!isYear(year)) return undefined;
  const { start } = scan.tokens[i]!;
  const quarter = (n: number) => ({ kind: 'quarter', value: `${year}-Q${n}` });
  const [first, last] = number === 1 ? [quarter(1), quarter(2)] : [quarter(3), quarter(4)];
  return wholeRange(scan, i, { start, end: start + spelled.length, first, last });
}

const DAY = 86_400_000;

/** Week 1 is the one that holds 4 January; weeks begin on Monday. */
function isoWeek(scan: Scan, i: number, spelled: string, year: number, week: number): Found | undefined {
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY + (week - 1) * DAY * 7;
  const thursday = new Date(monday + 3 * DAY);
  if (!isYear(year) || week < 1 || thursday.getUTCFullYear() !== year) return undefined;
  const { start } = scan.tokens[i]!;
  const day = (time: number) => {
    const date = new Date(time);
    return { kind: 'date', value: isoDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()) };
  };
  const [first, last] = [day(monday), day(monday + 6 * DAY)];
  return wholeRange(scan, i, { start, end: start + spelled.length, first, last });
}

function yearOf(digits: string): number {
  return digits.length === 2 ? 2000 + Number(digits) : Number(digits);
}
