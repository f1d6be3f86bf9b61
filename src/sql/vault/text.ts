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

/** Digits of other scripts and full-width ones that are one UTF-16 unit long. */
const OTHER_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19]/;
const OTHER_DIGITS = new RegExp(OTHER_DIGIT, 'g');

export function hasOtherDigits(text: string): boolean {
  return OTHER_DIGIT.test(text);
}

/** Writes 0 to 9 for the digits of other scripts, at the same offsets. Most of their zeros end in 0, those of India in 6. */
export function withPlainDigits(text: string): string {
  if (!OTHER_DIGIT.test(text)) return text;
  return text.replace(OTHER_DIGITS, (digit) => {
    const code = digit.charCodeAt(0);
    return String((code & 15) - (code >= 0x966 && code <= 0x9ef ? 6 : 0));
  });
}
