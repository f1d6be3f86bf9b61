import { placeholderName, type PlaceholderPrefix } from '../../placeholder.js';
import type { QueryValue } from '../statement/program.js';
import type { Random } from '../../../base/random.js';

/**
 * A question before it becomes text: words, names from the schema, and values. The masked question, the raw question
 * and the skeleton are all written from the same pieces, so they always agree.
 */
export type Piece = string | NamePiece | ValuePiece;
export interface NamePiece {
  kind: 'name';
  text: string;
  role: 'table' | 'column';
}
export interface ValuePiece {
  kind: 'value';
  value: QueryValue;
}
export type Phrase = readonly Piece[];

export function tablePhrase(text: string): Phrase {
  return [{ kind: 'name', text, role: 'table' }];
}

export function columnPhrase(text: string): Phrase {
  return [{ kind: 'name', text, role: 'column' }];
}

export function valuePhrase(value: QueryValue): Phrase {
  return [{ kind: 'value', value }];
}

/** Tagged template: say`How many ${many} are there?` */
export function say(parts: TemplateStringsArray, ...phrases: (Phrase | string | number)[]): Phrase {
  const pieces: Piece[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] !== '') pieces.push(parts[i]!);
    const phrase = phrases[i];
    if (phrase === undefined) continue;
    if (typeof phrase === 'object') for (const piece of phrase) pieces.push(piece);
    else pieces.push(String(phrase));
  }
  return pieces;
}

/** `a`, `a and b`, `a, b and c`. */
export function sayList(phrases: readonly Phrase[], conjunction = 'and'): Phrase {
  const pieces: Piece[] = [];
  phrases.forEach((phrase, index) => {
    if (index > 0) pieces.push(index === phrases.length - 1 ? ` ${conjunction} ` : ', ');
    for (const piece of phrase) pieces.push(piece);
  });
  return pieces;
}

export interface WrittenQuestion {
  masked: string;
  raw: string;
  /** Names as `<table>` or `<column>`, values as `__id_1__`; lower case, no end punctuation. */
  skeleton: string;
  /** In the order of the question. */
  values: QueryValue[];
}

/** How carefully the question is typed. Values always keep their spelling. */
export interface Typing {
  isLowerCase: boolean;
  hasEndMark: boolean;
}
const CAREFUL: Typing = { isLowerCase: false, hasEndMark: true };

/** Numbers the values by first mention and writes the three texts. */
export function writeQuestion(phrase: Phrase, typing: Typing = CAREFUL): WrittenQuestion {
  const values: QueryValue[] = [];
  const used: Record<PlaceholderPrefix, number> = { ID: 0, DATE: 0, TEXT: 0, NUM: 0 };
  let masked = '';
  let raw = '';
  let skeleton = '';
  for (const piece of phrase) {
    if (typeof piece === 'string') {
      const words = typing.isLowerCase ? piece.toLowerCase() : piece;
      masked += words;
      raw += words;
      skeleton += words;
    } else if (piece.kind === 'name') {
      masked += piece.text;
      raw += piece.text;
      skeleton += `<${piece.role}>`;
    } else {
      const { value } = piece;
      if (!values.includes(value)) {
        value.name = placeholderName(value.prefix, ++used[value.prefix]);
        values.push(value);
      }
      masked += value.name;
      raw += value.text;
      skeleton += value.name;
    }
  }
  return {
    masked: tidy(masked, typing),
    raw: tidy(raw, typing, typeof phrase[0] === 'object' && phrase[0].kind === 'value'),
    skeleton: normaliseQuestion(skeleton),
    values,
  };
}

const UNTIDY = / [ ?.,;:]/;

/** Collapses spaces, drops them before punctuation, and applies the typing's capital letter and end mark. Values keep their case. */
function tidy(text: string, { isLowerCase, hasEndMark }: Typing, startsWithValue = false): string {
  let tidied = (UNTIDY.test(text) ? text.replace(/ {2,}/g, ' ').replace(/ ([?.,;:])/g, '$1') : text).trim();
  if (!hasEndMark && (tidied.endsWith('?') || tidied.endsWith('.'))) tidied = tidied.slice(0, -1);
  return isLowerCase || startsWithValue ? tidied : tidied.charAt(0).toUpperCase() + tidied.slice(1);
}

/** The phrase with one typo in one long word: two letters swapped, one dropped or one doubled. Values are kept. */
export function withTypo(phrase: Phrase, random: Random): Phrase {
  const places = phrase.flatMap((piece, index) => {
    // The word before a value (`above`, `patient`) says what the value is; a typo there would hide the meaning.
    const isBeforeValue = typeof phrase[index + 1] === 'object' && !isName(phrase[index + 1]!);
    return typeof piece === 'string' && !isBeforeValue && !/\d/.test(piece) && LONG_WORD.test(piece)
      ? [index]
      : [];
  });
  if (places.length === 0) return phrase;
  const place = random.pick(places);
  const text = (phrase[place] as string).replace(LONG_WORD, (word) => misspell(word, random));
  return phrase.map((piece, index) => (index === place ? text : piece));
}

function isName(piece: Piece): boolean {
  return typeof piece === 'object' && piece.kind === 'name';
}

const LONG_WORD = /[a-z]{6,}/;

function misspell(word: string, random: Random): string {
  const at = random.between(1, word.length - 3);
  const [before, first, second, after] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)];
  switch (random.int(3)) {
    case 0:
      return before + second + first + after;
    case 1:
      return before + second + after;
    default:
      return before + first + first + second + after;
  }
}

/** The normal form of a question: two questions with equal normal forms count as one. */
export function normaliseQuestion(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!,;:]+(?=\s|$)/g, '')
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim();
}
