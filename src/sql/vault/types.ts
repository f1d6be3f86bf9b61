import type { PartOfText, PlaceholderPrefix, PlaceholderType } from '../../data/placeholder.js';
import type { PlaceholderValue } from '../values.js';
import type { QuestionToken } from './lexer.js';
import type { SchemaKnowledge, NamesWithDigits } from './schema-knowledge.js';

/** How `03/04/2024` is read: March 4 (`mdy`) or 3 April (`dmy`). */
export type DateOrder = 'mdy' | 'dmy';

export interface VaultOptions {
  /** How ambiguous dates are read (default `mdy`). Each one is reported in `notes`. */
  dateOrder?: DateOrder | undefined;
  /** Schema names with digits in them, which are not values (`concept id 1`); see `namesWithDigits`. */
  names?: NamesWithDigits | undefined;
  /**
   * What is known of the schema (`knowledgeOf`). Only with it are unquoted names taken out: what is a name and what a word
   * of the question depends on the schema.
   */
  knowledge?: SchemaKnowledge | undefined;
}

/** A range of the original question, in UTF-16 units; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
  text: string;
  /** Words that stand before the placeholder and not in the question: `aged ` of `in their 70s`. */
  before?: string | undefined;
  /** The same for words that follow it: ` days` of `a fortnight`. */
  after?: string | undefined;
}

/** One value that was taken out. `start`, `end` and `text` describe its first occurrence. */
export interface VaultEntry extends PlaceholderValue {
  /** Normalised: ISO date, `YYYY-MM`, `YYYY-Qn`, `YYYY`, digits, or unquoted text. An ID keeps its spelling. */
  value: string;
  start: number;
  end: number;
  /** Every occurrence in reading order. Spellings may differ (`2024-03-05`, `March 5, 2024`). */
  spans: Span[];
}

export type NoteCode =
  | 'ambiguous-date'
  | 'invalid-date'
  | 'incomplete-date'
  | 'unread-time'
  | 'unread-number'
  | 'two-digit-year'
  | 'decade'
  | 'age-range'
  | 'loose-amount'
  | 'number-format'
  | 'fiscal-year'
  | 'time-zone-ignored'
  | 'unusual-digits'
  | 'misspelled-word'
  | 'longer-value'
  | 'several-values';

/**
 * Something the person should know about how the question was read. The message names a value's placeholder, not the value;
 * only `longer-value` quotes the value of the database that is meant instead.
 */
export interface Note {
  code: NoteCode;
  message: string;
  /** The placeholder in question; undefined if the note is about a word that stays in the question. */
  name?: string | undefined;
  start: number;
  end: number;
}

export interface VaultResult {
  /** The question with each value replaced by a placeholder. */
  question: string;
  /** The same with misspelled words as they were read, for everything that looks up words; undefined if there are none. */
  read?: string | undefined;
  /** In order of first occurrence. */
  placeholders: VaultEntry[];
  notes: Note[];
}

/** A value that a recogniser found. */
export interface Match {
  start: number;
  end: number;
  prefix: PlaceholderPrefix;
  kind: string;
  type: PlaceholderType;
  value: string;
  /** Words written before the placeholder that are not in the question. */
  before?: string | undefined;
  /** Words written after the placeholder that are not in the question. */
  after?: string | undefined;
  columns?: readonly string[] | undefined;
  part?: PartOfText | undefined;
  literals?: Readonly<Record<string, string>> | undefined;
  notes?: readonly { code: NoteCode; message: string }[] | undefined;
}

/** A recogniser's reading of the text up to `end`. Without matches the text was recognised and stays in the question. */
export interface Found {
  matches: readonly Match[];
  end: number;
}

/** State of a scan. Everything before `from` has been read. */
export interface Scan {
  /** The text with every kind of whitespace replaced by a plain space; offsets match `written`. */
  readonly text: string;
  /** The text as it was written. */
  readonly written: string;
  readonly tokens: readonly QuestionToken[];
  readonly dateOrder: DateOrder | undefined;
  from: number;
  /** Opening quotes known to have no closing quote from here on. */
  unclosed: string;
  /** Cache of `nextDigits`: the token with digits that it found last. */
  digitsAt: number;
  /** Whether the question ranks rows (`most`, `latest`); computed on first use. */
  ranked: boolean | undefined;
  /** Schema names with digits in them. */
  readonly names: NamesWithDigits | undefined;
}

/**
 * Reads what starts at token `i`, or returns nothing. To keep the scan linear, a recogniser may look only a bounded
 * distance beyond what it consumes.
 */
export type Recognise = (scan: Scan, i: number) => Found | undefined;
