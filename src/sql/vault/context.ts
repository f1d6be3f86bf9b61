import { isDigitAt } from './lexer.js';
import type { QuestionToken } from './lexer.js';
import { matchAt } from './text.js';
import type { Scan } from './types.js';
import {
  BEFORE_ROWS,
  COMPARATORS,
  EQUALITIES,
  NOT_ROWS,
  OPEN_ENDS,
  QUANTITIES,
  RANKING,
  RELATIVE_ENDS,
  SUPERLATIVES,
  TEMPORAL_COMPARATIVES,
  TIME_UNITS,
  UNITS,
} from './words.js';

/** The word before token `i` if only spaces or hyphens lie between; otherwise empty. */
export function wordBefore(scan: Scan, i: number): string {
  const before = scan.tokens[i - 1];
  const token = scan.tokens[i];
  if (before === undefined || token === undefined) return '';
  return isGap(scan.text, before.end, token.start, ' \t-') ? before.word : '';
}

/** The token after position `end` if only spaces or hyphens lie between. The search starts at token `i`. */
export function tokenAfter(scan: Scan, end: number, i: number): QuestionToken | undefined {
  let j = i;
  while (j < scan.tokens.length && scan.tokens[j]!.start < end) j++;
  const next = scan.tokens[j];
  return next !== undefined && isGap(scan.text, end, next.start, ' \t-') ? next : undefined;
}

/** Whether `text[start, end)` is short and consists of the given characters only. */
export function isGap(text: string, start: number, end: number, signs: string): boolean {
  if (end - start > 4) return false;
  for (let at = start; at < end; at++) if (!signs.includes(text[at]!)) return false;
  return true;
}

const COMPARISON_SIGNS = '<>=!≥≤≠~≈';
export const CURRENCY = '$€£';

/** How a number is compared. `equality` fits an ID or a quantity; `amount` fits only a quantity. */
export type NumberComparison = 'none' | 'equality' | 'amount';

/** Reads the comparison before the number at token `i`: `over 65`, `at least 3`, `>= 140`, `$500`, `= 17`. */
export function comparisonBefore(scan: Scan, i: number): NumberComparison {
  const { text, tokens } = scan;
  let at = tokens[i]!.start - 1;
  while (at >= 0 && ' -−.'.includes(text[at]!)) at--;
  if (at >= 0 && CURRENCY.includes(text[at]!)) return 'amount';
  if (at >= 0 && COMPARISON_SIGNS.includes(text[at]!)) return signBefore(scan, i, at);
  const word = wordBefore(scan, i);
  if (word === '') return 'none';
  if (word === 'than') {
    const second = wordBefore(scan, i - 1);
    if (second === 'other') return 'equality';
    return TEMPORAL_COMPARATIVES.has(second) ? 'none' : 'amount';
  }
  if (EQUALITIES.has(word)) return 'equality';
  if (COMPARATORS.has(word)) return 'amount';
  if (word === 'most') return wordBefore(scan, i - 1) === 'at' ? 'amount' : 'none';
  if (word === 'of') {
    const second = wordBefore(scan, i - 1);
    // `over the age of 65`
    return QUANTITIES.has(second) || second === 'age' || second === 'ages' ? 'amount' : 'none';
  }
  if (word !== 'to') return 'none';
  const second = wordBefore(scan, i - 1);
  return second === 'up' ? 'amount' : second === 'equal' ? 'equality' : 'none';
}

/** `year >= 2019` compares dates; `=`, `<>` and `!=` may precede an ID. */
function signBefore(scan: Scan, i: number, at: number): NumberComparison {
  if (/(?:year|date|birth)$/.test(scan.tokens[i - 1]?.word ?? '')) return 'none';
  let start = at;
  while (start > 0 && at - start < 2 && COMPARISON_SIGNS.includes(scan.text[start - 1]!)) start--;
  return /^(?:==?|<>|!=|≠)$/.test(scan.text.slice(start, at + 1)) ? 'equality' : 'amount';
}

/** What follows a number. */
export type After = 'unit' | 'time' | 'ago' | 'age' | 'open-end' | 'superlative' | 'none';

/** Reads what follows a number that ends at `end`: `65 mg`, `30 days`, `65 years old`, `65 or older`, `10 most common`. */
export function whatFollows(scan: Scan, end: number, i: number): After {
  const { text } = scan;
  const upper = matchAt(UPPER_END, text, end);
  if (upper !== null) {
    // `24-48 hours`, `5 to 10 mg`, `7, 14 and 30 days`: the unit of the last number applies to all.
    const glued = upper[1]!.toLowerCase();
    if (glued !== '') return UNITS.has(glued) ? 'unit' : TIME_UNITS.has(glued) ? 'time' : 'none';
    const after = whatFollowsOne(scan, end + upper[0].length, i);
    return after === 'unit' || after === 'time' || after === 'age' ? after : 'none';
  }
  return whatFollowsOne(scan, end, i);
}

// After a longer number the last one is something else: `patient 12345 and 3 days`.
const UPPER_END =
  /(?<!\d{4})(?:[ \t]?[-–][ \t]?|-to-|(?:-?,[ \t]?\d{1,4}){0,6}-?,?[ \t](?:to|or|and)[ \t])\d{1,9}(?:\.\d{1,9})?([a-zµμ]{0,6})(?![0-9A-Za-z:/]|-\d)/iy;

function whatFollowsOne(scan: Scan, end: number, i: number): After {
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

/** Reads on after a unit of time: `65 years old`, `65-year-old`, `65 years of age`, `30 days or more`, `2 weeks ago`. */
function afterTime(scan: Scan, unit: QuestionToken, i: number): After {
  const next = tokenAfter(scan, unit.end, i);
  if (next === undefined) return 'time';
  if (next.word === 'old' || next.word === 'olds') return 'age';
  if (RELATIVE_ENDS.has(next.word)) return 'ago';
  const second = tokenAfter(scan, next.end, i);
  if (next.word === 'of' && second?.word === 'age') return 'age';
  if ((next.word === 'or' || next.word === 'and') && second !== undefined && OPEN_ENDS.has(second.word)) {
    return 'open-end';
  }
  return 'time';
}

/**
 * Whether a number counts rows because the question ranks: `the 5 patients with the most visits`, `keep the 3 with
 * the highest cost`, `…: 5 visit id values`.
 */
export function countsRankedRows(scan: Scan, i: number, end: number): boolean {
  const { text, tokens } = scan;
  const next = tokenAfter(scan, end, i + 1);
  if (next === undefined || (NOT_ROWS.has(next.word) && wordBefore(scan, i) === 'of')) return false;
  const word = wordBefore(scan, i);
  if (word === '') {
    const before = text.slice(Math.max(0, tokens[i]!.start - 2), tokens[i]!.start);
    if (tokens[i]!.start > 0 && !/^[:;.?]/.test(before)) return false;
  } else if (!BEFORE_ROWS.has(word)) return false;
  scan.ranked ??= tokens.some((token) => RANKING.has(token.word));
  return scan.ranked;
}
