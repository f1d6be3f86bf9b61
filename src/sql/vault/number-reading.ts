import { tokenAfter } from './context.js';
import { NUMBER_NAMES } from './number-names.js';
import type { Scan } from './types.js';

/** A number in words, and where it ends. */
export interface NumberWords {
  value: number;
  end: number;
  /** Index of the token after it. */
  next: number;
  /** Digits after the point: `5` of `two and a half`, `25` of `one point two five`. */
  decimals?: string | undefined;
}

/** The number in words that starts at token `i`: `four`, `twenty-five`, `two hundred and ten`, `a thousand`, `three point five`. */
export function readNumberWords(scan: Scan, i: number): NumberWords | undefined {
  const first = readBelowThousand(scan, i);
  if (first === undefined) return undefined;
  let { value, end, next } = first;
  const scale = SCALES.get(tokenAfter(scan, end, next)?.word ?? '');
  if (scale !== undefined) {
    value *= scale;
    end = scan.tokens[next++]!.end;
    const rest = readRest(scan, end, next);
    if (rest !== undefined && rest.value < scale)
      ({ value, end, next } = { ...rest, value: value + rest.value });
  }
  const decimals = readDecimals(scan, end, next);
  return { value, ...(decimals ?? { end, next }) };
}

const SCALES: ReadonlyMap<string, number> = new Map([
  ['thousand', 1000],
  ['million', 1_000_000],
]);

/** What follows `hundred` or `thousand`: `twelve`, `and twelve`. */
function readRest(scan: Scan, end: number, next: number): NumberWords | undefined {
  const token = tokenAfter(scan, end, next);
  if (token === undefined) return undefined;
  if (token.word !== 'and') return readBelowThousand(scan, next);
  return tokenAfter(scan, token.end, next + 1) === undefined ? undefined : readBelowThousand(scan, next + 1);
}

function readBelowThousand(scan: Scan, i: number): NumberWords | undefined {
  const { tokens } = scan;
  let value = NUMBER_NAMES.get(tokens[i]?.word ?? '');
  if (value === undefined) return undefined;
  let next = i + 1;
  let end = tokens[i]!.end;
  const unit = value >= 20 ? unitAfter(scan, end, next) : undefined;
  if (unit !== undefined) {
    value += unit;
    end = tokens[next++]!.end;
  }
  if (tokenAfter(scan, end, next)?.word !== 'hundred') return { value, end, next };
  value *= 100;
  end = tokens[next++]!.end;
  const token = tokenAfter(scan, end, next);
  const at = token?.word === 'and' ? next + 1 : next;
  const rest = NUMBER_NAMES.get(tokens[at]?.word ?? '');
  // `two hundred and one patient`: what follows `and` may also be another number, but then it has a noun of its own.
  if (token === undefined || rest === undefined) return { value, end, next };
  value += rest;
  next = at + 1;
  end = tokens[at]!.end;
  const last = rest >= 20 ? unitAfter(scan, end, next) : undefined;
  return last === undefined
    ? { value, end, next }
    : { value: value + last, end: tokens[next]!.end, next: next + 1 };
}

function unitAfter(scan: Scan, end: number, i: number): number | undefined {
  const value = NUMBER_NAMES.get(tokenAfter(scan, end, i)?.word ?? '');
  return value !== undefined && value < 10 ? value : undefined;
}

/** `point five`, `point two five` */
function readDecimals(
  scan: Scan,
  end: number,
  next: number,
): Required<Pick<NumberWords, 'end' | 'next' | 'decimals'>> | undefined {
  if (tokenAfter(scan, end, next)?.word !== 'point') return undefined;
  let decimals = '';
  let at = next + 1;
  for (; decimals.length < 6; at++) {
    const word = tokenAfter(scan, scan.tokens[at - 1]!.end, at)?.word ?? '';
    const digit = word === 'zero' ? 0 : NUMBER_NAMES.get(word);
    if (digit === undefined || digit > 9) break;
    decimals += String(digit);
  }
  return decimals === '' ? undefined : { decimals, end: scan.tokens[at - 1]!.end, next: at };
}
