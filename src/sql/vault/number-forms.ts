import { ask } from './asks.js';
import { comparisonBefore, CURRENCY, tokenAfter, whatFollows, wordBefore } from './context.js';
import { matchAt } from './text.js';
import { amount, READ_AS_ONE_NUMBER } from './thresholds.js';
import type { Found, Match, Scan } from './types.js';
import { KEEP_AFTER } from './words.js';

const NOT_ON = "(?![0-9])(?![.,:/’'-][0-9])";
/** `1.000,5`, `1.234.567,89` */
const EUROPEAN = new RegExp(`\\d{1,3}(?:\\.\\d{3})+,\\d{1,6}${NOT_ON}`, 'y');
/** `1.000.000` */
const DOTTED = new RegExp(`\\d{1,3}(?:\\.\\d{3}){2,}${NOT_ON}`, 'y');
/** `38,5`, `0,75`, but not `1,000` */
const DECIMAL_COMMA = new RegExp(`(?:\\d{1,6},(?:\\d{1,2}|\\d{4,6})|0,\\d{3})${NOT_ON}`, 'y');
/** `1 000`, `12 345 678,5` */
const SPACED = new RegExp(`\\d{1,3}(?: \\d{3})+(?:[.,]\\d{1,6})?${NOT_ON}`, 'y');
/** `1'000`, `12’345` */
const APOSTROPHES = new RegExp(`\\d{1,3}(?:['’]\\d{3})+(?:[.,]\\d{1,6})?${NOT_ON}`, 'y');
/** `1,00,000` */
const INDIAN = new RegExp(`\\d{1,2}(?:,\\d{2})+,\\d{3}(?:\\.\\d{1,6})?${NOT_ON}`, 'y');
/** `12,5-14,5`, `36.5–37,5`: two decimals, of which one at least has a comma. */
const DECIMAL_RANGE = /(\d{1,4}[.,]\d{1,2})([ ]?[-–—][ ]?)(\d{1,4}[.,]\d{1,2})(?![0-9])(?![.,:/’'-][0-9])/y;
const FRACTIONS: Readonly<Record<string, string>> = {
  '½': '5',
  '¼': '25',
  '¾': '75',
  '⅛': '125',
  '⅜': '375',
  '⅝': '625',
  '⅞': '875',
  '⅕': '2',
  '⅖': '4',
  '⅗': '6',
  '⅘': '8',
};
const FRACTION = /(\d{1,4})?[ ]?([¼-¾⅐-⅞])(?![0-9A-Za-z])/y;

const READ = READ_AS_ONE_NUMBER;

/**
 * Numbers as other countries write them: `1.000,5`, `38,5`, `1 000`, `1'000`, `1,00,000`, and fractions in one character.
 * Where a number may also be a list or a key, only what is compared or has a unit counts.
 */
export function matchNumberForm(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const { start, end } = token;
  if (token.unusual || isFraction(text, end + 1)) return fraction(scan, i);
  const sign = text[end] ?? '';
  const range = sign === ',' || sign === '.' ? decimalRange(scan, i) : undefined;
  if (range !== undefined) return range;
  if (token.kind !== 'number' || !/\d/.test(text[end + 1] ?? '')) return undefined;
  if (sign === '.') {
    const european = matchAt(EUROPEAN, text, start);
    if (european !== null)
      return read(scan, european[0], european[0].replaceAll('.', '').replace(',', '.'), start);
    const dotted = matchAt(DOTTED, text, start);
    return dotted !== null && isAmount(scan, i, start + dotted[0].length)
      ? read(scan, dotted[0], dotted[0].replaceAll('.', ''), start)
      : undefined;
  }
  if (sign === ',') {
    const indian = matchAt(INDIAN, text, start);
    if (indian !== null) return read(scan, indian[0], indian[0].replaceAll(',', ''), start);
    const decimal = matchAt(DECIMAL_COMMA, text, start);
    return decimal !== null && isAmount(scan, i, start + decimal[0].length)
      ? read(scan, decimal[0], decimal[0].replace(',', '.'), start)
      : undefined;
  }
  if (sign !== ' ' && sign !== "'" && sign !== '’') return undefined;
  const grouped = matchAt(sign === ' ' ? SPACED : APOSTROPHES, text, start);
  if (grouped === null || token.word.startsWith('0')) return undefined;
  const [spelled] = grouped;
  const isCertain = sign !== ' ' || / 0/.test(spelled);
  if (!isCertain && /^age[ds]?$/.test(wordBefore(scan, i))) return undefined;
  if (!isCertain && !isAmount(scan, i, start + spelled.length)) return undefined;
  return read(scan, spelled, spelled.replace(/[ '’]/g, '').replace(',', '.'), start);
}

function decimalRange(scan: Scan, i: number): Found | undefined {
  const { start, kind } = scan.tokens[i]!;
  const range = kind === 'number' ? matchAt(DECIMAL_RANGE, scan.text, start) : null;
  if (range === null || /[.,]/.test(scan.text[start - 1] ?? '')) return undefined;
  const [whole, low = '', sign = '', high = ''] = range;
  const [from, to] = [low, high].map((end) => end.replace(',', '.')) as [string, string];
  if (!(low + high).includes(',') || Number(from) >= Number(to)) return undefined;
  const note = (spelled: string): Match['notes'] => (spelled.includes(',') ? [READ] : undefined);
  const first = { ...amount(start, low, from, false), notes: note(low) };
  const second = { ...amount(start + low.length + sign.length, high, to, false), notes: note(high) };
  return { matches: [first, second], end: start + whole.length };
}

function isFraction(text: string, at: number): boolean {
  return text.charCodeAt(at) >= 0xbc && FRACTIONS[text[at]!] !== undefined;
}

/** Whether something is compared with the number at token `i`, or a unit follows, or it is the second of such a pair. */
function isAmount(scan: Scan, i: number, end: number): boolean {
  const { text, tokens } = scan;
  const before = wordBefore(scan, i);
  if (KEEP_AFTER.has(before)) return false;
  if (comparisonBefore(scan, i) !== 'none' || before === 'between' || before === 'of' || before === 'from')
    return true;
  if (CURRENCY.includes(text[tokens[i]!.start - 1] ?? ' ') || '€%°'.includes(text[end] ?? ' ')) return true;
  const after = whatFollows(scan, end, i);
  if (after === 'unit' || after === 'open-end' || after === 'age' || after === 'time') return true;
  if (/^(?:and|to|or)$/.test(before))
    return /(?:\d[.,]\d{1,6}|\b(?:of|from|between) \d{1,4}) $/.test(
      text.slice(0, tokens[i - 1]!.start).slice(-14),
    );
  const next = tokenAfter(scan, end, i);
  return next?.word === 'and' || next?.word === 'to' || next?.word === 'or'
    ? /^ (?:and|to|or) \d+[.,]\d{1,2}(?!\d)/.test(text.slice(end, end + 14))
    : false;
}

function read(scan: Scan, spelled: string, digits: string, start: number): Found {
  const sign = scan.text[start - 1] ?? '';
  const isNegative = (sign === '-' || sign === '−') && /[\s(<>=]/.test(scan.text[start - 2] ?? ' ');
  const from = isNegative && start - 1 >= scan.from ? start - 1 : start;
  const text = scan.text.slice(from, start + spelled.length);
  return one({ ...amount(from, text, digits, from < start), notes: [READ] });
}

/** `7½` is 7.5; a third is no decimal and is asked for. */
function fraction(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start } = tokens[i]!;
  const match = matchAt(FRACTION, text, start);
  if (match === null) return undefined;
  const [spelled, whole = '0', sign] = match;
  const decimals = FRACTIONS[sign!];
  const end = start + spelled.length;
  if (decimals === undefined) {
    return one(ask('unread-number', start, end, text, `stands for '${sign!}'; write a decimal number`));
  }
  return one({ ...amount(start, spelled, `${whole}.${decimals}`, false), notes: [READ] });
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}
