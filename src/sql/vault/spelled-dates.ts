import { fullYear, monthNumber } from './calendar.js';
import { matchAt } from './text.js';

/** A day with its month in letters. */
export interface SpelledDay {
  day: number;
  month: number;
  /** Undefined in `March 5`. */
  year: number | undefined;
  end: number;
  /** The year was written with two digits. */
  shortYear: boolean;
  /** The month begins with a capital: `May`, not `may`. */
  capital: boolean;
}

const ORDINAL = '(?:st|nd|rd|th)?';
const DAY_FIRST = new RegExp(
  `(\\d{1,2})${ORDINAL}\\.?(?:[ \\t]{1,2}(?:of[ \\t])?|[-/.])?([A-Za-z]{3,9})(?![A-Za-z])\\.?`,
  'iy',
);
const YEAR_AFTER_MONTH =
  /(?:,?[ \t]{0,2}(?:of[ \t])?|[-/])(?:(\d{4})(?![0-9A-Za-z])|['’]?(\d{2})(?![0-9A-Za-z:/%]))/iy;
const MONTH_FIRST = new RegExp(
  `([A-Za-z]{3,9})\\.?[ \\t-]{1,2}(?:the[ \\t])?(\\d{1,2})${ORDINAL}(?![0-9A-Za-z:/%])`,
  'iy',
);
const YEAR_AFTER_DAY = /(?:,?[ \t]{1,2}(?:of[ \t])?|,|-)(\d{4})(?![0-9A-Za-z])|,?[ \t]?['’](\d{2})(?!\d)/iy;

/** `5 March 2024`, `5th of March, 2024`, `5-Mar-24`, `5. Mar 2024`, `05MAR2024`, `5 March`. */
export function readDayFirst(text: string, at: number): SpelledDay | undefined {
  const head = matchAt(DAY_FIRST, text, at);
  if (head === null) return undefined;
  const month = monthNumber(head[2]!.toLowerCase());
  if (month === undefined) return undefined;
  const base = { day: Number(head[1]), month, capital: isCapital(head[2]!) };
  const monthEnd = at + head[0].length;
  const tail = matchAt(YEAR_AFTER_MONTH, text, monthEnd);
  if (tail !== null) return { ...base, ...yearOf(tail), end: monthEnd + tail[0].length };
  return { ...base, year: undefined, shortYear: false, end: withoutDot(text, monthEnd) };
}

/** `March 5, 2024`, `Mar. 5th 2024`, `March 5 '24`, `Mar-05-2024`, `March 5`. */
export function readMonthFirst(text: string, at: number): SpelledDay | undefined {
  const head = matchAt(MONTH_FIRST, text, at);
  if (head === null) return undefined;
  const month = monthNumber(head[1]!.toLowerCase());
  if (month === undefined) return undefined;
  const base = { day: Number(head[2]), month, capital: isCapital(head[1]!) };
  const dayEnd = at + head[0].length;
  const tail = matchAt(YEAR_AFTER_DAY, text, dayEnd);
  if (tail !== null) return { ...base, ...yearOf(tail), end: dayEnd + tail[0].length };
  return { ...base, year: undefined, shortYear: false, end: dayEnd };
}

const DAY_ONLY = new RegExp(`(\\d{1,2})${ORDINAL}(?![0-9A-Za-z:/%])`, 'iy');

/** `10, 2024`: the second half of `March 5–10, 2024`. */
export function readDayAndYear(
  text: string,
  at: number,
): { day: number; year: number; end: number } | undefined {
  const day = matchAt(DAY_ONLY, text, at);
  if (day === null) return undefined;
  const tail = matchAt(YEAR_AFTER_DAY, text, at + day[0].length);
  if (tail?.[1] === undefined) return undefined;
  return { day: Number(day[1]), year: Number(tail[1]), end: at + day[0].length + tail[0].length };
}

/** `5` before `–10 March 2024`. */
export function readDayOnly(text: string, at: number): { day: number; end: number } | undefined {
  const day = matchAt(DAY_ONLY, text, at);
  return day === null ? undefined : { day: Number(day[1]), end: at + day[0].length };
}

export interface SpelledMonth {
  month: number;
  year: number;
  end: number;
  shortYear: boolean;
}

const MONTH_YEAR = /([A-Za-z]{3,9})\.?(?:,?[ \t]{1,2}(?:of[ \t])?|[-/])(\d{4})(?![0-9A-Za-z])/iy;
const MONTH_SHORT_YEAR = /([A-Za-z]{3,9})\.?(?:-|[ \t]?['’])(\d{2})(?![0-9A-Za-z])/iy;

/** `March 2024`, `Mar. 2024`, `March of 2024`, `Mar-24`. */
export function readMonthYear(text: string, at: number): SpelledMonth | undefined {
  const head = matchAt(MONTH_YEAR, text, at) ?? matchAt(MONTH_SHORT_YEAR, text, at);
  if (head === null) return undefined;
  const month = monthNumber(head[1]!.toLowerCase());
  if (month === undefined) return undefined;
  const shortYear = head[2]!.length === 2;
  const year = shortYear ? fullYear(Number(head[2])) : Number(head[2]);
  return { month, year, end: at + head[0].length, shortYear };
}

const MONTH_ONLY = /([A-Z][A-Za-z]{2,8})(?![A-Za-z])\.?/y;

/** `March` in `March and April 2024`. The capital is required, because `may` and `march` are also ordinary words. */
export function readMonthOnly(text: string, at: number): { month: number; end: number } | undefined {
  const name = matchAt(MONTH_ONLY, text, at);
  const month = name === null ? undefined : monthNumber(name[1]!.toLowerCase());
  return name === null || month === undefined ? undefined : { month, end: at + name[1]!.length };
}

const RANGE_SIGN = /[ \t]{0,2}(?:[-–—]|(?:to|and|or|through|until|till)(?=[ \t]))[ \t]{0,2}/iy;

/** End of the sign between the two ends of a range: `–`, ` to `, ` and `, ` through `. */
export function afterRangeSign(text: string, at: number): number | undefined {
  const sign = matchAt(RANGE_SIGN, text, at);
  return sign === null ? undefined : at + sign[0].length;
}

const LIST_SIGN = /\.?[ \t]{0,2}[,/][ \t]{0,2}(?:(?:and|or)[ \t]{1,2})?/iy;

/** Like `afterRangeSign`, and also the comma between the parts of a list. */
export function afterListSign(text: string, at: number): number | undefined {
  const sign = matchAt(LIST_SIGN, text, at);
  return sign === null ? afterRangeSign(text, at) : at + sign[0].length;
}

function yearOf(tail: RegExpExecArray): { year: number; shortYear: boolean } {
  return tail[1] !== undefined
    ? { year: Number(tail[1]), shortYear: false }
    : { year: fullYear(Number(tail[2])), shortYear: true };
}

function isCapital(word: string): boolean {
  return word[0]! <= 'Z';
}

/** Gives back the dot of `Mar.`, which belongs to the sentence if nothing follows. */
function withoutDot(text: string, end: number): number {
  return text[end - 1] === '.' ? end - 1 : end;
}
