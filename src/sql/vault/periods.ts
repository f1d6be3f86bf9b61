import { fullYear, isYear, quarterOrdinal } from './calendar.js';
import { comparisonBefore, whatFollows, wordBefore } from './context.js';
import { afterRangeSign } from './spelled-dates.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';
import { KEEP_AFTER, ROW_COUNTS } from './words.js';

const QUARTER_YEAR =
  /q([1-4])(?:(?:[ \t]{1,2}(?:of[ \t]|in[ \t])?(?:fy[ \t]?)?|[-/_]|,[ \t])(\d{4})(?![0-9A-Za-z])|[ \t]?['’](\d{2})(?!\d))/iy;
const YEAR_QUARTER = /(\d{4})[ \t]?[-/]?[ \t]?q([1-4])(?![0-9A-Za-z])/iy;
const NUMBER_QUARTER = /([1-4])q[ \t]?(\d{4}|\d{2})(?![0-9A-Za-z])/iy;
const ORDINAL_QUARTER =
  /([a-z0-9]{3,6})[ \t-]{1,2}quarter(?:[ \t]{1,2}(?:of|in))?,?[ \t]{1,2}(?:the year[ \t])?(?:fy[ \t]?)?(\d{4})(?![0-9A-Za-z])/iy;
const QUARTER_NUMBER = /quarter[ \t]([1-4])(?:[ \t]{1,2}(?:of|in))?,?[ \t]{1,2}(\d{4})(?![0-9A-Za-z])/iy;
const BARE_QUARTER = /q([1-4])(?![0-9A-Za-z])/iy;

/** `Q1 2024`, `Q1–Q3 2024`, `2024-Q1`, `1Q24`, `first quarter of 2024`, `quarter 1 of 2024`. */
export function matchQuarter(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { kind, start, end, word } = scan.tokens[i]!;
  if (kind === 'number') return end - start === 4 ? read(YEAR_QUARTER, text, start, 2, 1) : undefined;
  const c = word.charCodeAt(0);
  if (c === 113 /* q */) return quarterFirst(text, start) ?? read(QUARTER_NUMBER, text, start, 1, 2);
  if (c >= 48 && c <= 57) {
    const found = read(YEAR_QUARTER, text, start, 2, 1) ?? read(NUMBER_QUARTER, text, start, 1, 2);
    if (found !== undefined) return found;
  }
  const ordinal = quarterOrdinal(word);
  if (ordinal === undefined) return undefined;
  const match = matchAt(ORDINAL_QUARTER, text, start);
  if (match === null || !isYear(Number(match[2]))) return undefined;
  return found(quarter(start, start + match[0].length, ordinal, Number(match[2])));
}

function quarterFirst(text: string, start: number): Found | undefined {
  const whole = matchAt(QUARTER_YEAR, text, start);
  if (whole !== null) {
    const year = whole[2] !== undefined ? Number(whole[2]) : fullYear(Number(whole[3]));
    return isYear(year) ? found(quarter(start, start + whole[0].length, Number(whole[1]), year)) : undefined;
  }
  const bare = matchAt(BARE_QUARTER, text, start);
  if (bare === null) return undefined;
  const end = start + bare[0].length;
  const second = afterRangeSign(text, end);
  const other = second === undefined ? null : matchAt(QUARTER_YEAR, text, second);
  if (second === undefined || other?.[2] === undefined || !isYear(Number(other[2]))) return undefined;
  const year = Number(other[2]);
  const closing = quarter(second, second + other[0].length, Number(other[1]), year);
  return { matches: [quarter(start, end, Number(bare[1]), year), closing], end: closing.end };
}

function read(
  pattern: RegExp,
  text: string,
  start: number,
  quarterAt: number,
  yearAt: number,
): Found | undefined {
  const match = matchAt(pattern, text, start);
  if (match === null) return undefined;
  const digits = match[yearAt]!;
  const year = digits.length === 2 ? fullYear(Number(digits)) : Number(digits);
  if (!isYear(year)) return undefined;
  return found(quarter(start, start + match[0].length, Number(match[quarterAt]), year));
}

function quarter(start: number, end: number, number: number, year: number): Match {
  return { start, end, prefix: 'DATE', kind: 'quarter', type: 'date', value: `${year}-Q${number}` };
}

const YEAR_RANGE = /(\d{4})([-–—/])(\d{4}|\d{2})(?![0-9A-Za-z])/y;
const FISCAL_YEAR = /(?:fy|cy)[-_]?(\d{4}|\d{2})(?![0-9A-Za-z])/iy;
const DECADE = /((?:19|20)\d0)(?:['’]?s)(?![0-9A-Za-z])/y;

/** Years: `2023`, `2019-2021`, `2019-21`, `FY2023`, `the 1990s`. */
export function matchYear(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const { start, end } = token;
  if (token.word.startsWith('fy') || token.word.startsWith('cy')) return fiscalYear(text, start);
  if (token.kind === 'mixed') {
    const decade = matchAt(DECADE, text, start);
    return decade === null ? undefined : found(decadeOf(start, decade[1]!));
  }
  if (end - start !== 4 || !isYear(Number(token.word))) return undefined;
  const range = yearRange(text, start);
  if (range !== undefined) return range;
  if (matchAt(DECADE, text, start) !== null) return found(decadeOf(start, token.word));
  // Other digits joined to it make it part of something else: `2023-0001`, `2000.5`.
  if (token.chunk.digits !== 4 && !endsClean(text, end)) return undefined;
  if (/[,.]\d/.test(text.slice(end, end + 2))) return undefined;
  const before = wordBefore(scan, i);
  if (KEEP_AFTER.has(before) || (ROW_COUNTS.has(before) && before !== 'past')) return undefined;
  if (comparisonBefore(scan, i) !== 'none') return undefined;
  const after = whatFollows(scan, end, i + 1);
  if (after !== 'none' && after !== 'superlative') return undefined;
  return found(year(start, end, token.word));
}

function yearRange(text: string, start: number): Found | undefined {
  const range = matchAt(YEAR_RANGE, text, start);
  if (range === null) return undefined;
  const first = Number(range[1]);
  const short = range[3]!.length === 2;
  // `2019-12` is a month and was read as one; `2019-21` can only be a range.
  const last = short ? Math.floor(first / 100) * 100 + Number(range[3]) : Number(range[3]);
  if (!isYear(last) || last < first) return undefined;
  const end = start + range[0].length;
  if (!endsClean(text, end)) return undefined;
  const closing = year(end - range[3]!.length, end, String(last));
  return { matches: [year(start, start + 4, range[1]!), closing], end };
}

function fiscalYear(text: string, start: number): Found | undefined {
  const match = matchAt(FISCAL_YEAR, text, start);
  if (match === null) return undefined;
  const digits = match[1]!;
  const number = digits.length === 2 ? fullYear(Number(digits)) : Number(digits);
  if (!isYear(number)) return undefined;
  const end = start + match[0].length;
  return found(year(end - digits.length, end, String(number)));
}

function decadeOf(start: number, digits: string): Match {
  const message = 'names a decade; only its first year was taken';
  return { ...year(start, start + 4, digits), notes: [{ code: 'decade', message }] };
}

function year(start: number, end: number, value: string): Match {
  return { start, end, prefix: 'DATE', kind: 'year', type: 'date', value };
}

function found(match: Match): Found {
  return { matches: [match], end: match.end };
}
