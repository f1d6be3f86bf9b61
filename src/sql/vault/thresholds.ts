import { isYear } from './calendar.js';
import type { After, Comparison } from './context.js';
import { comparisonBefore, countsRankedRows, isGap, whatFollows, wordBefore } from './context.js';
import { readDayFirst } from './spelled-dates.js';
import { typeOfId, typeOfSpelling } from './numbers.js';
import { matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';
import { KEEP_AFTER, ROW_COUNTS, SHOW, TIME_UNITS, UNITS, VERSIONS } from './words.js';

const NUMBER = /(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?/y;
/** The longest number that may stay in the question: rows to show, a span of time. */
const MAX_KEPT_DIGITS = 4;
const MAX_STAGE_DIGITS = 3;
/** From here on a number that nothing explains is a key rather than an amount. */
const KEY_DIGITS = 5;

/**
 * A number that begins at token `i`: compared with (`over 65`), measured (`90 mg`), or plain. It stays in the
 * question where it counts rows (`top 10`), names a stage (`type 2`) or spans time (`30 days`).
 */
export function matchNumber(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const read = matchAt(NUMBER, text, token.start);
  if (read === null) return undefined;
  const digits = read[0];
  const end = token.start + digits.length;
  const comparison = comparisonBefore(scan, i);
  const compared = comparison !== 'none';
  if (end < tokenEnd(scan, i, end)) return gluedUnit(scan, i, digits, end, compared);
  const before = wordBefore(scan, i);
  const after = whatFollows(scan, end, i + 1);
  if (mayStay(digits) && stays(scan, i, { digits, end, before, after, comparison })) return keep(end);
  if (after === 'none' && looksLikeKey(digits, comparison)) return key(token.start, end, digits);
  if (compared || after !== 'none' || /[.,]/.test(digits)) return threshold(scan, token.start, end, digits);
  if (token.chunk.letters > 0 && token.chunk.digits < 3) return undefined;
  if (digits.length >= KEY_DIGITS && !ROW_COUNTS.has(before)) return key(token.start, end, digits);
  return threshold(scan, token.start, end, digits);
}

interface Surroundings {
  digits: string;
  end: number;
  before: string;
  after: After;
  comparison: Comparison;
}

/** Leading zeros and many digits are somebody's number, whatever stands around them. */
function mayStay(digits: string): boolean {
  return !/^0\d/.test(digits) && digits.replace(/[.,]/g, '').length <= MAX_KEPT_DIGITS;
}

/** Whether the number counts rows, names a stage, spans time or is a flag, rather than a value to look for. */
function stays(scan: Scan, i: number, { digits, end, before, after, comparison }: Surroundings): boolean {
  const compared = comparison !== 'none';
  // `about 10 most recent visits`
  if (after === 'superlative' && (!compared || before === 'about')) return true;
  if (after === 'ago') return true;
  const plain = !/[.,]/.test(digits);
  if (after === 'none' && plain && (!compared || before === 'of') && countsRankedRows(scan, i, end))
    return true;
  // `voided = 0`
  if (comparison === 'equality') return after === 'none' && before === '' && /^[01]$/.test(digits);
  if (compared) return false;
  return keptAfter(before, digits) || after === 'time';
}

/** Leading zeros are never an amount; many digits are none when only equality is asked for: `is exactly 3833454`. */
function looksLikeKey(digits: string, comparison: Comparison): boolean {
  if (/[.,]/.test(digits)) return false;
  return /^0\d/.test(digits) || (comparison === 'equality' && digits.length >= KEY_DIGITS);
}

function tokenEnd(scan: Scan, i: number, end: number): number {
  let j = i;
  while (j + 1 < scan.tokens.length && scan.tokens[j + 1]!.start < end) j++;
  return scan.tokens[j]!.end;
}

/** Whether the number belongs to the word before it: rows to show, a stage, a version. */
function keptAfter(before: string, digits: string): boolean {
  if (before === '') return false;
  if (VERSIONS.has(before)) return true;
  if (digits.includes('.') || digits.includes(',')) return false;
  if (ROW_COUNTS.has(before) || SHOW.has(before)) return true;
  if (before === 'level' || before === 'factor') return digits.length === 1;
  return KEEP_AFTER.has(before) && digits.length <= MAX_STAGE_DIGITS;
}

/** `10mg`, `65yo`, `50k`, `30d`: the unit stays in the question. */
function gluedUnit(scan: Scan, i: number, digits: string, end: number, compared: boolean): Found | undefined {
  const token = scan.tokens[i]!;
  const unit = scan.text.slice(end, tokenEnd(scan, i, end)).toLowerCase();
  if (unit === 'k' && compared) {
    const value = String(Math.round(Number(digits.replaceAll(',', '')) * 1000));
    return found({
      start: token.start,
      end: end + 1,
      prefix: 'NUM',
      kind: 'threshold',
      type: typeOfSpelling(value),
      value,
    });
  }
  if (unit === 'yo' || UNITS.has(unit)) return threshold(scan, token.start, end, digits);
  if (compared && TIME_UNITS.has(unit)) return threshold(scan, token.start, end, digits);
  return undefined;
}

const BETWEEN =
  /between[ \t]{1,2}[$€£]?([-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,18})(?:\.\d{1,18})?)((?:%|[ \t]?[a-zµμ/]{1,12})?)[ \t]{1,2}and[ \t]{1,2}[$€£]?([-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,18})(?:\.\d{1,18})?)/iy;

/** `between 10 and 20`, `between $1,000 and $5,000`; two years or a date are left to the recognisers of dates. */
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
  if (readDayFirst(text, highStart) !== undefined) return undefined;
  const plainYears = isYear(Number(low)) && isYear(Number(high)) && low.length === 4 && high.length === 4;
  if (plainYears && word === '' && whatFollows(scan, end, i + 3) === 'none') return undefined;
  const lowStart = text.indexOf(low, token.start);
  return { matches: [amount(lowStart, low), amount(highStart, high)], end };
}

/** The number with its sign: `below -2.5`, `over .5`. */
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

function startsAmount(text: string, at: number): boolean {
  return at === 0 || isGap(text, at - 1, at, ' \t(<>=');
}

function amount(start: number, text: string, digits = text, negative = /^[-−]/.test(text)): Match {
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
