import { placeholderName, type PlaceholderPrefix } from '../../placeholder.js';
import type { QueryValue } from '../statement/program.js';
import type { Random } from '../../../base/random.js';

/**
 * A question before it is text: words, names taken from the schema, and values. From the same pieces come the
 * masked question, the raw question and the skeleton, so that the three cannot drift apart.
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
  /** Names as `<table>`/`<column>`, values as `__ID_1__`; lower case without end punctuation. */
  skeleton: string;
  /** In the order in which the question says them. */
  values: QueryValue[];
}

/** How carefully the question is typed. Values keep their spelling whatever happens to the words around them. */
export interface Typing {
  isLowerCase: boolean;
  hasEndMark: boolean;
}
const CAREFUL: Typing = { isLowerCase: false, hasEndMark: true };

/** Numbers the values in the order of their first mention and writes the three texts. */
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
    raw: tidy(raw, typing),
    skeleton: normaliseQuestion(skeleton),
    values,
  };
}

const UNTIDY = / [ ?.,;:]/;

/** Single blanks, none before a sign; a capital letter at the start and a mark at the end as the typing has them. */
function tidy(text: string, { isLowerCase, hasEndMark }: Typing): string {
  let tidied = (UNTIDY.test(text) ? text.replace(/ {2,}/g, ' ').replace(/ ([?.,;:])/g, '$1') : text).trim();
  if (!hasEndMark && (tidied.endsWith('?') || tidied.endsWith('.'))) tidied = tidied.slice(0, -1);
  return isLowerCase ? tidied : tidied.charAt(0).toUpperCase() + tidied.slice(1);
}

/** Two neighbouring letters swapped, one dropped or one doubled, in one long word of a phrase; values are left alone. */
export function withTypo(phrase: Phrase, random: Random): Phrase {
  const places = phrase.flatMap((piece, index) => {
    // Words right before a value (`above`, `patient`) say what the value is; a slip there would be cruel.
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

/** Two questions with the same normal form count as the same question. */
export function normaliseQuestion(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!,;:]+(?=\s|$)/g, '')
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim();
}
