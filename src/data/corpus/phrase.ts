import { placeholderName, type PlaceholderPrefix } from '../placeholder.js';
import type { Value } from './program.js';

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
  value: Value;
}
export type Phrase = readonly Piece[];

export function tableName(text: string): Phrase {
  return [{ kind: 'name', text, role: 'table' }];
}

export function columnName(text: string): Phrase {
  return [{ kind: 'name', text, role: 'column' }];
}

export function valuePhrase(value: Value): Phrase {
  return [{ kind: 'value', value }];
}

/** Tagged template: say`How many ${many} are there?` */
export function say(parts: TemplateStringsArray, ...phrases: (Phrase | string | number)[]): Phrase {
  const pieces: Piece[] = [];
  parts.forEach((text, index) => {
    if (text !== '') pieces.push(text);
    const phrase = phrases[index];
    if (phrase === undefined) return;
    if (typeof phrase === 'object') pieces.push(...phrase);
    else pieces.push(String(phrase));
  });
  return pieces;
}

/** `a`, `a and b`, `a, b and c`. */
export function sayList(phrases: readonly Phrase[], conjunction = 'and'): Phrase {
  return phrases.flatMap((phrase, index) => {
    if (index === 0) return phrase;
    return [index === phrases.length - 1 ? ` ${conjunction} ` : ', ', ...phrase];
  });
}

export interface WrittenQuestion {
  masked: string;
  raw: string;
  /** Names as `<table>`/`<column>`, values as `__ID_1__`; lower case without end punctuation. */
  skeleton: string;
  /** In the order in which the question says them. */
  values: Value[];
}

/** Numbers the values in the order of their first mention and writes the three texts. */
export function writeQuestion(phrase: Phrase): WrittenQuestion {
  const values: Value[] = [];
  const used: Record<PlaceholderPrefix, number> = { ID: 0, DATE: 0, TEXT: 0, NUM: 0 };
  let masked = '';
  let raw = '';
  let skeleton = '';
  for (const piece of phrase) {
    if (typeof piece === 'string') {
      masked += piece;
      raw += piece;
      skeleton += piece;
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
  return { masked: tidy(masked), raw: tidy(raw), skeleton: normaliseQuestion(skeleton), values };
}

/** Single blanks, none before a sign; a capital letter at the start. */
function tidy(text: string): string {
  const trimmed = text
    .replace(/ {2,}/g, ' ')
    .replace(/ ([?.,;:])/g, '$1')
    .trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}

/** Two questions with the same normal form count as the same question. */
export function normaliseQuestion(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!,;:]+(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
