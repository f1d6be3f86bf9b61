/**
 * Tokens of a question: runs of letters, digits and underscores, and quotes that may open a quotation. What lies
 * between tokens is read from the text where a recogniser needs it.
 */
export type TokenKind = 'word' | 'number' | 'mixed' | 'quote';

/**
 * Tokens joined by single signs without a blank: `AB-1234-X`, `a.b@c.org`, `2024-03-05`. Counts are ASCII digits
 * and everything else that belongs to a word.
 */
export interface Chunk {
  start: number;
  end: number;
  digits: number;
  letters: number;
  /** Holds digits of another script or characters that do not show. */
  unusual: boolean;
  /** Joined by `@`. */
  address: boolean;
}

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
  /** Lower-cased text; empty for a quote. */
  word: string;
  chunk: Chunk;
}

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const QUOTE = 3;
const JOINER = 4;

const ASCII_CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const c = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(c)) ASCII_CLASS[code] = LETTER;
  else if (/[0-9]/.test(c)) ASCII_CLASS[code] = DIGIT;
  else if (/["'`]/.test(c)) ASCII_CLASS[code] = QUOTE;
  else if (/[-./:@+]/.test(c)) ASCII_CLASS[code] = JOINER;
}

const WORD_CHARACTER = /[\p{L}\p{M}\p{N}\p{Cf}\p{Co}]/u;
const UNUSUAL = /[\p{N}\p{Cf}]/u;
/** Opening quotes besides the ASCII ones. */
const TYPOGRAPHIC_QUOTES = '“”„‟‘’‚‛«»';
/** U+2010 and U+2011 are hyphens; the en dash separates and does not join. */
const UNICODE_HYPHENS = '\u2010\u2011';

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) return ASCII_CLASS[code]!;
  const c = text[at]!;
  if (TYPOGRAPHIC_QUOTES.includes(c)) return QUOTE;
  if (UNICODE_HYPHENS.includes(c)) return JOINER;
  return WORD_CHARACTER.test(characterAt(text, at)) ? LETTER : OTHER;
}

/** The character that the unit at `at` is part of: a surrogate is looked at together with its other half. */
function characterAt(text: string, at: number): string {
  const code = text.charCodeAt(at);
  const start = code >= 0xdc00 && code <= 0xdfff && at > 0 ? at - 1 : at;
  const point = text.codePointAt(start)!;
  return point > 0xffff ? String.fromCodePoint(point) : text[at]!;
}

/** Whether the unit at `at` continues a word: a letter, a digit, `_`. False outside the text. */
export function isWordAt(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return false;
  const c = classOf(text, at);
  return c === LETTER || c === DIGIT;
}

export function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

export function isLetterAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && classOf(text, at) === LETTER;
}

export function isJoinerAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && classOf(text, at) === JOINER;
}

/** Splits a text into tokens, in one pass. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let chunk: Chunk | undefined;
  let at = 0;
  while (at < text.length) {
    const c = classOf(text, at);
    if (c === LETTER || c === DIGIT) {
      const token = readWord(text, at, chunk);
      chunk = token.chunk;
      tokens.push(token);
      at = token.end;
      if (!(isJoinerAt(text, at) && isWordAt(text, at + 1))) chunk = undefined;
      else {
        if (text[at] === '@') chunk.address = true;
        at++;
      }
    } else {
      if (c === QUOTE && !isWordAt(text, at - 1)) {
        tokens.push({
          kind: 'quote',
          start: at,
          end: at + 1,
          word: '',
          chunk: { start: at, end: at + 1, digits: 0, letters: 0, unusual: false, address: false },
        });
      }
      at++;
    }
  }
  return tokens;
}

function readWord(text: string, start: number, joined: Chunk | undefined): Token {
  const chunk = joined ?? { start, end: start, digits: 0, letters: 0, unusual: false, address: false };
  let digits = 0;
  let letters = 0;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const c = code < 128 ? ASCII_CLASS[code]! : classOf(text, end);
    if (c === DIGIT) digits++;
    else if (c === LETTER) {
      letters++;
      if (code >= 128 && UNUSUAL.test(characterAt(text, end))) chunk.unusual = true;
    } else if (c === QUOTE && isApostrophe(text, end)) letters++;
    else break;
  }
  chunk.end = end;
  chunk.digits += digits;
  chunk.letters += letters;
  const kind = letters === 0 ? 'number' : digits === 0 ? 'word' : 'mixed';
  return { kind, start, end, word: text.slice(start, end).toLowerCase(), chunk };
}

/** `patient's`, `O’Brien`: a mark with a letter on both sides. */
function isApostrophe(text: string, at: number): boolean {
  const c = text[at];
  return (c === "'" || c === '’') && isLetterAt(text, at - 1) && isLetterAt(text, at + 1);
}
