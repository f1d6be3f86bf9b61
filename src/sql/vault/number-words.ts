import { comparisonBefore, tokenAfter, whatFollows, wordBefore } from './context.js';
import { isJoinerAt } from './lexer.js';
import { NUMBER_NAMES } from './number-names.js';
import { amount, kindOfStructure } from './thresholds.js';
import type { Found, Scan } from './types.js';

/** The number in words that starts at token `i`: `four`, `twenty-five`, `two hundred`. */
export function readNumberWords(
  scan: Scan,
  i: number,
): { value: number; end: number; next: number } | undefined {
  const { tokens } = scan;
  let value = NUMBER_NAMES.get(tokens[i]!.word);
  if (value === undefined) return undefined;
  let next = i + 1;
  let end = tokens[i]!.end;
  const unit = value >= 20 ? unitAfter(scan, end, next) : undefined;
  if (unit !== undefined) {
    value += unit;
    end = tokens[next++]!.end;
  }
  if (tokenAfter(scan, end, next)?.word === 'hundred') {
    value *= 100;
    end = tokens[next++]!.end;
  }
  return { value, end, next };
}

function unitAfter(scan: Scan, end: number, i: number): number | undefined {
  const value = NUMBER_NAMES.get(tokenAfter(scan, end, i)?.word ?? '');
  return value !== undefined && value < 10 ? value : undefined;
}

/**
 * Numbers in words that something is compared with or that count rows or time: `top four`, `older than sixty`, `two weeks
 * ago`. Elsewhere they are words: `the one with the most beds`, `two catheters`.
 */
export function matchNumberWord(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start } = tokens[i]!;
  if (isJoinerAt(text, start - 1)) return undefined;
  const number = readNumberWords(scan, i);
  if (number === undefined) return undefined;
  const { end, next } = number;
  const digits = String(number.value);
  const before = wordBefore(scan, i);
  const after = whatFollows(scan, end, next);
  const comparison = comparisonBefore(scan, i);
  const isOne = number.value === 1;
  const kind = kindOfStructure(scan, i, { digits, end, before, after, comparison });
  const isCompared = comparison === 'amount' || after === 'age' || after === 'open-end' || after === 'unit';
  // `the last one`, `one of the most common`
  const counts = isOne ? after === 'time' || after === 'ago' : kind !== undefined;
  if (!counts && !isCompared) return undefined;
  const spelled = text.slice(start, end);
  return { matches: [{ ...amount(start, spelled, digits, false), kind: kind ?? 'threshold' }], end };
}
