import { isDay, monthNumber } from './calendar.js';
import { wordBefore } from './context.js';
import { amount } from './thresholds.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';

const THIS = '(?:this|last|the[ ](?:last|previous|current|past|prior)|previous|current|past|prior|next)';
const OF_YEAR = `(?:,?[ ](?:of|in|from)[ ]|,?[ ]|/)${THIS}[ ]year(?![a-z])`;
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';

const MONTH_DAY = new RegExp(`([a-z]{3,9})\\.?[ ](?:the[ ])?${DAY}(?=${OF_YEAR})`, 'iy');
const DAY_MONTH = new RegExp(`${DAY}[ ](?:of[ ])?([a-z]{3,9})(?=${OF_YEAR})`, 'iy');
const MONTH = new RegExp(`([a-z]{3,9})(?=${OF_YEAR})`, 'iy');
const NUMERIC = new RegExp(`(\\d{1,2})(?:/(\\d{1,2}))?(?=/${THIS}[ ]year(?![a-z]))`, 'iy');
const DAY_OF_MONTH = new RegExp(`${DAY}(?=[ ](?:day[ ])?of[ ]${THIS}[ ]month(?![a-z]))`, 'iy');
const AFTER_MONTH = /(\d{1,2})(?!\d|[/.]\d)/y;
const LEAP_YEAR = 2024;

/**
 * A day or month of a year or month that the clock tells: `June 9 of last year`, `12/this year`, `the 6th of last month`,
 * `this month/21`. Its numbers are taken out; `last year` stays.
 */
export function matchRelativeDay(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start, kind, word } = tokens[i]!;
  if (kind === 'word') {
    if (monthNumber(word) === undefined) return undefined;
    const named = matchAt(MONTH_DAY, text, start);
    if (named !== null) {
      const month = monthMatch(start, named[1]!);
      const end = start + named[0].length;
      return pairOf(month, dayMatch(text, end, named[2]!), end);
    }
    const alone = matchAt(MONTH, text, start);
    return alone === null ? undefined : one(monthMatch(start, alone[1]!));
  }
  const numeric = matchAt(NUMERIC, text, start);
  if (numeric !== null) return numericDay(scan, start, numeric);
  const first = matchAt(DAY_MONTH, text, start);
  if (first !== null && monthNumber(first[2]!.toLowerCase()) !== undefined) {
    const end = start + first[0].length;
    const month = monthMatch(end - first[2]!.length, first[2]!);
    const length = first[0].search(/[ ]/);
    return pairOf({ ...part(start, text.slice(start, start + length), first[1]!, 'day-number') }, month, end);
  }
  const day = matchAt(DAY_OF_MONTH, text, start);
  if (day !== null && isOfMonth(Number(day[1]))) return one(part(start, day[0], day[1]!, 'day-number'));
  if (text[start - 1] === '/' && wordBefore(scan, i) === '' && tokens[i - 1]?.word === 'month') {
    const after = matchAt(AFTER_MONTH, text, start);
    if (after !== null && isOfMonth(Number(after[1])) && endsClean(text, start + after[0].length))
      return one(part(start, after[0], after[1]!, 'day-number'));
  }
  return undefined;
}

function numericDay({ dateOrder }: Scan, start: number, match: RegExpExecArray): Found | undefined {
  const [whole, first, second] = match as unknown as [string, string, string | undefined];
  if (second === undefined) {
    return Number(first) >= 1 && Number(first) <= 12
      ? one(part(start, first, first, 'month-number'))
      : undefined;
  }
  const isMonthFirst = dateOrder !== 'dmy';
  const [month, day] = isMonthFirst ? [first, second] : [second, first];
  if (!isDay(LEAP_YEAR, Number(month), Number(day))) return undefined;
  const kinds = isMonthFirst ? ['month-number', 'day-number'] : ['day-number', 'month-number'];
  const end = start + whole.length;
  return pairOf(
    part(start, first, first, kinds[0]!),
    part(end - second.length, second, second, kinds[1]!),
    end,
  );
}

function isOfMonth(day: number): boolean {
  return day >= 1 && day <= 31;
}

function monthMatch(start: number, spelled: string): Match {
  return part(start, spelled, String(monthNumber(spelled.toLowerCase())), 'month-number');
}

/** The day that ends at `end`, with its ordinal ending. */
function dayMatch(text: string, end: number, digits: string): Match {
  const start = text.lastIndexOf(digits, end - 1);
  return part(start, text.slice(start, end), digits, 'day-number');
}

function part(start: number, text: string, digits: string, kind: string): Match {
  return { ...amount(start, text, String(Number(digits)), false), kind };
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}

function pairOf(first: Match, second: Match, end: number): Found {
  return { matches: [first, second], end };
}
