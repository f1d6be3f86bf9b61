import type { PlaceholderPrefix, PlaceholderType } from '../../data/placeholder.js';
import type { PlaceholderValue } from '../values.js';
import type { Token } from './lexer.js';

/** How `03/04/2024` is read: March 4 (`mdy`) or 3 April (`dmy`). */
export type DateOrder = 'mdy' | 'dmy';

export interface VaultOptions {
  /** Without it an ambiguous date is read as `mdy`; either way it is reported in `notes`. */
  dateOrder?: DateOrder | undefined;
  /** Names of the schema that hold digits and are no values (`concept id 1`); see `namesWithDigits`. */
  names?: SchemaNames | undefined;
}

/** Names that stay in the question. */
export interface SchemaNames {
  /** Each as its words. */
  byFirstWord: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Words of the longest name. */
  longest: number;
}

/** A place in the original question, in UTF-16 units; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
  text: string;
}

/** One value that was taken out. Its first occurrence is `start`, `end`, `text`. */
export interface VaultEntry extends PlaceholderValue {
  /** Normalised: ISO date, `YYYY-MM`, `YYYY-Qn`, `YYYY`, digits, unquoted text; an ID as it is spelled. */
  value: string;
  start: number;
  end: number;
  /** Every occurrence in reading order; spellings may differ (`2024-03-05`, `March 5, 2024`). */
  spans: Span[];
}

export type NoteCode =
  | 'ambiguous-date'
  | 'invalid-date'
  | 'incomplete-date'
  | 'two-digit-year'
  | 'decade'
  | 'fiscal-year'
  | 'time-zone-ignored'
  | 'unusual-digits';

/** Something the person should know about how a value was read. The message names the placeholder, not the value. */
export interface Note {
  code: NoteCode;
  message: string;
  /** The placeholder it is about. */
  name: string;
  start: number;
  end: number;
}

export interface VaultResult {
  /** The question with a placeholder in the place of each value. */
  question: string;
  /** In the order of their first occurrence. */
  placeholders: VaultEntry[];
  notes: Note[];
}

/** A value found by a recogniser. */
export interface Match {
  start: number;
  end: number;
  prefix: PlaceholderPrefix;
  kind: string;
  type: PlaceholderType;
  value: string;
  notes?: readonly { code: NoteCode; message: string }[];
}

/** What a recogniser made of the text up to `end`; no match means: known, and it stays in the question. */
export interface Found {
  matches: readonly Match[];
  end: number;
}

/** The text under the scan. Everything before `from` has been dealt with. */
export interface Scan {
  /** With plain blanks only; offsets are those of `written`. */
  readonly text: string;
  readonly written: string;
  readonly tokens: readonly Token[];
  readonly dateOrder: DateOrder | undefined;
  from: number;
  /** Quotes that never close from here on. */
  unclosed: string;
  /** The token with digits that was looked up last, by `nextDigits`. */
  digitsAt: number;
  /** Whether the question ranks (`most`, `latest`); found out when first asked. */
  ranked: boolean | undefined;
  /** Names of the schema that hold digits. */
  readonly names: SchemaNames | undefined;
}

/**
 * Looks at the token `i` and says what stands there, or nothing. To keep the scan linear a recogniser reads at most
 * a bounded distance beyond what it consumes.
 */
export type Recognise = (scan: Scan, i: number) => Found | undefined;
