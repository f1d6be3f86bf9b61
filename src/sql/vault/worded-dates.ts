import { ask, askForDay, askForYear, NO_MONTH } from './asks.js';

import { isDay, isoDay, isoMonth, isYear, monthNumber } from './calendar.js';
import { comparisonBefore, tokenAfter, whatFollows, wordBefore } from './context.js';
import { isDayAlone } from './day-lists.js';
import { NUMBER_NAMES, ORDINAL_NAMES } from './number-names.js';
import { readNumberWords } from './number-reading.js';
import type { Found, Match, Scan } from './types.js';
import { dateMatch } from './whole-range.js';
import { DATE_WORDS } from './words.js';

interface Part {
  value: number;
  end: number;
  /** Index of the token after it. */
  next: number;
}

/**
 * Dates and years in words: `the fifth of March 2020`, `January first, two thousand and nineteen`, `in twenty twenty`. A
 * year in words counts only in a date's place.
 */
export function matchWordedDate(scan: Scan, i: number): Found | undefined {
  const { tokens } = scan;
  const { start, word } = tokens[i]!;
  if (monthNumber(word) !== undefined) return monthFirst(scan, i);
  const day = readDay(scan, i);
  if (day !== undefined) {
    let at = day.next;
    if (tokenAfter(scan, day.end, at)?.word === 'of') at++;
    const month = monthNumber(tokens[at]?.word ?? '');
    if (month === undefined || tokens[at]!.start - day.end > 5)
      return isDayAlone(scan, i, day.end)
        ? one(ask('incomplete-date', start, day.end, scan.text, NO_MONTH))
        : undefined;
    return dated(scan, start, month, day.value, { value: 0, end: tokens[at]!.end, next: at + 1 });
  }
  if (!NUMBER_NAMES.has(word)) return undefined;
  const before = wordBefore(scan, i);
  const isPlace = DATE_WORDS.has(before) && !/^(?:and|or|to|on|of|for|as|between)$/.test(before);
  if (!isPlace || comparisonBefore(scan, i) !== 'none') return undefined;
  const year = readYearWords(scan, i);
  if (year === undefined || whatFollows(scan, year.end, year.next) !== 'none') return undefined;
  return one(dateMatch(start, year.end, 'year', String(year.value)));
}

/** `January first, 2019`, `March two thousand and nineteen`, `March 5, twenty twenty` */
function monthFirst(scan: Scan, i: number): Found | undefined {
  const { tokens } = scan;
  const { start, end, word } = tokens[i]!;
  const month = monthNumber(word)!;
  const at = tokens[i + 1]?.word === 'the' ? i + 2 : i + 1;
  if (tokens[at] === undefined || tokens[at].start - end > 5) return undefined;
  const day = readDay(scan, at) ?? digitDay(scan, at);
  if (day !== undefined) {
    const isWorded = tokens[at].digits === 0;
    const year = yearAfter(scan, day);
    return isWorded || (year !== undefined && tokens[year.next - 1]!.digits === 0)
      ? dated(scan, start, month, day.value, day)
      : undefined;
  }
  const year = readYearWords(scan, at);
  return year === undefined
    ? undefined
    : one(dateMatch(start, year.end, 'month', isoMonth(year.value, month)));
}

function dated(scan: Scan, start: number, month: number, day: number, after: Part): Found {
  const { text } = scan;
  const year = yearAfter(scan, after);
  const end = year?.end ?? after.end;
  if (!isDay(year?.value ?? 2024, month, day)) return one(askForDay(start, end, text));
  if (year === undefined) return one(askForYear(start, end, text));
  return one(dateMatch(start, end, 'date', isoDay(year.value, month, day)));
}

/** The year of a date, in digits or in words, with a comma or `of` before it. */
export function yearAfter(scan: Scan, { end, next }: Part): Part | undefined {
  const { text, tokens } = scan;
  const at = tokens[next]?.word === 'of' ? next + 1 : next;
  const token = tokens[at];
  if (token === undefined || !/^(?:,? {1,2}|,? of )$/.test(text.slice(end, token.start))) return undefined;
  if (token.kind === 'number') {
    return token.end - token.start === 4 && isYear(Number(token.word))
      ? { value: Number(token.word), end: token.end, next: at + 1 }
      : undefined;
  }
  return readYearWords(scan, at);
}

/** `first`, `twenty-first`, `thirtieth` */
function readDay(scan: Scan, i: number): Part | undefined {
  const { tokens } = scan;
  const { word, end } = tokens[i]!;
  const own = ORDINAL_NAMES.get(word);
  if (own !== undefined) return { value: own, end, next: i + 1 };
  const tens = NUMBER_NAMES.get(word);
  if (tens !== 20 && tens !== 30) return undefined;
  const unit = ORDINAL_NAMES.get(tokenAfter(scan, end, i + 1)?.word ?? '');
  return unit === undefined || unit > 9
    ? undefined
    : { value: tens + unit, end: tokens[i + 1]!.end, next: i + 2 };
}

function digitDay({ tokens }: Scan, i: number): Part | undefined {
  const { word, end } = tokens[i]!;
  const day = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word);
  return day === null ? undefined : { value: Number(day[1]), end, next: i + 1 };
}

/** `two thousand and nineteen`, `twenty twenty`, `nineteen eighty-five`, `twenty-one oh four` */
export function readYearWords(scan: Scan, i: number): Part | undefined {
  const { tokens } = scan;
  const century = NUMBER_NAMES.get(tokens[i]?.word ?? '');
  if (century === undefined) return undefined;
  const whole = readNumberWords(scan, i);
  if (whole !== undefined && whole.decimals === undefined && whole.value >= 1000)
    return isYear(whole.value) ? whole : undefined;
  let hundred = century;
  let at = i + 1;
  if (century === 20) {
    // `twenty-one twelve` is 2112, `twenty one` is a number.
    const unit = NUMBER_NAMES.get(tokenAfter(scan, tokens[i]!.end, at)?.word ?? '');
    const isLater =
      (unit === 1 || unit === 2) && NUMBER_NAMES.has(tokenAfter(scan, tokens[at]!.end, at + 1)?.word ?? '');
    if (isLater) [hundred, at] = [20 + unit, at + 1];
  }
  if (hundred < 18 || hundred > 22) return undefined;
  const next = tokenAfter(scan, tokens[at - 1]!.end, at);
  if (next?.word === 'oh') {
    const unit = NUMBER_NAMES.get(tokenAfter(scan, next.end, at + 1)?.word ?? '');
    return unit === undefined || unit > 9
      ? undefined
      : { value: 100 * hundred + unit, end: tokens[at + 1]!.end, next: at + 2 };
  }
  const rest = next === undefined ? undefined : readNumberWords(scan, at);
  if (rest === undefined || rest.value < 10 || rest.value > 99) return undefined;
  return { value: 100 * hundred + rest.value, end: rest.end, next: rest.next };
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}
