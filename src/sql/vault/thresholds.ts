import { typeOfSpelling } from '../../data/placeholder.js';
import { isUsualYear, isYear } from './calendar.js';
import type { After, NumberComparison } from './context.js';
import {
  comparisonBefore,
  countsRankedRows,
  CURRENCY,
  isGap,
  tokenAfter,
  whatFollows,
  wordBefore,
} from './context.js';
import { SCIENTIFIC } from './keys.js';
import { isDigitAt } from './lexer.js';
import { areFourDigits, sharesHalf } from './clock-times.js';
import { readCompact } from './compact-days.js';
import { isDatePlace } from './periods.js';
import { readDayFirst } from './spelled-dates.js';
import { shiftPoint, typeOfId } from './numbers.js';
import { matchAt } from './text.js';
import type { QuestionToken } from './lexer.js';
import type { Found, Match, Scan } from './types.js';
import { KEEP_AFTER, ROW_COUNTS, SHOW, STAGES, TIME_UNITS, UNITS, VERSIONS } from './words.js';

const NUMBER = /(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?/y;
/** The longest number that may stay in the question, as a count of rows or a span of time. */
const MAX_KEPT_DIGITS = 4;
const MAX_STAGE_DIGITS = 3;
/** With this many digits, a number that nothing explains is a key and not an amount. */
const KEY_DIGITS = 5;

/**
 * A number that starts at token `i`: compared (`over 65`), measured (`90 mg`), or plain. It stays in the question if it
 * counts rows (`top 10`), names a stage (`type 2`) or spans time (`30 days`).
 */
export function matchNumber(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const read = matchAt(NUMBER, text, token.start);
  if (read === null) return undefined;
  const digits = read[0];
  const scientific = scientificAmount(text, token);
  if (scientific !== undefined) return scientific;
  const end = token.start + digits.length;
  const before = wordBefore(scan, i);
  const ages = ROW_COUNTS.has(before) ? undefined : agesInYears(text, token.start);
  if (ages !== undefined) return ages;
  const comparison = comparisonOf(scan, i);
  const compared = comparison !== 'none';
  const scaled = scaledAmount(scan, i, digits, end);
  if (scaled !== undefined) return scaled;
  if (end < tokenEnd(scan, i, end)) return gluedUnit(scan, i, digits, end, compared);
  const after = whatFollows(scan, end, i + 1);
  if (mayStay(digits)) {
    const surroundings = { digits, end, before, after, comparison };
    if (isName(surroundings)) return keep(STAGES.has(before) ? endOfStages(scan, i, end) : end);
    const kind = kindOfStructure(scan, i, surroundings);
    if (kind !== undefined) return found({ ...amount(token.start, digits), kind });
  }
  if (after === 'none' && !compared && digits.length >= MIN_PART && isPartOfId(scan, i, before))
    return key(token.start, end, digits);
  const isFraction = text[token.start - 1] === '.' && !endsWord(text, token.start - 1);
  if (after === 'none' && !isFraction && looksLikeKey(digits, comparison))
    return key(token.start, end, digits);
  if (compared || after !== 'none' || /[.,]/.test(digits)) return threshold(scan, token.start, end, digits);
  if (token.chunk.letters > 0 && token.chunk.digits < 3) return undefined;
  if (digits.length >= KEY_DIGITS && !ROW_COUNTS.has(before)) return key(token.start, end, digits);
  return threshold(scan, token.start, end, digits);
}

/** `1e5`, `1.5e3`, `1e-3` */
function scientificAmount(text: string, { start, chunk }: QuestionToken): Found | undefined {
  if (chunk.letters !== 1 || start !== chunk.start) return undefined;
  const parts = SCIENTIFIC.exec(text.slice(start, chunk.end));
  return parts === null ? undefined : found(amount(start, parts[0], shiftPoint(parts[1]!, Number(parts[2]))));
}

/** Like `comparisonBefore`, but also for the upper end of `over 24-48 hours`, and for `between 2-5 days`. */
function comparisonOf(scan: Scan, i: number): NumberComparison {
  const { text, tokens } = scan;
  const before = tokens[i - 1];
  const isUpper = before?.kind === 'number' && isGap(text, before.end, tokens[i]!.start, ' -–');
  const first = isUpper ? i - 1 : i;
  return wordBefore(scan, first) === 'between' ? 'amount' : comparisonBefore(scan, first);
}

const AGES_IN_YEARS = /(\d{1,3})(?:[-–]|[ \t](?:to|-|–)[ \t])(\d{2,3})[ \t-](?=(?:years?|yrs?)(?![a-z]))/iy;
/** Below this age, `2-10 years` may also be a span of time. */
const ADULT = 18;

/** `adults 18-65 years`: ages without `old`. */
function agesInYears(text: string, start: number): Found | undefined {
  const ages = matchAt(AGES_IN_YEARS, text, start);
  if (ages === null) return undefined;
  const [whole, low, high] = ages as unknown as [string, string, string];
  if (Number(high) < ADULT || Number(high) > 120 || Number(low) >= Number(high)) return undefined;
  const end = start + whole.length - 1;
  return { matches: [amount(start, low), amount(end - high.length, high)], end };
}

const MIN_PART = 3;

/** `whose SSN ends in 6789`, `MRNs starting with 123`: whether the number is part of an ID. */
function isPartOfId(scan: Scan, i: number, before: string): boolean {
  if (before !== 'in' && before !== 'with') return before.startsWith('contain');
  return /^(?:start|begin|end)(?:s|ing)?$/.test(wordBefore(scan, i - 1));
}

/** End of the numbers after a word for stages: `2 or 3` in `type 2 or 3`, `3-5` in `stages 3-5`. */
function endOfStages(scan: Scan, i: number, end: number): number {
  const list = matchAt(STAGE_LIST, scan.text, end);
  if (list === null) return end;
  const last = end + list[0].length;
  return whatFollows(scan, last, i + 1) === 'none' ? last : end;
}

const STAGE_LIST =
  /(?:(?:,[ \t]?\d{1,2}){0,6}(?:,?[ \t](?:and|or|to|through)[ \t])|[ \t]?[-–/&+][ \t]?)\d{1,2}[a-d]?(?![0-9A-Za-z%]|[.,:/-]\d)/iy;

const SCALES = new Map([
  ['thousand', 3],
  ['million', 6],
  ['billion', 9],
]);
const MONEY_SCALES = new Map([...SCALES, ['m', 6], ['mm', 6], ['mn', 6], ['mio', 6], ['b', 9], ['bn', 9]]);

/** `2 million`, `50k`, `$1.5M`: one amount with all its digits. */
function scaledAmount(scan: Scan, i: number, digits: string, end: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const wordEnd = tokenEnd(scan, i, end);
  const next = wordEnd === end ? tokenAfter(scan, end, i + 1) : undefined;
  const word = next?.word ?? text.slice(end, wordEnd).toLowerCase();
  const isMoney = CURRENCY.includes(text[start - 1] ?? ' ');
  const scale = word === 'k' && next === undefined ? 3 : (isMoney ? MONEY_SCALES : SCALES).get(word);
  if (scale === undefined) return undefined;
  const last = next?.end ?? wordEnd;
  return found(amount(start, text.slice(start, last), shiftPoint(digits.replaceAll(',', ''), scale)));
}

/** A number and what stands around it. */
export interface Surroundings {
  digits: string;
  end: number;
  before: string;
  after: After;
  comparison: NumberComparison;
}

/** Numbers with leading zeros or many digits never stay: they may identify somebody. */
function mayStay(digits: string): boolean {
  return !/^0\d/.test(digits) && digits.replace(/[.,]/g, '').length <= MAX_KEPT_DIGITS;
}

/** Whether the number names a stage or a version, or is a flag (`voided = 0`): then it stays in the question. */
function isName({ digits, before, after, comparison }: Surroundings): boolean {
  if (comparison === 'equality') return after === 'none' && before === '' && /^[01]$/.test(digits);
  return (
    comparison === 'none' && after !== 'superlative' && after !== 'ago' && keptAfter(before, digits, after)
  );
}

/**
 * `count` if the number counts rows (`top 10`) or spans time (`last 90 days`, `3 months ago`), `threshold` if it is how
 * long something lasted (`stayed 12 days`); undefined if it is neither.
 */
export function kindOfStructure(
  scan: Scan,
  i: number,
  { digits, end, before, after, comparison }: Surroundings,
): 'count' | 'threshold' | undefined {
  const compared = comparison !== 'none';
  // `about 10 most recent visits`
  if (after === 'superlative' && (!compared || before === 'about')) return 'count';
  if (after === 'ago') return 'count';
  const plain = !/[.,]/.test(digits);
  if (after === 'none' && plain && (!compared || before === 'of') && countsRankedRows(scan, i, end))
    return 'count';
  if (compared) return undefined;
  const named = before === 'me' || before === 'us' ? wordBefore(scan, i - 1) : before;
  if (after === 'time') return LASTED.test(named) ? 'threshold' : 'count';
  // `the most recent 7 readings`
  const isNewest = named === 'recent' && wordBefore(scan, i - 1) === 'most';
  return isNewest || countsRows(named, digits, after) ? 'count' : undefined;
}

/** Words before how long something took. */
const LASTED =
  /^(?:stay(?:s|ed|ing)?|last(?:ed|ing|s)|was|were|is|are|for|took|takes?|spent|hospitali[sz]ed|of|duration|length)$/;

/** A number with leading zeros is a key; so is one with many digits in `is exactly 3833454`. */
function looksLikeKey(digits: string, comparison: NumberComparison): boolean {
  if (/[.,]/.test(digits)) return false;
  return /^0\d/.test(digits) || (comparison === 'equality' && digits.length >= KEY_DIGITS);
}

function tokenEnd(scan: Scan, i: number, end: number): number {
  let j = i;
  while (j + 1 < scan.tokens.length && scan.tokens[j + 1]!.start < end) j++;
  return scan.tokens[j]!.end;
}

/** Whether the number counts rows to show: `top 10`, `show 10 patients`, but not `show 5 mg tablets`. */
function countsRows(before: string, digits: string, after: After): boolean {
  if (before === '' || digits.includes('.') || digits.includes(',')) return false;
  if (ROW_COUNTS.has(before)) return true;
  return after !== 'unit' && after !== 'age' && SHOW.has(before);
}

/** Whether the number belongs to the word before it: a stage, a version. */
function keptAfter(before: string, digits: string, after: After): boolean {
  if (before === '') return false;
  if (VERSIONS.has(before)) return true;
  if (digits.includes('.') || digits.includes(',')) return false;
  // `dose 5 mg`
  if (after === 'unit' || after === 'age') return false;
  if (before === 'level' || before === 'levels' || before === 'factor') return digits.length === 1;
  return KEEP_AFTER.has(before) && digits.length <= MAX_STAGE_DIGITS;
}

/** `10mg`, `65yo`, `30d`: the unit stays in the question; `65y/o` is read as `65yo`. */
function gluedUnit(scan: Scan, i: number, digits: string, end: number, compared: boolean): Found | undefined {
  const token = scan.tokens[i]!;
  const spelled = scan.text.slice(end, tokenEnd(scan, i, end));
  const unit = spelled.toLowerCase();
  if (unit === 'yo' || (unit === 'y' && compared) || UNITS.has(unit))
    return threshold(scan, token.start, end, digits);
  // `over 65s`, `above 1.5x`
  if (compared && (TIME_UNITS.has(unit) || unit === 's' || unit === 'x'))
    return threshold(scan, token.start, end, digits);
  const isAge = unit === 'y' && /^\/o(?![a-z])/i.test(scan.text.slice(end + 1, end + 4));
  if (isAge) {
    const written = scan.text.slice(token.start, end + 'y/o'.length);
    return found({ ...amount(token.start, written, digits, false), after: 'yo' });
  }
  const before = wordBefore(scan, i);
  if (!TIME_UNITS.has(unit) || !/^[a-z]/.test(spelled) || !mayStay(digits)) return undefined;
  if (unit.length === 1 && !BEFORE_SPAN.test(before) && !LASTED.test(before)) return undefined;
  const kind = kindOfStructure(scan, i, { digits, end, before, after: 'time', comparison: 'none' });
  return found({ ...amount(token.start, digits), kind: kind ?? 'count' });
}

/** `last 24h`, `within 7d`; a `2d echo` is none. */
const BEFORE_SPAN = /^(?:last|past|next|previous|prior|first|within|in|after|before|every|over|the|than)$/;

const BETWEEN =
  /between[ \t]{1,2}[$€£]?([-−]?(?:\d{1,6},\d{1,2}(?![\d,])|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,18})(?:\.\d{1,18})?))((?:%|[ \t]?[a-zµμ/]{1,12})?)[ \t]{1,2}and[ \t]{1,2}[$€£]?([-−]?(?:\d{1,6},\d{1,2}(?![\d,])|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,18})(?:\.\d{1,18})?))/iy;
const DECIMAL_COMMA = /^[-−]?\d+,\d{1,2}$/;

/** The note on a number with the separators of another country. */
export const READ_AS_ONE_NUMBER = {
  code: 'number-format',
  message: 'was read as one number; its separators are those of other countries',
} as const;

/** `between 10 and 20`, `between $1,000 and $5,000`, `between 3.5 and 7,25`. Years and dates are left to the date recognisers. */
export function matchBetween(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  if (token.word !== 'between') return undefined;
  const match = matchAt(BETWEEN, text, token.start);
  if (match === null) return undefined;
  const [whole, low, unit, high] = match as unknown as [string, string, string, string];
  const end = token.start + whole.length;
  const word = unit.trim().toLowerCase();
  if (word !== '' && word !== '%' && !UNITS.has(word) && !TIME_UNITS.has(word) && !word.includes('/'))
    return undefined;
  if (/^[-/:.]\d/.test(text.slice(end, end + 2)) || /^(?:st|nd|rd|th)/i.test(text.slice(end, end + 2)))
    return undefined;
  const highStart = end - high.length;
  const lowStart = text.indexOf(low, token.start);
  if (sharesHalf(text, lowStart) || areFourDigits(text, lowStart)) return undefined;
  if (readDayFirst(text, highStart) !== undefined) return undefined;
  const areYears = isYear(Number(low)) && isYear(Number(high)) && low.length === 4 && high.length === 4;
  const areUsual = isUsualYear(Number(low)) && isUsualYear(Number(high));
  if (
    areYears &&
    (areUsual || isDatePlace(scan, i + 1)) &&
    word === '' &&
    whatFollows(scan, end, i + 3) === 'none'
  )
    return undefined;
  if (readCompact(text, lowStart) !== undefined && readCompact(text, highStart) !== undefined)
    return undefined;
  return { matches: [bound(lowStart, low), bound(highStart, high)], end };
}

/** `7,25` as 7.25, with a note. */
function bound(start: number, spelled: string): Match {
  if (!DECIMAL_COMMA.test(spelled)) return amount(start, spelled);
  const match = amount(start, spelled, spelled.replace(',', '.'), /^[-−]/.test(spelled));
  return { ...match, notes: [READ_AS_ONE_NUMBER] };
}

/** The number with its sign and leading point: `below -2.5`, `over .5`. */
function threshold(scan: Scan, start: number, end: number, digits: string): Found {
  const { text } = scan;
  let from = start;
  if (text[from - 1] === '.' && from - 1 >= scan.from && !endsWord(text, from - 1)) from--;
  const sign = text[from - 1];
  if ((sign === '-' || sign === '−') && from - 1 >= scan.from && startsAmount(text, from - 1)) from--;
  const fraction = text[start - 1] === '.' && from < start ? `0.${digits}` : digits;
  return found(amount(from, text.slice(from, end), fraction, from < start && '-−'.includes(text[from]!)));
}

function endsWord(text: string, at: number): boolean {
  return !isGap(text, at - 1, at, ' \t(<>=-−');
}

/** `> -2`, and the second sign of `-4--2`. */
function startsAmount(text: string, at: number): boolean {
  if (at === 0 || isGap(text, at - 1, at, ' \t(<>=')) return true;
  return /^[-–—]$/.test(text[at - 1]!) && isDigitAt(text, at - 2);
}

export function amount(start: number, text: string, digits = text, negative = /^[-−]/.test(text)): Match {
  const plain = digits.replace(/[-−,]/g, '');
  const value = negative ? `-${plain}` : plain;
  return {
    start,
    end: start + text.length,
    prefix: 'NUM',
    kind: 'threshold',
    type: typeOfSpelling(value),
    value,
  };
}

function key(start: number, end: number, value: string): Found {
  return found({ start, end, prefix: 'ID', kind: 'key', type: typeOfId(value), value });
}

function keep(end: number): Found {
  return { matches: [], end };
}

function found(match: Match): Found {
  return { matches: [match], end: match.end };
}
