import { isJoinerAt, isLetterAt, isWordAt } from './lexer.js';

/** Runs a sticky expression at a position. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether a value that ends at `end` is whole there: no letter, digit or joined part goes on. */
export function endsClean(text: string, end: number): boolean {
  if (isWordAt(text, end)) return false;
  if (text[end] === ':' && isLetterAt(text, end + 1)) return true;
  return !(isJoinerAt(text, end) && isWordAt(text, end + 1));
}

const OTHER_BLANK = /[\t\r\n\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const OTHER_BLANKS = new RegExp(OTHER_BLANK, 'g');

/** The text with every kind of blank as a plain one, at the same offsets: `patient` and `12345` may stand on two lines. */
export function withPlainBlanks(text: string): string {
  return OTHER_BLANK.test(text) ? text.replace(OTHER_BLANKS, ' ') : text;
}
