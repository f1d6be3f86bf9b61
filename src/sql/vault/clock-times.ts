import { two } from './calendar.js';
import { wordBefore } from './context.js';
import { endsClean, matchAt } from './text.js';
import { readTime, ZONE } from './times.js';
import type { Time } from './times.js';
import type { Found, Match, Scan } from './types.js';
import { RATIOS } from './words.js';

/** One or two clock times without a date: `10:30 pm`, `after 10:30`, `8:00-17:00`, `8 to 10 am`, `at 0730 hours`. */
export function matchTime(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { kind, start, end } = scan.tokens[i]!;
  if (/^\d{4}/.test(text.slice(start, start + 4))) return fourDigits(scan, i);
  if (kind === 'number' && end - start > 2) return undefined;
  const shared = sharedHalf(text, start);
  if (shared !== undefined) return shared;
  const time = readTime(text, start);
  if (time === undefined || isRatio(scan, i)) return undefined;
  if (endsClean(text, time.end)) return single(clockTime(start, time));
  const until = text[time.end] === '-' ? readTime(text, time.end + 1) : undefined;
  if (until === undefined || !endsClean(text, until.end)) return undefined;
  return pair(clockTime(start, time), clockTime(time.end + 1, until));
}

const HOURS = String.raw`(\d{1,2})(?:[:.]([0-5]\d))?`;
const TO = String.raw`(?:[ ]?[-–][ ]?|[ ](?:to|and|until|till|through)[ ])`;
const SHARED_HALF = new RegExp(`${HOURS}(${TO})${HOURS}[ ]?([ap])(?:m(?![0-9a-z])|\\.m\\.)`, 'iy');

/** Whether two times that share their half of the day begin at `at`: `8 and 10 am`. */
export function sharesHalf(text: string, at: number): boolean {
  return sharedHalf(text, at) !== undefined;
}

/** `8 to 10 am`, `10.30-11.45 pm`; `10-2 pm` begins in the morning. */
function sharedHalf(text: string, start: number): Found | undefined {
  const range = matchAt(SHARED_HALF, text, start);
  if (range === null) return undefined;
  const [whole, hour = '', minute = '00', sign = '', lastHour = '', lastMinute = '00', letter = ''] = range;
  const [first, last] = [Number(hour), Number(lastHour)];
  if (first < 1 || first > 12 || last < 1 || last > 12) return undefined;
  const isPm = letter.toLowerCase() === 'p';
  const startsInOther = first % 12 > last % 12;
  const from = (first % 12) + (isPm !== startsInOther ? 12 : 0);
  const to = (last % 12) + (isPm ? 12 : 0);
  const firstEnd = start + whole.indexOf(sign, hour.length);
  const end = start + whole.length;
  const lastStart = firstEnd + sign.length;
  return pair(
    clockTime(start, { end: firstEnd, value: `${two(from)}:${minute}:00`, zone: false }),
    clockTime(lastStart, { end, value: `${two(to)}:${lastMinute}:00`, zone: false }),
  );
}

const CLOCK = String.raw`([01]\d|2[0-3])([0-5]\d)`;
const HOURS_AFTER = String.raw`(?=[ ]?h(?:(?:ou)?rs?)?(?![0-9a-z]))`;
const FOUR_DIGITS = new RegExp(CLOCK + HOURS_AFTER, 'iy');
const TWO_OF_FOUR = new RegExp(`${CLOCK}(${TO})${CLOCK}${HOURS_AFTER}`, 'iy');

/** Whether two times of four digits begin at `at`: `0800 and 1200 hours`. */
export function areFourDigits(text: string, at: number): boolean {
  return text[at] === '0' && matchAt(TWO_OF_FOUR, text, at) !== null;
}

/** `at 1430 hours`, `after 0730h`, `between 0800 and 1200 hrs`; `after 1200 hours` may be a length of time. */
function fourDigits(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start } = tokens[i]!;
  if (text[start] !== '0' && wordBefore(scan, i) !== 'at') return undefined;
  const time = (from: number, hour: string, minute: string): Match =>
    clockTime(from, { end: from + 4, value: `${hour}:${minute}:00`, zone: false });
  const range = matchAt(TWO_OF_FOUR, text, start);
  if (range !== null) {
    const [whole, hour = '', minute = '', , lastHour = '', lastMinute = ''] = range;
    return pair(time(start, hour, minute), time(start + whole.length - 4, lastHour, lastMinute));
  }
  const one = matchAt(FOUR_DIGITS, text, start);
  return one === null ? undefined : single(time(start, one[1]!, one[2]!));
}

function clockTime(start: number, { end, value, zone }: Time): Match {
  return {
    start,
    end,
    prefix: 'TEXT',
    kind: 'time',
    type: 'varchar',
    value,
    notes: zone ? [ZONE] : undefined,
  };
}

/** `a ratio of 1:10`, `titer above 1:40` */
function isRatio({ tokens }: Scan, i: number): boolean {
  for (let j = Math.max(0, i - 3); j < i; j++) if (RATIOS.has(tokens[j]!.word)) return true;
  return false;
}

function single(match: Match): Found {
  return { matches: [match], end: match.end };
}

function pair(first: Match, second: Match): Found {
  return { matches: [first, second], end: second.end };
}
