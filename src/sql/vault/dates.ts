import { fullYear, isDay, isYear, isoDay, isoMonth, monthNumber } from './calendar.js';
import { tokenAfter, wordBefore } from './context.js';
import {
  afterRangeSign,
  readDayAndYear,
  readDayFirst,
  readDayOnly,
  readMonthFirst,
  readMonthYear,
} from './spelled-dates.js';
import type { SpelledDay } from './spelled-dates.js';
import { endsClean, matchAt } from './text.js';
import { readTime, readTimeAfter } from './times.js';
import type { Found, Match, Scan } from './types.js';
import { DATE_WORDS, TIME_UNITS } from './words.js';

type MatchNote = NonNullable<Match['notes']>[number];

const TWO_DIGIT_YEAR: MatchNote = {
  code: 'two-digit-year',
  message: 'has a year of two digits, read as 1950 to 2049',
};
const ZONE: MatchNote = {
  code: 'time-zone-ignored',
  message: 'names a time zone; the clock time is used as written',
};

const YEAR_FIRST = /(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/y;
const YEAR_LAST = /(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/y;
const YEAR_MONTH = /(\d{4})([-/])(\d{1,2})(?!\d)/y;
const MONTH_YEAR = /(\d{1,2})[-/](\d{4})(?!\d)/y;
const COMPACT = /(\d{4})(\d{2})(\d{2})(?!\d)/y;
const ANOTHER_DATE = /\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}/y;

/** Dates that begin with a digit: `2024-03-05T10:00`, `3/5/2024`, `2024/03`, `5 March 2024`, `5–10 March 2024`. */
export function matchDigitDate(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { kind, start, end } = scan.tokens[i]!;
  // Which forms are possible shows without a regular expression: most numbers are none of them.
  const isSigned = kind === 'number' && (text[end] === '-' || text[end] === '/' || text[end] === '.');
  const canBeDay = kind === 'mixed' || end - start <= 2;
  return (
    (isSigned ? (numericDay(scan, start) ?? numericMonth(scan, i)) : undefined) ??
    compactDay(scan, i) ??
    (canBeDay ? (dayFirst(scan, i) ?? dayRange(text, start)) : undefined)
  );
}

/** Dates that begin with the name of a month: `March 5, 2024`, `Mar 2024`, `March 5–10, 2024`, `May to June 2024`. */
export function matchMonthDate(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  if (monthNumber(token.word) === undefined) return undefined;
  const spelled = readMonthFirst(text, token.start);
  if (spelled !== undefined) {
    if (spelled.year !== undefined) return single(spelledDay(text, token.start, spelled, spelled.year));
    const ranged = monthFirstRange(text, token.start, spelled);
    if (ranged !== undefined) return ranged;
  }
  const month = readMonthYear(text, token.start);
  if (month !== undefined && isYear(month.year)) return single(spelledMonth(token.start, month));
  if (spelled !== undefined) return incomplete(scan, i, spelled);
  return monthRange(text, token.start, token.end, monthNumber(token.word));
}

/** A clock time on its own: `10:30 pm`, `after 10:30`. */
export function matchTime(scan: Scan, i: number): Found | undefined {
  const { kind, start, end } = scan.tokens[i]!;
  if (kind === 'number' && end - start > 2) return undefined;
  const time = readTime(scan.text, start);
  if (time === undefined || !endsClean(scan.text, time.end)) return undefined;
  const notes = time.zone ? { notes: [ZONE] } : {};
  return single({
    start,
    end: time.end,
    prefix: 'TEXT',
    kind: 'time',
    type: 'varchar',
    value: time.value,
    ...notes,
  });
}

/** Whether a numeric date is written here, possible or not: then it is no ID. */
export function looksLikeDate(text: string, at: number): boolean {
  return matchAt(YEAR_FIRST, text, at) !== null || matchAt(YEAR_LAST, text, at) !== null;
}

function numericDay(scan: Scan, start: number): Found | undefined {
  const { text } = scan;
  const iso = matchAt(YEAR_FIRST, text, start);
  if (iso !== null) {
    const [year, month, day] = [Number(iso[1]), Number(iso[3]), Number(iso[4])];
    const end = start + iso[0].length;
    if (!isDay(year, month, day)) return endsClean(text, end) ? single(invalid(start, end, text)) : undefined;
    return dated(text, start, end, isoDay(year, month, day), []);
  }
  const other = matchAt(YEAR_LAST, text, start);
  if (other === null) return undefined;
  const short = other[4]!.length === 2;
  if (short && other[2] === '.' && !(other[1]!.length === 2 && other[3]!.length === 2)) return undefined;
  const end = start + other[0].length;
  const year = short ? fullYear(Number(other[4])) : Number(other[4]);
  const [first, second] = [Number(other[1]), Number(other[3])];
  const ambiguous = first <= 12 && second <= 12 && first !== second;
  const order = ambiguous ? (scan.dateOrder ?? 'mdy') : first > 12 ? 'dmy' : 'mdy';
  const [month, day] = order === 'mdy' ? [first, second] : [second, first];
  if (!isDay(year, month, day)) {
    return short || !endsClean(text, end) ? undefined : single(invalid(start, end, text));
  }
  const notes: MatchNote[] = short ? [TWO_DIGIT_YEAR] : [];
  if (ambiguous) notes.push(ambiguity(order, scan.dateOrder !== undefined));
  return dated(text, start, end, isoDay(year, month, day), notes);
}

/** The day, with the time that may follow it. */
function dated(
  text: string,
  start: number,
  dayEnd: number,
  day: string,
  notes: MatchNote[],
): Found | undefined {
  const match = withTime(text, start, dayEnd, day, notes);
  if (!endsClean(text, match.end) && matchAt(ANOTHER_DATE, text, match.end + 1) === null) return undefined;
  return single(match);
}

function withTime(
  text: string,
  start: number,
  dayEnd: number,
  day: string,
  notes: readonly MatchNote[],
): Match {
  const time = readTimeAfter(text, dayEnd);
  const all = time?.zone === true ? [...notes, ZONE] : notes;
  return {
    start,
    end: time?.end ?? dayEnd,
    prefix: 'DATE',
    kind: time === undefined ? 'date' : 'timestamp',
    type: time === undefined ? 'date' : 'datetime2',
    value: time === undefined ? day : `${day}T${time.value}`,
    ...(all.length === 0 ? {} : { notes: all }),
  };
}

function numericMonth(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const yearFirst = matchAt(YEAR_MONTH, text, start);
  if (yearFirst !== null) {
    // `2019-8` is a LOINC code as well; only a word before it makes it a month.
    if (yearFirst[3]!.length === 1 && yearFirst[2] === '-' && !DATE_WORDS.has(wordBefore(scan, i)))
      return undefined;
    return month(text, start, start + yearFirst[0].length, Number(yearFirst[1]), Number(yearFirst[3]));
  }
  const monthFirst = matchAt(MONTH_YEAR, text, start);
  if (monthFirst === null) return undefined;
  return month(text, start, start + monthFirst[0].length, Number(monthFirst[2]), Number(monthFirst[1]));
}

function month(text: string, start: number, end: number, year: number, number: number): Found | undefined {
  if (!isYear(year) || number < 1 || number > 12) return undefined;
  if (!endsClean(text, end) && matchAt(ANOTHER_DATE, text, end + 1) === null) return undefined;
  return single({ start, end, prefix: 'DATE', kind: 'month', type: 'date', value: isoMonth(year, number) });
}

/** `20240305`, where the word before it puts a date. */
function compactDay(scan: Scan, i: number): Found | undefined {
  const token = scan.tokens[i]!;
  if (token.end - token.start !== 8 || token.kind !== 'number' || !DATE_WORDS.has(wordBefore(scan, i)))
    return undefined;
  const parts = matchAt(COMPACT, scan.text, token.start);
  if (parts === null || !endsClean(scan.text, token.end)) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (!isYear(year) || !isDay(year, month, day)) return undefined;
  return single(withTime(scan.text, token.start, token.end, isoDay(year, month, day), []));
}

function dayFirst(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const spelled = readDayFirst(text, start);
  if (spelled === undefined) return undefined;
  if (spelled.year !== undefined) return single(spelledDay(text, start, spelled, spelled.year));
  const second = afterRangeSign(text, spelled.end);
  const other = second === undefined ? undefined : readDayFirst(text, second);
  if (second !== undefined && other?.year !== undefined) {
    return pair(spelledDay(text, start, spelled, other.year), spelledDay(text, second, other, other.year));
  }
  return incomplete(scan, i, spelled);
}

/** `5–10 March 2024`, `5 to 10 March 2024`. */
function dayRange(text: string, start: number): Found | undefined {
  const first = readDayOnly(text, start);
  if (first === undefined) return undefined;
  const second = afterRangeSign(text, first.end);
  const other = second === undefined ? undefined : readDayFirst(text, second);
  if (second === undefined || other?.year === undefined) return undefined;
  const opening: SpelledDay = { ...other, day: first.day, end: first.end, shortYear: false };
  if (!isDay(other.year, other.month, first.day)) return undefined;
  return pair(spelledDay(text, start, opening, other.year), spelledDay(text, second, other, other.year));
}

/** `March 5–10, 2024`, `March 5 to April 10, 2024`. */
function monthFirstRange(text: string, start: number, first: SpelledDay): Found | undefined {
  const second = afterRangeSign(text, first.end);
  if (second === undefined) return undefined;
  const other = readMonthFirst(text, second);
  if (other?.year !== undefined) {
    return pair(spelledDay(text, start, first, other.year), spelledDay(text, second, other, other.year));
  }
  const day = readDayAndYear(text, second);
  if (day === undefined) return undefined;
  const closing: SpelledDay = { ...first, day: day.day, end: day.end };
  return pair(spelledDay(text, start, first, day.year), spelledDay(text, second, closing, day.year));
}

/** `January to March 2024`: the first month takes the year of the second. */
function monthRange(text: string, start: number, end: number, first: number | undefined): Found | undefined {
  if (first === undefined || text[start]! > 'Z') return undefined;
  const second = afterRangeSign(text, end);
  const other = second === undefined ? undefined : readMonthYear(text, second);
  if (second === undefined || other === undefined || !isYear(other.year)) return undefined;
  const opening = { month: first, year: other.year, end, shortYear: false };
  return pair(spelledMonth(start, opening), spelledMonth(second, other));
}

function spelledDay(text: string, start: number, spelled: SpelledDay, year: number): Match {
  if (!isDay(year, spelled.month, spelled.day)) return invalid(start, spelled.end, text);
  const notes = spelled.shortYear ? [TWO_DIGIT_YEAR] : [];
  return withTime(text, start, spelled.end, isoDay(year, spelled.month, spelled.day), notes);
}

function spelledMonth(
  start: number,
  spelled: { month: number; year: number; end: number; shortYear: boolean },
): Match {
  const value = isoMonth(spelled.year, spelled.month);
  const notes = spelled.shortYear ? { notes: [TWO_DIGIT_YEAR] } : {};
  return { start, end: spelled.end, prefix: 'DATE', kind: 'month', type: 'date', value, ...notes };
}

/** `March 5` without a year: no date can be made of it, and it is taken out all the same. */
function incomplete(scan: Scan, i: number, spelled: SpelledDay): Found | undefined {
  if (!spelled.capital || spelled.day < 1 || spelled.day > 31) return undefined;
  if (TIME_UNITS.has(tokenAfter(scan, spelled.end, i)?.word ?? '')) return undefined;
  const { start } = scan.tokens[i]!;
  return single({
    ...plainKey(start, spelled.end, scan.text),
    notes: [
      {
        code: 'incomplete-date',
        message: 'is a date without a year and was kept as plain text; write the year',
      },
    ],
  });
}

function invalid(start: number, end: number, text: string): Match {
  return {
    ...plainKey(start, end, text),
    notes: [
      {
        code: 'invalid-date',
        message: 'is written like a date that does not exist and was kept as plain text',
      },
    ],
  };
}

function plainKey(start: number, end: number, text: string): Match {
  return { start, end, prefix: 'ID', kind: 'key', type: 'varchar', value: text.slice(start, end) };
}

function ambiguity(order: 'mdy' | 'dmy', chosen: boolean): MatchNote {
  const reading = order === 'mdy' ? 'month/day/year' : 'day/month/year';
  const advice = chosen ? 'as asked' : 'choose with the date order mdy or dmy';
  return { code: 'ambiguous-date', message: `can be read in two ways and was read as ${reading}; ${advice}` };
}

function single(match: Match): Found {
  return { matches: [match], end: match.end };
}

function pair(first: Match, second: Match): Found {
  return { matches: [first, second], end: second.end };
}
