import type { Datepart } from './dateparts.js';

/**
 * What an argument is:
 *
 * - `any`: a value of any type; `written`: one that SQL Server silently turns into text
 * - `number`; `whole`: a number that is truncated to an int; `position`: a whole number; `length`: a whole number that is not
 *   negative (message 536)
 * - `text`, or what becomes text; `measured`: the same, but not a uniqueidentifier; `cuttable`: text only
 * - `date`, with or without a time; `dateOrTime`
 * - `summed`, `ordered`: a value that SUM, or MIN, works on
 * - `formatted`: a number or a date; `pattern`: how to write it; `separator`: what to put between texts, as a literal
 */
export type ArgumentKind =
  | 'any'
  | 'written'
  | 'number'
  | 'whole'
  | 'position'
  | 'length'
  | 'text'
  | 'measured'
  | 'cuttable'
  | 'date'
  | 'dateOrTime'
  | 'summed'
  | 'ordered'
  | 'formatted'
  | 'pattern'
  | 'separator';

/** The last kind repeats up to `max` arguments. A datepart is not counted. */
export interface Arguments {
  kinds: readonly ArgumentKind[];
  min: number;
  max: number;
}

/**
 * The type of the result: a SQL Server type, `text` (varchar, or nvarchar where an argument is national), the type of
 * the `first` or `last` argument, the `widest` of all, or `sum`, what SUM makes of a type.
 */
export type ResultRule =
  'int' | 'bigint' | 'float' | 'date' | 'datetime' | 'text' | 'first' | 'last' | 'widest' | 'sum';

export interface FunctionRow {
  args: Arguments;
  returns: ResultRule;
  /** Works on the rows of a group. */
  aggregate?: true | undefined;
  /**
   * The first argument is a datepart. `read` and `added`: the date must have that part; `counted`: any date will do. Only
   * `read` takes iso_week.
   */
  datepart?: 'read' | 'added' | 'counted' | undefined;
  /** The function is DATEPART of this part. */
  part?: Datepart | undefined;
  /**
   * What happens to the text of an argument: it is `passed` on up to letter case, `joined` to others, or `compared`.
   */
  keepsText?: 'passed' | 'joined' | 'compared' | undefined;
  /** A keyword of the language: a wrong number of arguments is a syntax error. */
  keyword?: true | undefined;
  /** Functions of other dialects, and of T-SQL outside this table, that it replaces, with the call to write. */
  elsewhere?: Readonly<Record<string, string>> | undefined;
  /**
   * The call in PostgreSQL. Slots: `{1}`, `{2}`, `{all}` for arguments, converted by their kind; `{part}`;
   * `{distinct}`. Without it, embedded/calls.ts writes the call.
   */
  postgres?: string | undefined;
  /** The call in plain words. Slots: `{1}`, `{2}`, `{all}`, `{part}`; `{number}` is what DATEPART gives. */
  words: string;
  /** What a person should know who writes it. */
  note?: string | undefined;
  /** Where the decoding grammar may write it; nowhere by default. */
  grammar?: GrammarRole | undefined;
  source: `https://learn.microsoft.com/${string}`;
}

/** `now` is a moment, `shift` moves one, `difference` compares two; `part` is a number of a date. */
export type GrammarRole = 'aggregate' | 'part' | 'difference' | 'shift' | 'now';

export const exactly = (...kinds: ArgumentKind[]): Arguments => ({
  kinds,
  min: kinds.length,
  max: kinds.length,
});
export const atLeast = (min: number, ...kinds: ArgumentKind[]): Arguments => ({
  kinds,
  min,
  max: kinds.length,
});
export const many = (kind: ArgumentKind, min: number, max: number): Arguments => ({
  kinds: [kind],
  min,
  max,
});

export const page = (name: string) =>
  `https://learn.microsoft.com/sql/t-sql/functions/${name}-transact-sql` as const;
export const element = (name: string) =>
  `https://learn.microsoft.com/sql/t-sql/language-elements/${name}-transact-sql` as const;
