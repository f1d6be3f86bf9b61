import { ask } from './asks.js';
import { fullYear, isUsualYear, isYear, quarterOrdinal } from './calendar.js';
import { comparisonBefore, whatFollows, wordBefore } from './context.js';
import { nounOf } from './nouns.js';
import { isFiscalBefore } from './fiscal.js';
import { afterListSign } from './spelled-dates.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';
import { DATE_WORDS, KEEP_AFTER, QUANTITIES, ROW_COUNTS, TIME_UNITS } from './words.js';

/** What may stand between a quarter and its year. fiscal.ts adds the note. */
const FISCAL = "(?:the[ \\t])?(?:fy|(?:fiscal|financial)(?:[ \\t-]year)?)[ \\t]?['’]?";
const QUARTER_YEAR = new RegExp(
  `q([1-4])(?:(?:[ \\t]{1,2}(?:of[ \\t]|in[ \\t])?(?:${FISCAL})?|[-/_]|,[ \\t]|fy)(\\d{4})|` +
    `(?:[ \\t]?['’]|[-/]|[ \\t]{1,2}(?:of[ \\t]|in[ \\t])?${FISCAL}|fy)(\\d{2}))(?![0-9A-Za-z])`,
  'iy',
);
const YEAR_QUARTER = /(\d{4})[ \t]?[-/]?[ \t]?q([1-4])(?![0-9A-Za-z])/iy;
const NUMBER_QUARTER = /([1-4])q[ \t]?(?:fy[ \t]?)?(\d{4}|\d{2})(?![0-9A-Za-z])/iy;
const ORDINAL_QUARTER = new RegExp(
  `([a-z0-9]{3,6})[ \\t-]{1,2}(?:fiscal[ \\t])?quarter(?:[ \\t]{1,2}(?:of|in))?,?[ \\t]{1,2}(?:the year[ \\t]|${FISCAL})?(\\d{4})(?![0-9A-Za-z])`,
  'iy',
);
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
    const year = yearOf(whole[2] ?? whole[3]!);
    return isYear(year) ? found(quarter(start, start + whole[0].length, Number(whole[1]), year)) : undefined;
  }
  return quarterList(text, start);
}

const NO_YEAR = 'is a quarter without a year; add the year';

/** `Q1 to Q3 2024`, `Q1, Q2 and Q3 2024`: every quarter takes the last one's year. */
function quarterList(text: string, start: number): Found | undefined {
  const quarters: { start: number; number: number }[] = [];
  for (let at = start; quarters.length < 4;) {
    const bare = matchAt(BARE_QUARTER, text, at);
    const next = bare === null ? undefined : afterListSign(text, at + 2);
    const last = next === undefined ? null : matchAt(QUARTER_YEAR, text, next);
    if (bare === null || next === undefined) return undefined;
    quarters.push({ start: at, number: Number(bare[1]) });
    if (last !== null) {
      const year = yearOf(last[2] ?? last[3]!);
      if (!isYear(year)) return undefined;
      // `Q4/Q1 2022` begins in a year that it does not name.
      const order = [...quarters.map(({ number }) => number), Number(last[1])];
      const isAcross = order.some((number, k) => k > 0 && number < order[k - 1]!);
      const earlier = quarters.map((one) =>
        isAcross
          ? ask('incomplete-date', one.start, one.start + 2, text, NO_YEAR)
          : quarter(one.start, one.start + 2, one.number, year),
      );
      const closing = quarter(next, next + last[0].length, Number(last[1]), year);
      return { matches: [...earlier, closing], end: closing.end };
    }
    at = next;
  }
  return undefined;
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
  const year = yearOf(digits);
  if (!isYear(year)) return undefined;
  return found(quarter(start, start + match[0].length, Number(match[quarterAt]), year));
}

function quarter(start: number, end: number, number: number, year: number): Match {
  return { start, end, prefix: 'DATE', kind: 'quarter', type: 'date', value: `${year}-Q${number}` };
}

const PERIOD =
  /^(?:(\d{4})(?:-(?:0[1-9]|1[0-2])|\/(?:0?[1-9]|1[0-2])|[-/](\d{4}|\d{2})|[-/]?q[1-4])|(?:0?[1-9]|1[0-2])[-/](\d{4})|(?:fy|cy)[-_]?(?:\d{4}|\d{2})(?:[-/](?:\d{4}|\d{2}))?|[1-4]q(?:fy)?(?:\d{4}|\d{2})|q[1-4](?:[-/]|fy)(?:\d{4}|\d{2}))$/i;

/** Whether a whole text without spaces is a month, a quarter or years: `2024-03`, `03/2024`, `2019-21`, `FY23`, `1Q24`. */
export function isPeriod(text: string): boolean {
  const period = text.length <= 11 ? PERIOD.exec(text) : null;
  if (period === null) return false;
  const [, first, last, yearOfMonth] = period;
  if (last !== undefined) return lastYear(Number(first), last) !== undefined;
  const year = first ?? yearOfMonth;
  return year === undefined || isYear(Number(year));
}

/** The last year of `2019-2021` or `2019-21`; undefined if this is not a range of years. */
function lastYear(first: number, digits: string): number | undefined {
  const last = digits.length === 2 ? Math.floor(first / 100) * 100 + Number(digits) : Number(digits);
  return isYear(first) && isYear(last) && last >= first ? last : undefined;
}

const YEAR_RANGE = /(\d{4})([-–—/])(\d{4}|\d{2})(?![0-9A-Za-z])/y;
const FISCAL_YEAR = /(?:fy|cy)[-_]?(\d{4}|\d{2})(?:([-–/])(\d{4}|\d{2})|[-_ ]?q([1-4]))?(?![0-9A-Za-z])/iy;

/** Years: `2023`, `2019-2021`, `2019-21`, `FY2023`. */
export function matchYear(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const { start, end } = token;
  if (token.word.startsWith('fy') || token.word.startsWith('cy')) return fiscalYear(text, start);
  if (token.kind === 'mixed') return undefined;
  if (end - start === 2 && endsClean(text, end) && isTwoDigitYear(scan, i)) {
    return found(year(start, end, String(yearOf(token.word))));
  }
  if (end - start !== 4 || !isYear(Number(token.word))) return undefined;
  const isPlain = isUsualYear(Number(token.word)) || isDatePlace(scan, i) || isAfterPlural(scan, i);
  const range = isPlain ? yearRange(text, start) : undefined;
  if (range !== undefined) return range;
  // With other digits joined, it is part of something else: `2023-0001`, `2000.5`.
  if (token.chunk.digits !== 4 && !endsClean(text, end)) return undefined;
  if (/^(?:,\d{3}(?!\d)|\.\d)/.test(text.slice(end, end + 5))) return undefined;
  const before = wordBefore(scan, i);
  if (!isPlain || KEEP_AFTER.has(before) || (ROW_COUNTS.has(before) && before !== 'past')) return undefined;
  if (comparisonBefore(scan, i) !== 'none' && !isUpToYear(scan, i)) return undefined;
  const after = whatFollows(scan, end, i + 1);
  if (after !== 'none' && after !== 'superlative') return undefined;
  return found(year(start, end, token.word));
}

/** Whether a date is likelier than a number before token `i`: `in 2104`, `the year 2104`, `2104 or 2105`. */
export function isDatePlace(scan: Scan, i: number): boolean {
  const before = wordBefore(scan, i);
  if (!DATE_WORDS.has(before)) return false;
  // `between 2150 and 2180`, `a total of 2150`: only a year, or what happened, before them makes a date.
  if (before === 'of') return !QUANTITIES.has(wordBefore(scan, i - 1)) && scan.tokens[i - 2] !== undefined;
  if (before === 'and' || before === 'or' || before === 'to' || before === 'through') {
    const other = scan.tokens[i - 2];
    return (
      other !== undefined && other.word.length === 4 && isYear(Number(other.word)) && isDatePlace(scan, i - 2)
    );
  }
  return before === 'between' || before === 'from' ? EVENTS.test(wordBefore(scan, i - 1)) : true;
}

/** `prescribed up to 2010`, but not `a cost of up to 2010` */
function isUpToYear(scan: Scan, i: number): boolean {
  if (wordBefore(scan, i) !== 'to' || wordBefore(scan, i - 1) !== 'up') return false;
  const before = wordBefore(scan, i - 2);
  return (
    isUsualYear(Number(scan.tokens[i]!.word)) &&
    !QUANTITIES.has(before) &&
    !/^(?:of|for|by|is|are|was|were|cost|spent|paid|with|and|or|from|in|at|)$/.test(before)
  );
}

const YEARS = /(\d{4})(?:[-–]| to )(\d{4})(?![0-9A-Za-z]|[-.,:/]\d| (?:and|to) \d)/y;
const OTHER_YEARS = /^\d{4}(?:[-–]| to )$/;
/** Records cover at most so many years, of which the first is written with the last. */
const MOST_YEARS = 60;

/** `screens 2140-2145`, `EEGs 2140 to 2145`: years that are rare elsewhere, right behind what happened in them. */
function isAfterPlural(scan: Scan, i: number): boolean {
  const { text, tokens } = scan;
  if (!isPluralEvent(wordBefore(scan, i))) {
    const first = text[tokens[i]!.start - 1] === ' ' ? i - 2 : i - 1;
    const previous = tokens[first];
    if (previous === undefined || !OTHER_YEARS.test(text.slice(previous.start, tokens[i]!.start)))
      return false;
    return isAfterPlural(scan, first);
  }
  const years = matchAt(YEARS, text, tokens[i]!.start);
  if (years === null) return false;
  const [from, to] = [Number(years[1]), Number(years[2])];
  return isYear(from) && isYear(to) && from < to && to - from <= MOST_YEARS;
}

/** A plural that is followed neither by an amount nor by an ID. */
function isPluralEvent(word: string): boolean {
  return (
    /[^sui]s$/.test(word) &&
    word.length > 3 &&
    !QUANTITIES.has(word) &&
    !KEEP_AFTER.has(word) &&
    !TIME_UNITS.has(word) &&
    nounOf(word) === undefined
  );
}

/** What a date follows: `born between 1871 and 1884`, `stays from 2104`. */
const EVENTS =
  /(?:ed|born|seen|given|taken|done|died|years?|dates?|dob|stays?|visits?|admissions?|encounters?|events?|tests?|results?|records?|claims?|orders?|procedures?|patients?|diagnos[ei]s|prescriptions?|departments?|units?|wards?|icu|hospitals?|or|and)$/;

const NO_NOUN = /^(?:$|[?.,;:)/–-]| (?:and|or|to|by|with|for|in|of|per|through|until|versus|vs)[ ])/;

/** `CY 23`, `FY '23`, `fiscal year 23`. In `each fiscal year 23 patients` the number counts patients. */
function isTwoDigitYear(scan: Scan, i: number): boolean {
  if (/^[fc]y$/.test(wordBefore(scan, i))) return true;
  const { start, end } = scan.tokens[i]!;
  return isFiscalBefore(scan.text, start) && NO_NOUN.test(scan.text.slice(end, end + 9));
}

function yearRange(text: string, start: number): Found | undefined {
  const range = matchAt(YEAR_RANGE, text, start);
  if (range === null) return undefined;
  const first = Number(range[1]);
  // `2019-12` was already read as a month; `2019-21` can only be a range.
  const last = lastYear(first, range[3]!);
  if (last === undefined) return undefined;
  const end = start + range[0].length;
  if (!endsClean(text, end)) return undefined;
  const closing = year(end - range[3]!.length, end, String(last));
  return { matches: [year(start, start + 4, range[1]!), closing], end };
}

function fiscalYear(text: string, start: number): Found | undefined {
  const match = matchAt(FISCAL_YEAR, text, start);
  if (match === null) return undefined;
  const number = yearOf(match[1]!);
  if (!isYear(number)) return undefined;
  const end = start + match[0].length;
  if (match[4] !== undefined) return found(quarter(start, end, Number(match[4]), number));
  const tail = match[3] ?? '';
  const firstEnd = end - tail.length - (match[2] ?? '').length;
  const first = year(tail === '' ? start : firstEnd - match[1]!.length, firstEnd, String(number));
  if (tail === '') return found(first);
  const last = yearOf(tail);
  return isYear(last) && last >= number
    ? { matches: [first, year(end - tail.length, end, String(last))], end }
    : found(first);
}

function yearOf(digits: string): number {
  return digits.length === 2 ? fullYear(Number(digits)) : Number(digits);
}

function year(start: number, end: number, value: string): Match {
  return { start, end, prefix: 'DATE', kind: 'year', type: 'date', value };
}

function found(match: Match): Found {
  return { matches: [match], end: match.end };
}
