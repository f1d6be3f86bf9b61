import { hashOn, knownWordAt, learnWord, wordSpelled } from './vocabulary.js';
import type { KnownWord } from './vocabulary.js';

/**
 * Kinds of tokens in a question: runs of letters, digits and underscores, and quotes that may open a quotation.
 * Recognisers read what lies between tokens from the text itself.
 */
export type QuestionTokenKind = 'word' | 'number' | 'mixed' | 'quote';

/**
 * Tokens joined by single signs without spaces: `AB-1234-X`, `a.b@c.org`, `2024-03-05`. `digits` counts ASCII digits,
 * `letters` every other word character.
 */
export interface Chunk {
  start: number;
  end: number;
  digits: number;
  letters: number;
  /** Contains digits of another script or invisible characters. */
  unusual: boolean;
  /** Contains an `@`. */
  address: boolean;
}

/** A token. One that is joined to nothing is its own chunk. */
export interface QuestionToken extends Readonly<Chunk> {
  readonly kind: QuestionTokenKind;
  /** Lower-case text; empty for a quote. */
  readonly word: string;
  /** What is known of the word. `NUMBERED` and the like for what is no word. */
  readonly known: KnownWord;
  chunk: Readonly<Chunk>;
}

/** A token that is joined to nothing. */
export function questionToken(
  kind: QuestionTokenKind,
  start: number,
  end: number,
  digits: number,
  letters: number,
  unusual: boolean,
  word: string,
  known: KnownWord,
): QuestionToken {
  // A literal is made much faster than an object of a class with fields.
  const address = false;
  const token = { kind, start, end, digits, letters, unusual, word, known, address, chunk: NO_CHUNK };
  token.chunk = token;
  return token;
}

const NO_CHUNK: Readonly<Chunk> = { start: 0, end: 0, digits: 0, letters: 0, unusual: false, address: false };

/** Digits, or a word with digits that no recogniser looks for. */
const NUMBERED: KnownWord = { word: '', number: -1, opens: false, isTime: false };
/** What recognisers examine closely: a quote, `a_1`, digits of other scripts. */
const EXAMINED: KnownWord = { word: '', number: -1, opens: true, isTime: false };

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const QUOTE = 3;
const JOINER = 4;

const LOW_LINE = 95;

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
const INVISIBLE = /\p{Cf}/gu;
/** Opening quotes besides the ASCII ones. */
const TYPOGRAPHIC_QUOTES = '“”„‟‘’‚‛«»';
/** U+2010 and U+2011 are hyphens. The en dash is not one: it separates. */
const UNICODE_HYPHENS = '\u2010\u2011';

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) return ASCII_CLASS[code]!;
  const c = text[at]!;
  if (TYPOGRAPHIC_QUOTES.includes(c)) return QUOTE;
  if (UNICODE_HYPHENS.includes(c)) return JOINER;
  return WORD_CHARACTER.test(characterAt(text, at)) ? LETTER : OTHER;
}

/** The whole character that the UTF-16 unit at `at` belongs to. */
function characterAt(text: string, at: number): string {
  const code = text.charCodeAt(at);
  const start = code >= 0xdc00 && code <= 0xdfff && at > 0 ? at - 1 : at;
  const point = text.codePointAt(start)!;
  return point > 0xffff ? String.fromCodePoint(point) : text[at]!;
}

/** Whether the unit at `at` is a word character: a letter, a digit or `_`. False outside the text. */
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
export function tokenizeQuestion(text: string): QuestionToken[] {
  const tokens: QuestionToken[] = [];
  let joined: Chunk | undefined;
  let at = 0;
  while (at < text.length) {
    const c = classOf(text, at);
    if (c === LETTER || c === DIGIT) {
      const token = readWord(text, at);
      if (joined !== undefined) {
        if (separates(text, tokens[tokens.length - 1]!, token)) joined = undefined;
        else join(joined, token);
      }
      tokens.push(token);
      at = token.end;
      if (!(isJoinerAt(text, at) && isWordAt(text, at + 1))) joined = undefined;
      else {
        joined ??= token.chunk = chunkOf(token);
        if (text[at] === '@') joined.address = true;
        at++;
      }
    } else {
      if (c === QUOTE && !isWordAt(text, at - 1)) {
        tokens.push(questionToken('quote', at, at + 1, 0, 0, false, '', EXAMINED));
      }
      at++;
    }
  }
  return tokens;
}

const HEX_PAIR = /^[0-9a-f]{2}$/;

/**
 * Whether the sign before a token separates it from the token before. A colon beside a word does (`CSN:12345`,
 * `12345:visits`), except in an address such as `AA:BB:CC:11:22:33`; so does a slash between a number and a word
 * (`12345/visit`).
 */
function separates(text: string, before: QuestionToken, token: QuestionToken): boolean {
  const sign = text[token.start - 1];
  if (sign === ':') {
    if (before.kind !== 'word' && token.kind !== 'word') return false;
    return !HEX_PAIR.test(before.word) || !HEX_PAIR.test(token.word);
  }
  return sign === '/' && before.digits > 0 && token.kind === 'word' && isSmallLetterAt(text, token.start);
}

function isSmallLetterAt(text: string, at: number): boolean {
  return text[at]! >= 'a' && text[at]! <= 'z';
}

function chunkOf({ start, end, digits, letters, unusual, address }: QuestionToken): Chunk {
  return { start, end, digits, letters, unusual, address };
}

function join(chunk: Chunk, token: QuestionToken): void {
  chunk.end = token.end;
  chunk.digits += token.digits;
  chunk.letters += token.letters;
  chunk.unusual ||= token.unusual;
  token.chunk = chunk;
}

function readWord(text: string, start: number): QuestionToken {
  let digits = 0;
  let letters = 0;
  let unusual = false;
  /** ASCII letters and digits only. Recognisers examine others more closely: `person_id`, `patient's`, `µg`. */
  let simple = true;
  let hash = 0;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const c = code < 128 ? ASCII_CLASS[code]! : classOf(text, end);
    if (c === DIGIT) digits++;
    else if (c === LETTER) {
      letters++;
      if (code === LOW_LINE) simple = false;
      else if (code >= 128) {
        simple = false;
        if (UNUSUAL.test(characterAt(text, end))) unusual = true;
      }
    } else if (c === QUOTE && isApostrophe(text, end) && !isAfterKey(text, start, end, digits)) {
      letters++;
      simple = false;
    } else break;
    hash = hashOn(hash, code);
  }
  if (digits === 0 && !unusual) {
    const known = simple
      ? (knownWordAt(text, start, end, hash) ?? learnWord(text, start, end))
      : wordSpelled(text.slice(start, end));
    return questionToken('word', start, end, 0, letters, false, known.word, known);
  }
  // `patients` with an invisible character in it is the word all the same.
  const visible = digits === 0 ? text.slice(start, end).replace(INVISIBLE, '') : '';
  if (visible !== '' && visible.length < end - start && !UNUSUAL.test(visible)) {
    const known = knownWord(visible);
    return questionToken('word', start, end, 0, letters, true, known.word, known);
  }
  // Numbers and keys are hardly said twice, and may be somebody's: they are not remembered.
  const word = text.slice(start, end).toLowerCase();
  const kind = letters === 0 ? 'number' : digits === 0 ? 'word' : 'mixed';
  const known = simple ? (knownWordAt(text, start, end, hash) ?? NUMBERED) : EXAMINED;
  return questionToken(kind, start, end, digits, letters, unusual, word, known);
}

function knownWord(word: string): KnownWord {
  if (!/^[A-Za-z]+$/.test(word)) return wordSpelled(word);
  let hash = 0;
  for (let k = 0; k < word.length; k++) hash = hashOn(hash, word.charCodeAt(k));
  return knownWordAt(word, 0, word.length, hash) ?? learnWord(word, 0, word.length);
}

/** `patient's`, `O’Brien`: a quote with a letter on both sides. */
function isApostrophe(text: string, at: number): boolean {
  const c = text[at];
  return (c === "'" || c === '’') && isLetterAt(text, at - 1) && isLetterAt(text, at + 1);
}

const POSSESSIVE = /['’]s(?![\p{L}\p{N}_-])/uy;
const KEY_BEFORE = /\d[^\s'’]*$/;
/** No key is longer. */
const KEY_LENGTH = 64;

/** `patient AB12F's`: the ID ends before the apostrophe, or its value would be another one. */
function isAfterKey(text: string, start: number, at: number, digits: number): boolean {
  POSSESSIVE.lastIndex = at;
  if (!POSSESSIVE.test(text)) return false;
  return digits > 0 || KEY_BEFORE.test(text.slice(Math.max(0, start - KEY_LENGTH), start));
}
