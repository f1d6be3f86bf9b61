import { ask, askForDay, askForYear, NO_MONTH } from './asks.js';
import { fullYear, isDay, isUsualYear, isYear, isoDay, isoMonth, monthNumber } from './calendar.js';
import { isNamedDay, readCompact } from './compact-days.js';
import { tokenAfter, wordBefore } from './context.js';
import {
  afterListSign,
  readDayFirst,
  readMonthFirst,
  readMonthOnly,
  readMonthYear,
} from './spelled-dates.js';
import type { SpelledDay } from './spelled-dates.js';
import { dayFirstList, monthFirstList, ordinalDays, type ListedDay } from './day-lists.js';
import { dayWithoutYear, unclearDate } from './partial-dates.js';
import { endsClean, matchAt } from './text.js';
import { readTime, readTimeAfter, ZONE } from './times.js';
import { yearAfter } from './worded-dates.js';
import type { Found, Match, Scan } from './types.js';
import { DATE_WORDS, KEEP_AFTER, TIME_UNITS, VERSIONS } from './words.js';

type MatchNote = NonNullable<Match['notes']>[number];

const TWO_DIGIT_YEAR: MatchNote = {
  code: 'two-digit-year',
  message: 'has a two-digit year, read as 1950 to 2049',
};

const YEAR_FIRST = /(\d{4})([-/.\u2010\u2011–])(\d{1,2})\2(\d{1,2})(?!\d)/y;
const YEAR_LAST = /(\d{1,2})([-/.\u2010\u2011–])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/y;
const DATE_SIGNS = '-/.\u2010\u2011–';
const YEAR_MONTH = /(\d{4})([-/])(\d{1,2})(?!\d)/y;
const MONTH_YEAR = /(\d{1,2})[-/](\d{4})(?!\d)/y;
const ANOTHER_DATE = /\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d{1,2}\/\d{4}(?!\d)/y;

/** Dates that start with a digit: `2024-03-05T10:00`, `3/5/2024`, `2024/03`, `5 March 2024`, `5–10 March 2024`. */
export function matchDigitDate(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { kind, start, end } = scan.tokens[i]!;
  // Most numbers can have none of these forms; rule them out without a regular expression.
  const isSigned = kind === 'number' && DATE_SIGNS.includes(text[end] ?? ' ');
  const canBeDay = kind === 'mixed' || end - start <= 2;
  return (
    (isSigned
      ? (numericDay(scan, i) ?? numericMonth(scan, i) ?? dayWithoutYear(scan, i) ?? unclearDate(scan, i))
      : undefined) ??
    compactDay(scan, i) ??
    (canBeDay ? dayFirst(scan, i) : undefined) ??
    (kind === 'mixed' ? dayOfSomeMonth(scan, i) : undefined)
  );
}

/** `on the 15th` */
function dayOfSomeMonth(scan: Scan, i: number): Found | undefined {
  const days = ordinalDays(scan, i);
  if (days === undefined) return undefined;
  const matches = days.map(({ start, end }) => ask('incomplete-date', start, end, scan.text, NO_MONTH));
  return { matches, end: matches.at(-1)!.end };
}

/** Dates that start with a month name: `March 5, 2024`, `Mar 2024`, `March 5–10, 2024`, `May to June 2024`. */
export function matchMonthDate(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  if (monthNumber(token.word) === undefined) return undefined;
  const spelled = readMonthFirst(text, token.start);
  if (spelled !== undefined) {
    if (spelled.year !== undefined) return single(spelledDay(text, token.start, spelled, spelled.year));
    const days = monthFirstList(scan, i, spelled);
    if (days !== undefined) return listed(text, days);
  }
  const month = readMonthYear(text, token.start);
  if (month !== undefined && isYear(month.year)) return single(spelledMonth(token.start, month));
  if (spelled !== undefined) return incomplete(scan, i, spelled);
  return monthList(text, token.start);
}

/** Whether a numeric date starts here, even an impossible one: then it is not an ID. */
export function looksLikeDate(text: string, at: number): boolean {
  const first = matchAt(YEAR_FIRST, text, at);
  if (first !== null) return canBeDay(Number(first[1]), Number(first[3]), Number(first[4]));
  const last = matchAt(YEAR_LAST, text, at);
  if (last === null) return false;
  const [a, b, year] = [Number(last[1]), Number(last[3]), yearLast(last)];
  return last[4]!.length === 2
    ? isDay(year, a, b) || isDay(year, b, a)
    : canBeDay(year, a, b) || isDay(year, b, a);
}

/** Whether the day exists, or at least its year is plausible; `0012-34-56` is neither. */
function canBeDay(year: number, month: number, day: number): boolean {
  return isYear(year) || isDay(year, month, day);
}

function yearLast(match: RegExpExecArray): number {
  const digits = match[4]!;
  return digits.length === 2 ? fullYear(Number(digits)) : Number(digits);
}

function numericDay(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const iso = matchAt(YEAR_FIRST, text, start);
  if (iso !== null) {
    const [year, month, day] = [Number(iso[1]), Number(iso[3]), Number(iso[4])];
    const end = start + iso[0].length;
    if (!isDay(year, month, day)) {
      return isYear(year) && endsClean(text, end) ? single(askForDay(start, end, text)) : undefined;
    }
    return dated(text, start, end, isoDay(year, month, day), []);
  }
  const other = matchAt(YEAR_LAST, text, start);
  if (other === null) return undefined;
  const short = other[4]!.length === 2;
  const end = start + other[0].length;
  // `2–3–10` is a list, and `1.2.24` a date only where one must follow; two digits each make one anywhere.
  if (short && !'-/'.includes(other[2]!) && (other[2] !== '.' || other[0].length !== 8)) {
    if (other[2] !== '.' || !endsClean(text, end)) return undefined;
    const before = wordBefore(scan, i);
    if (!DATE_WORDS.has(before) && !isNamedDay(scan, i))
      return VERSIONS.has(before) || KEEP_AFTER.has(before) || !canBeShort(other)
        ? undefined
        : single(ask('incomplete-date', start, end, text, SHORT_YEAR));
  }
  const year = yearLast(other);
  const [first, second] = [Number(other[1]), Number(other[3])];
  const ambiguous = first <= 12 && second <= 12 && first !== second;
  const order = ambiguous ? (scan.dateOrder ?? 'mdy') : first > 12 ? 'dmy' : 'mdy';
  const [month, day] = order === 'mdy' ? [first, second] : [second, first];
  if (!isDay(year, month, day)) {
    if (short && '/.'.includes(other[2]!) && endsClean(text, end) && canBeShort(other))
      return single(askForDay(start, end, text));
    return short || !isYear(year) || !endsClean(text, end) ? undefined : single(askForDay(start, end, text));
  }
  const notes: MatchNote[] = short ? [TWO_DIGIT_YEAR] : [];
  if (ambiguous) notes.push(ambiguity(order, scan.dateOrder !== undefined));
  return dated(text, start, end, isoDay(year, month, day), notes);
}

/** `two thousand and nineteen` after `the 1st of January` */
function wordedYear(scan: Scan, i: number, end: number): { value: number; end: number } | undefined {
  let next = i;
  while (next < scan.tokens.length && scan.tokens[next]!.start < end) next++;
  return yearAfter(scan, { value: 0, end, next });
}

const SHORT_YEAR = 'may be a date with a two-digit year; write the year with four digits';

/** Whether the first two numbers can be meant for a day and a month. */
function canBeShort(match: RegExpExecArray): boolean {
  const [first, second] = [Number(match[1]), Number(match[3])];
  return Math.min(first, second) <= 12 && Math.max(first, second) <= 31 && first > 0 && second > 0;
}

/** The day, and the time after it if there is one. */
function dated(
  text: string,
  start: number,
  dayEnd: number,
  day: string,
  notes: MatchNote[],
): Found | undefined {
  const match = withTime(text, start, dayEnd, day, notes);
  if (!endsClean(text, match.end) && !goesOn(text, match)) return undefined;
  return single(match);
}

/** `3/1/2024-3/31/2024`, `2024-03-05 8:00-17:00`: whether the other end of a range is joined. */
function goesOn(text: string, { end, kind }: Match): boolean {
  if (matchAt(ANOTHER_DATE, text, end + 1) !== null) return true;
  return kind === 'timestamp' && text[end] === '-' && readTime(text, end + 1) !== undefined;
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
    notes: all.length === 0 ? undefined : all,
  };
}

function numericMonth(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const yearFirst = matchAt(YEAR_MONTH, text, start);
  if (yearFirst !== null) {
    // `2019-8` could also be a LOINC code; only a word before it makes it a month.
    const isDoubtful = yearFirst[3]!.length === 1 || !isUsualYear(Number(yearFirst[1]));
    if (isDoubtful && yearFirst[2] === '-' && !DATE_WORDS.has(wordBefore(scan, i))) return undefined;
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

const LEAP_YEAR = 2024;

/** `20240305`, if the word before it introduces a date. */
function compactDay(scan: Scan, i: number): Found | undefined {
  const token = scan.tokens[i]!;
  if (token.end - token.start !== 8 || token.kind !== 'number') return undefined;
  const iso = readCompact(scan.text, token.start);
  if (iso === undefined || !(isDayPlace(scan, i, iso) || isNamedDay(scan, i))) return undefined;
  return single(withTime(scan.text, token.start, token.end, iso, []));
}

/**
 * Whether the word before eight digits makes them a day. In a year that is rare elsewhere they may as well be an ID, and
 * only words that nothing but a time follows do: `since 22001002`, but not `how many of 22001002`.
 */
function isDayPlace(scan: Scan, i: number, iso: string): boolean {
  const before = wordBefore(scan, i);
  if (!DATE_WORDS.has(before)) return false;
  if (isUsualYear(Number(iso.slice(0, 4))) || !/^(?:and|or|to|of|for|as|vs|versus)$/.test(before))
    return true;
  if (before === 'of') return wordBefore(scan, i - 1) === 'as';
  if (before !== 'and' && before !== 'or' && before !== 'to') return false;
  const other = scan.tokens[i - 2];
  return other !== undefined && other.end - other.start === 8 && compactDay(scan, i - 2) !== undefined;
}

function dayFirst(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const spelled = readDayFirst(text, start);
  if (spelled?.year !== undefined) return single(spelledDay(text, start, spelled, spelled.year));
  const days = dayFirstList(scan, i);
  if (days !== undefined) return listed(text, days);
  return spelled === undefined ? undefined : incomplete(scan, i, spelled);
}

/** Days that take the year of the last. One that would come after it, as in `Dec 30 to Jan 2, 2022`, is asked for. */
function listed(text: string, days: readonly ListedDay[]): Found {
  const { day: last } = days.at(-1)!;
  const matches = days.map(({ start, day }, k) => {
    const isOfYear = last.year !== undefined && (k === days.length - 1 || day.month <= last.month);
    return isOfYear ? spelledDay(text, start, day, last.year!) : askForYear(start, day.end, text);
  });
  return { matches, end: matches.at(-1)!.end };
}

/** `January to March 2024`, `March, April and May 2024`: every month takes the year of the last. */
function monthList(text: string, start: number): Found | undefined {
  const months: { start: number; month: number; end: number }[] = [];
  for (let at = start; months.length < 12;) {
    const last = months.length === 0 ? undefined : readMonthYear(text, at);
    if (last !== undefined && isYear(last.year)) {
      // `Dec/Jan 2022` begins in a year that it does not name.
      const order = [...months.map(({ month }) => month), last.month];
      const isAcross = order.some((month, k) => k > 0 && month < order[k - 1]!);
      const earlier = months.map((one) =>
        isAcross
          ? askForYear(one.start, one.end, text)
          : spelledMonth(one.start, { ...one, year: last.year, shortYear: false }),
      );
      return { matches: [...earlier, spelledMonth(at, last)], end: last.end };
    }
    const month = readMonthOnly(text, at);
    const next = month === undefined ? undefined : afterListSign(text, month.end);
    if (month === undefined || next === undefined) return undefined;
    months.push({ start: at, ...month });
    at = next;
  }
  return undefined;
}

function spelledDay(text: string, start: number, spelled: SpelledDay, year: number): Match {
  if (!isDay(year, spelled.month, spelled.day)) return askForDay(start, spelled.end, text);
  const notes = spelled.shortYear ? [TWO_DIGIT_YEAR] : [];
  return withTime(text, start, spelled.end, isoDay(year, spelled.month, spelled.day), notes);
}

function spelledMonth(
  start: number,
  spelled: { month: number; year: number; end: number; shortYear: boolean },
): Match {
  const value = isoMonth(spelled.year, spelled.month);
  const notes = spelled.shortYear ? [TWO_DIGIT_YEAR] : undefined;
  return { start, end: spelled.end, prefix: 'DATE', kind: 'month', type: 'date', value, notes };
}

/** `March 5` without a year: not a full date, but still a value that the model must not see. */
function incomplete(scan: Scan, i: number, spelled: SpelledDay): Found | undefined {
  // `may` and `march` are also ordinary words.
  if (!spelled.capital && (spelled.month === 3 || spelled.month === 5)) return undefined;
  if (spelled.day < 1 || spelled.day > 39) return undefined;
  if (TIME_UNITS.has(tokenAfter(scan, spelled.end, i)?.word ?? '')) return undefined;
  const { start } = scan.tokens[i]!;
  const year = wordedYear(scan, i, spelled.end);
  if (year !== undefined)
    return single(spelledDay(scan.text, start, { ...spelled, end: year.end }, year.value));
  if (!isDay(LEAP_YEAR, spelled.month, spelled.day)) return single(askForDay(start, spelled.end, scan.text));
  return single(askForYear(start, spelled.end, scan.text));
}

function ambiguity(order: 'mdy' | 'dmy', chosen: boolean): MatchNote {
  const reading = order === 'mdy' ? 'month/day/year' : 'day/month/year';
  const advice = chosen ? 'as requested' : 'to choose, set the date order to mdy or dmy (--date-order)';
  return { code: 'ambiguous-date', message: `can be read in two ways and was read as ${reading}; ${advice}` };
}

function single(match: Match): Found {
  return { matches: [match], end: match.end };
}
