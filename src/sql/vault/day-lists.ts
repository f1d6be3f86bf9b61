import { isDay } from './calendar.js';
import { tokenAfter, whatFollows, wordBefore } from './context.js';
import {
  afterListSign,
  readDayAndYear,
  readDayFirst,
  readDayOnly,
  readMonthFirst,
  type SpelledDay,
} from './spelled-dates.js';
import { matchAt } from './text.js';
import type { Scan } from './types.js';

/** One day of a list, with the month of the list. The last one has its year, if any has. */
export interface ListedDay {
  start: number;
  day: SpelledDay;
}

const MOST_DAYS = 12;
const LEAP_YEAR = 2024;

/** `March 5–10, 2024`, `March 15, 16 and 20, 2021`, `March 5 to April 10, 2024`; without a year `April 3, 7 and 9`. */
export function monthFirstList(scan: Scan, i: number, first: SpelledDay): ListedDay[] | undefined {
  const { text, tokens } = scan;
  const days: ListedDay[] = [{ start: tokens[i]!.start, day: first }];
  for (
    let last = first, at = afterListSign(text, last.end);
    at !== undefined && days.length < MOST_DAYS;
    at = afterListSign(text, last.end)
  ) {
    const day: SpelledDay | undefined = readMonthFirst(text, at) ?? dayOf(text, at, last);
    if (day === undefined) break;
    days.push({ start: at, day });
    if (day.year !== undefined) return days;
    last = day;
  }
  return listWithoutYear(scan, i, days);
}

/** `10`, `10, 2024` after `March 5`. */
function dayOf(text: string, at: number, before: SpelledDay): SpelledDay | undefined {
  const dated = readDayAndYear(text, at);
  if (dated !== undefined) return { ...before, ...dated, shortYear: false };
  const day = readDayOnly(text, at);
  return day === undefined ? undefined : { ...before, ...day };
}

/** `5–10 March 2024`, `15, 16 and 20 March 2021`, `3 March, 5 April and 7 May 2021`; without a year `3 to 5 March`. */
export function dayFirstList(scan: Scan, i: number): ListedDay[] | undefined {
  const { text, tokens } = scan;
  const { start } = tokens[i]!;
  const parts: { start: number; number: number; end: number; day?: SpelledDay | undefined }[] = [];
  let sign = '';
  for (let at = start; parts.length < MOST_DAYS;) {
    const day = readDayFirst(text, at);
    const alone = day === undefined ? readDayOnly(text, at) : undefined;
    if (day === undefined && alone === undefined) break;
    const end = day?.end ?? alone!.end;
    parts.push({ start: at, number: day?.day ?? alone!.day, end, day });
    const next =
      day?.year === undefined && GOES_ON.includes(text[end] ?? '') ? afterListSign(text, end) : undefined;
    if (next === undefined) break;
    sign = text.slice(end, next);
    // `the 3rd to the 9th of May`
    at = text.startsWith('the ', next) ? next + 4 : next;
  }
  while (parts.length > 0 && parts.at(-1)!.day === undefined) parts.pop();
  const last = parts.at(-1)?.day;
  if (last === undefined || parts.length < 2) return undefined;
  let month = last;
  const days = parts.map(({ start: at }) => ({ start: at, day: last }));
  for (let k = parts.length - 1; k >= 0; k--) {
    const { number, end, day } = parts[k]!;
    month = day ?? month;
    // `20 and 45 March` is no list of days.
    if (!isDay(LEAP_YEAR, month.month, number)) return undefined;
    days[k]!.day = day ?? { ...month, day: number, end, year: undefined, shortYear: false };
  }
  if (last.year !== undefined) return /^[ ]?,[ ]?$/.test(sign) && parts.length === 2 ? undefined : days;
  const isPlaced = OF_DAYS.test(wordBefore(scan, i));
  return isPlaced && isOfMonth(last) ? listWithoutYear(scan, i, days) : undefined;
}

const GOES_ON = ' .,/-–—';
const OF_DAYS = /^(?:on|from|between|since|until|till|before|after|by|the)$/;

/** `may` and `march` are also ordinary words. */
function isOfMonth({ capital, month }: SpelledDay): boolean {
  return capital || (month !== 3 && month !== 5);
}

/** The days up to the last that counts nothing: in `on April 3 and 12 patients` that is the third. */
function listWithoutYear(scan: Scan, i: number, days: ListedDay[]): ListedDay[] | undefined {
  const [first] = days;
  if (first === undefined || !isOfMonth(first.day)) return undefined;
  const isAlone = ({ day }: ListedDay): boolean =>
    isDay(LEAP_YEAR, day.month, day.day) &&
    whatFollows(scan, day.end, i) === 'none' &&
    standsAlone(scan, i, day.end);
  const end = days.findIndex((day, k) => k > 0 && !isAlone(day));
  const kept = end < 0 ? days : days.slice(0, end);
  return kept.length > 1 ? kept : undefined;
}

const NO_NOUN =
  /^(?:and|or|to|through|until|till|at|in|of|for|by|with|who|that|which|were|was|is|are|did|have|had|per|as)$/;

/** Whether nothing that could be counted follows a number that ends at `end`. */
export function standsAlone(scan: Scan, i: number, end: number): boolean {
  const next = tokenAfter(scan, end, i);
  return next === undefined || NO_NOUN.test(next.word);
}

const ORDINAL = /(\d{1,2})(?:st|nd|rd|th)(?![0-9A-Za-z])/iy;
const NEXT_ORDINAL =
  /[ ](?:and|or|to|through|until|till)[ ](?:the[ ])?(?=\d{1,2}(?:st|nd|rd|th)(?![0-9A-Za-z]))/iy;
const BEFORE_THE = /^(?:on|since|until|till|before|after|by|from|between)$/;
const AFTER_ORDINAL =
  /[ ]?(?:$|[?.,;:!)]|[ ]?(?:at|in|with|who|that|for|by|were|was)\b(?![ ](?:a[ ]row|the[ ](?:list|line|row|order))))/iy;

/** `on the fifteenth`: an ordinal in words that ends at `end`. After `before` and `after`, it may count something. */
export function isDayAlone(scan: Scan, i: number, end: number): boolean {
  return (
    wordBefore(scan, i) === 'the' &&
    /^(?:on|since|until|till|by)$/.test(wordBefore(scan, i - 1)) &&
    matchAt(AFTER_ORDINAL, scan.text, end) !== null
  );
}

/** `on the 15th`, `between the 3rd and the 9th`: days of a month that is not named. The places of the days in the text. */
export function ordinalDays(scan: Scan, i: number): { start: number; end: number }[] | undefined {
  const { text, tokens } = scan;
  if (wordBefore(scan, i) !== 'the' || !BEFORE_THE.test(wordBefore(scan, i - 1))) return undefined;
  const days: { start: number; end: number }[] = [];
  for (let at: number | undefined = tokens[i]!.start; at !== undefined && days.length < MOST_DAYS;) {
    const day = matchAt(ORDINAL, text, at);
    if (day === null || Number(day[1]) < 1 || Number(day[1]) > 31) return undefined;
    const end: number = at + day[0].length;
    days.push({ start: at, end });
    const next = matchAt(NEXT_ORDINAL, text, end);
    if (next === null) return matchAt(AFTER_ORDINAL, text, end) === null ? undefined : days;
    at = end + next[0].length;
  }
  return undefined;
}
