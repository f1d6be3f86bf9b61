import type { QuestionToken } from './lexer.js';

/**
 * The numbers that a recogniser can start at, among plain ones: digits with a blank or nothing before them. It may list
 * too many, never too few.
 */
export interface NumberShape {
  /** How many digits; left out if any number. */
  lengths?: readonly number[] | undefined;
  /** Signs right after the digits, or letters and digits after one blank; left out if anything may follow. */
  next?: { signs: string; words: string } | undefined;
}

/** Signs that join the digits to what follows. */
export const JOINING = '-./:\u2010\u2011';
export const HYPHENS = '-\u2010\u2011–';
export const DIGITS = '0123456789';

const SIGNS = `${JOINING},'’–—`;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** More digits count as this many. */
const MOST_DIGITS = 9;
/** What may follow: nothing, a sign, or a blank and a letter or digit. */
const NEXT: readonly string[] = ['', ...SIGNS, ...[...LETTERS, ...DIGITS].map((letter) => ` ${letter}`)];
const SIGN_AT = new Int8Array(128).fill(-1);
for (const sign of SIGNS) if (sign < '\x7f') SIGN_AT[sign.charCodeAt(0)] = NEXT.indexOf(sign);
const WORD_AT = new Int8Array(128).fill(-1);
for (const letter of LETTERS + LETTERS.toUpperCase() + DIGITS)
  WORD_AT[letter.charCodeAt(0)] = NEXT.indexOf(` ${letter.toLowerCase()}`);

/** The place of a plain number in a table by length and by what follows; -1 for every other number. */
export function numberPlace(text: string, { start, end }: QuestionToken): number {
  if (start > 0 && text.charCodeAt(start - 1) !== 32) return -1;
  const next = nextOf(text, end);
  return next < 0 ? -1 : Math.min(end - start, MOST_DIGITS) * NEXT.length + next;
}

function nextOf(text: string, end: number): number {
  if (end === text.length) return 0;
  const code = text.charCodeAt(end);
  if (code === 32) {
    const after = text.charCodeAt(end + 1);
    return after < 128 ? WORD_AT[after]! : -1;
  }
  if ((code === 63 || code === 46) /* ? . */ && end + 1 === text.length) return 0;
  return code < 128 ? SIGN_AT[code]! : NEXT.indexOf(text[end]!);
}

/** A table of what `numberPlace` tells apart: at each place those of `all` that can start there, in their order. */
export function byNumberPlace<T>(all: readonly T[], shapesOf: (one: T) => readonly NumberShape[]): T[][] {
  const table: T[][] = [];
  for (let digits = 0; digits <= MOST_DIGITS; digits++) {
    for (const next of NEXT) {
      const starts = ({ lengths, next: wanted }: NumberShape): boolean =>
        lengths?.includes(digits) !== false &&
        (wanted === undefined ||
          (next.length === 1 ? wanted.signs.includes(next) : wanted.words.includes(next.slice(1) || '?')));
      table.push(all.filter((one) => shapesOf(one).some(starts)));
    }
  }
  return table;
}
