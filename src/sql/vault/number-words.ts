import { comparisonBefore, tokenAfter, whatFollows, wordBefore } from './context.js';
import { isJoinerAt } from './lexer.js';
import { readNumberWords, type NumberWords } from './number-reading.js';
import { amount, kindOfStructure } from './thresholds.js';
import type { Found, Match, Scan } from './types.js';

/**
 * Numbers in words that something is compared with or that count rows or time: `top four`, `older than sixty`, `two weeks
 * ago`, `between twenty and thirty`. Elsewhere they are words: `the one with the most beds`, `two catheters`.
 */
export function matchNumberWord(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start, word } = tokens[i]!;
  if (isJoinerAt(text, start - 1)) return undefined;
  if (word === 'minus') return negative(scan, i);
  const number = readNumberWords(scan, i);
  if (number === undefined) return undefined;
  const range = rangeOf(scan, i, number);
  if (range !== undefined) return range;
  const { end, next } = number;
  const digits = digitsOf(number);
  const before = wordBefore(scan, i);
  const after = whatFollows(scan, end, next);
  const comparison = comparisonBefore(scan, i);
  const isOne = number.value === 1 && number.decimals === undefined;
  const kind = kindOfStructure(scan, i, { digits, end, before, after, comparison });
  const isCompared = comparison === 'amount' || after === 'age' || after === 'open-end' || after === 'unit';
  // `the last one`, `one of the most common`
  const counts = isOne ? after === 'time' || after === 'ago' : kind !== undefined;
  if (!counts && !isCompared) return undefined;
  return { matches: [{ ...numberMatch(scan, start, number), kind: kind ?? 'threshold' }], end };
}

function digitsOf({ value, decimals }: NumberWords): string {
  return decimals === undefined ? String(value) : `${value}.${decimals}`;
}

function numberMatch({ text }: Scan, start: number, number: NumberWords, isNegative = false): Match {
  return amount(start, text.slice(start, number.end), digitsOf(number), isNegative);
}

/** `below minus five`, `a value of minus two point five` */
function negative(scan: Scan, i: number): Found | undefined {
  const { end, start } = scan.tokens[i]!;
  const number = tokenAfter(scan, end, i + 1) === undefined ? undefined : readNumberWords(scan, i + 1);
  return number === undefined
    ? undefined
    : { matches: [numberMatch(scan, start, number, true)], end: number.end };
}

/** `between five and ten`, `aged eighteen to sixty-five`, `from two to four mg`: both are amounts. */
function rangeOf(scan: Scan, i: number, low: NumberWords): Found | undefined {
  const before = wordBefore(scan, i);
  if (!/^(?:between|from|age[ds]?)$/.test(before)) return undefined;
  const sign = tokenAfter(scan, low.end, low.next);
  const isAnd = sign?.word === 'and';
  if (sign === undefined || !(isAnd ? before === 'between' : sign.word === 'to')) return undefined;
  const high =
    tokenAfter(scan, sign.end, low.next + 1) === undefined ? undefined : readNumberWords(scan, low.next + 1);
  if (high === undefined) return undefined;
  const first = numberMatch(scan, scan.tokens[i]!.start, low);
  return { matches: [first, numberMatch(scan, scan.tokens[low.next + 1]!.start, high)], end: high.end };
}
