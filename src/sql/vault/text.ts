import { isJoinerAt, isWordAt } from './lexer.js';

/** Runs a sticky expression at a position. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether a value that ends at `end` is whole there: no letter, digit or joined part goes on. */
export function endsClean(text: string, end: number): boolean {
  if (isWordAt(text, end)) return false;
  return !(isJoinerAt(text, end) && isWordAt(text, end + 1));
}
