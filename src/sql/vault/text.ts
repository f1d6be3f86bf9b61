import { isJoinerAt, isLetterAt, isWordAt } from './lexer.js';

/** Matches a sticky expression at a position. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether a value may end at `end`: no letter, digit or joined part follows. */
export function endsClean(text: string, end: number): boolean {
  if (isWordAt(text, end)) return false;
  if (text[end] === ':' && isLetterAt(text, end + 1)) return true;
  return !(isJoinerAt(text, end) && isWordAt(text, end + 1));
}

const OTHER_BLANK = /[\t\r\n\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const OTHER_BLANKS = new RegExp(OTHER_BLANK, 'g');

/** Replaces every kind of whitespace by a plain space, at the same offsets: `patient` and `12345` may be on two lines. */
export function withPlainBlanks(text: string): string {
  return OTHER_BLANK.test(text) ? text.replace(OTHER_BLANKS, ' ') : text;
}
