import { isDigitAt } from './lexer.js';
import type { Token } from './lexer.js';
import type { Scan } from './types.js';
import {
  COMPARATORS,
  OPEN_ENDS,
  QUANTITIES,
  SUPERLATIVES,
  TEMPORAL_COMPARATIVES,
  TIME_UNITS,
  UNITS,
} from './words.js';

/** The word before token `i`, when only blanks or one hyphen lie between; else empty. */
export function wordBefore(scan: Scan, i: number): string {
  const before = scan.tokens[i - 1];
  const token = scan.tokens[i];
  if (before === undefined || token === undefined) return '';
  return isGap(scan.text, before.end, token.start, ' \t-') ? before.word : '';
}

/** The token after position `end`, starting to look at token `i`, when only blanks or a hyphen lie between. */
export function tokenAfter(scan: Scan, end: number, i: number): Token | undefined {
  let j = i;
  while (j < scan.tokens.length && scan.tokens[j]!.start < end) j++;
  const next = scan.tokens[j];
  return next !== undefined && isGap(scan.text, end, next.start, ' \t-') ? next : undefined;
}

/** Whether `text[start, end)` is short and made of the given signs only. */
export function isGap(text: string, start: number, end: number, signs: string): boolean {
  if (end - start > 4) return false;
  for (let at = start; at < end; at++) if (!signs.includes(text[at]!)) return false;
  return true;
}

const COMPARISON_SIGNS = '<>=≥≤≠~≈';

/** Whether the number that starts at token `i` is compared with: `over 65`, `at least 3`, `>= 140`, `$500`. */
export function isCompared(scan: Scan, i: number): boolean {
  const token = scan.tokens[i]!;
  let at = token.start - 1;
  while (at >= 0 && ' -−.'.includes(scan.text[at]!)) at--;
  if (at >= 0 && '$€£'.includes(scan.text[at]!)) return true;
  if (at >= 0 && COMPARISON_SIGNS.includes(scan.text[at]!))
    return !/(?:year|date|birth)$/.test(scan.tokens[i - 1]?.word ?? '');
  const word = wordBefore(scan, i);
  if (word === '') return false;
  const second = wordBefore(scan, i - 1);
  if (word === 'than') return !TEMPORAL_COMPARATIVES.has(second);
  if (COMPARATORS.has(word)) return true;
  if (word === 'most') return second === 'at';
  if (word === 'to') return second === 'up' || second === 'equal';
  if (word === 'of') return QUANTITIES.has(second);
  return false;
}

export type After = 'unit' | 'time' | 'age' | 'open-end' | 'superlative' | 'none';

/** What follows a number that ends at `end`: `65 mg`, `30 days`, `65 years old`, `65 or older`, `10 most common`. */
export function whatFollows(scan: Scan, end: number, i: number): After {
  const { text } = scan;
  if (text[end] === '%' || text[end] === '°' || (text[end] === ' ' && text[end + 1] === '%')) return 'unit';
  if (text[end] === '+' && !isDigitAt(text, end + 1)) return 'open-end';
  const next = tokenAfter(scan, end, i);
  if (next === undefined) return 'none';
  const word = next.word;
  if (UNITS.has(word)) return 'unit';
  if (word === 'yo') return 'age';
  if (TIME_UNITS.has(word)) return afterTime(scan, next, i);
  if (SUPERLATIVES.has(word)) return 'superlative';
  if (word === 'and' || word === 'or') {
    const open = tokenAfter(scan, next.end, i);
    if (open !== undefined && OPEN_ENDS.has(open.word)) return 'open-end';
  }
  return 'none';
}

/** `65 years old`, `65-year-old`, `65 years of age`, `30 days or more`; otherwise a span of time. */
function afterTime(scan: Scan, unit: Token, i: number): After {
  const next = tokenAfter(scan, unit.end, i);
  if (next === undefined) return 'time';
  if (next.word === 'old' || next.word === 'olds') return 'age';
  const second = tokenAfter(scan, next.end, i);
  if (next.word === 'of' && second?.word === 'age') return 'age';
  if ((next.word === 'or' || next.word === 'and') && second !== undefined && OPEN_ENDS.has(second.word)) {
    return 'open-end';
  }
  return 'time';
}
