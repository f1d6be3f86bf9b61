import type { Datepart } from './dateparts.js';
import { closest } from '../base/suggest.js';

/**
 * What an argument is:
 *
 * - `any`: a value of any type; `written`: one that SQL Server silently turns into text
 * - `number`; `whole`: a number that is truncated to an int; `position`: a whole number; `length`: a whole number that is not
 *   negative (message 536)
 * - `text`, or what becomes text; `measured`: the same, but not a uniqueidentifier; `cuttable`: text only
 * - `date`, with or without a time; `dateOrTime`
 * - `summed`, `ordered`: a value that SUM, or MIN, works on
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
  | 'ordered';

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
   * What happens to the text of an argument: it is `passed` on up to letter case, `joined` to others, or `compared` and
   * then passed on.
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
  /** Where the decoding grammar may write it; nowhere by default. */
  grammar?: GrammarRole | undefined;
  source: `https://learn.microsoft.com/${string}`;
}

/** `now` is a moment, `shift` moves one, `difference` compares two; `part` is a number of a date. */
export type GrammarRole = 'aggregate' | 'part' | 'difference' | 'shift' | 'now';

const exactly = (...kinds: ArgumentKind[]): Arguments => ({ kinds, min: kinds.length, max: kinds.length });
const atLeast = (min: number, ...kinds: ArgumentKind[]): Arguments => ({ kinds, min, max: kinds.length });
const many = (kind: ArgumentKind, min: number, max: number): Arguments => ({ kinds: [kind], min, max });

const page = (name: string) =>
  `https://learn.microsoft.com/sql/t-sql/functions/${name}-transact-sql` as const;
const element = (name: string) =>
  `https://learn.microsoft.com/sql/t-sql/language-elements/${name}-transact-sql` as const;

/** Every function that a statement may call. A function that needs no special judgement is one row. */
const ROWS: Readonly<Record<string, FunctionRow>> = {
  COUNT: {
    args: exactly('any'),
    returns: 'int',
    aggregate: true,
    words: 'the number of rows with {1} recorded',
    grammar: 'aggregate',
    source: page('count'),
  },
  SUM: {
    args: exactly('summed'),
    returns: 'sum',
    aggregate: true,
    postgres: 'sum({distinct}{1})',
    words: 'the total of {1}',
    grammar: 'aggregate',
    source: page('sum'),
  },
  AVG: {
    args: exactly('summed'),
    returns: 'sum',
    aggregate: true,
    words: 'the average of {1}',
    grammar: 'aggregate',
    source: page('avg'),
  },
  MIN: {
    args: exactly('ordered'),
    returns: 'first',
    aggregate: true,
    words: 'the lowest of {1}',
    grammar: 'aggregate',
    source: page('min'),
  },
  MAX: {
    args: exactly('ordered'),
    returns: 'first',
    aggregate: true,
    words: 'the highest of {1}',
    grammar: 'aggregate',
    source: page('max'),
  },
  DATEADD: {
    args: exactly('whole', 'dateOrTime'),
    returns: 'last',
    datepart: 'added',
    words: '{1} {part}s after {2}',
    grammar: 'shift',
    source: page('dateadd'),
  },
  DATEDIFF: {
    args: exactly('dateOrTime', 'dateOrTime'),
    returns: 'int',
    datepart: 'counted',
    postgres: 'tsql.datediff_{part}({1}, {2})',
    words: 'the {part}s from {1} to {2}',
    grammar: 'difference',
    source: page('datediff'),
  },
  DATEPART: {
    args: exactly('dateOrTime'),
    returns: 'int',
    datepart: 'read',
    elsewhere: { EXTRACT: 'DATEPART(part, x)' },
    postgres: 'tsql.datepart_{part}({1})',
    words: 'the {number} of {1}',
    grammar: 'part',
    source: page('datepart'),
  },
  YEAR: {
    args: exactly('date'),
    returns: 'int',
    part: 'year',
    postgres: 'tsql.datepart_year({1})',
    words: 'the year of {1}',
    grammar: 'part',
    source: page('year'),
  },
  MONTH: {
    args: exactly('date'),
    returns: 'int',
    part: 'month',
    postgres: 'tsql.datepart_month({1})',
    words: 'the month of {1}',
    grammar: 'part',
    source: page('month'),
  },
  DAY: {
    args: exactly('date'),
    returns: 'int',
    part: 'day',
    postgres: 'tsql.datepart_day({1})',
    words: 'the day of the month of {1}',
    grammar: 'part',
    source: page('day'),
  },
  EOMONTH: {
    args: atLeast(1, 'date', 'whole'),
    returns: 'date',
    elsewhere: { LAST_DAY: 'EOMONTH(x)' },
    postgres: 'tsql.eomonth({1}, {2=0})',
    words: 'the end of the month of {1}',
    source: page('eomonth'),
  },
  DATEFROMPARTS: {
    args: exactly('whole', 'whole', 'whole'),
    returns: 'date',
    elsewhere: { DATE_TRUNC: 'DATEFROMPARTS(YEAR(x), MONTH(x), 1)' },
    postgres: 'make_date({all})',
    words: 'the date of year {1}, month {2} and day {3}',
    source: page('datefromparts'),
  },
  GETDATE: {
    args: exactly(),
    returns: 'datetime',
    elsewhere: { NOW: 'GETDATE()', SYSDATETIME: 'GETDATE()' },
    postgres: 'tsql.getdate()',
    words: 'now',
    grammar: 'now',
    source: page('getdate'),
  },
  COALESCE: {
    args: many('any', 2, 64),
    returns: 'widest',
    keepsText: 'passed',
    keyword: true,
    postgres: 'COALESCE({all})',
    words: 'the first of {all} that is recorded',
    source: element('coalesce'),
  },
  ISNULL: {
    args: exactly('any', 'any'),
    returns: 'first',
    keepsText: 'passed',
    elsewhere: { IFNULL: 'ISNULL(a, b)', NVL: 'ISNULL(a, b)' },
    words: 'the first of {all} that is recorded',
    source: page('isnull'),
  },
  NULLIF: {
    args: exactly('any', 'any'),
    returns: 'first',
    keepsText: 'compared',
    keyword: true,
    postgres: 'NULLIF({all})',
    words: '{1}, but nothing where it is {2}',
    source: element('nullif'),
  },
  UPPER: {
    args: exactly('text'),
    returns: 'text',
    keepsText: 'passed',
    postgres: 'upper({1})',
    words: '{1} in upper case',
    source: page('upper'),
  },
  LOWER: {
    args: exactly('text'),
    returns: 'text',
    keepsText: 'passed',
    postgres: 'lower({1})',
    words: '{1} in lower case',
    source: page('lower'),
  },
  LTRIM: {
    args: exactly('text'),
    returns: 'text',
    elsewhere: { TRIM: 'LTRIM(RTRIM(x))' },
    postgres: "ltrim({1}, ' ')",
    words: '{1} without leading spaces',
    source: page('ltrim'),
  },
  RTRIM: {
    args: exactly('text'),
    returns: 'text',
    postgres: "rtrim({1}, ' ')",
    words: '{1} without trailing spaces',
    source: page('rtrim'),
  },
  CONCAT: {
    args: many('written', 2, 254),
    returns: 'text',
    keepsText: 'joined',
    postgres: 'concat({all})',
    words: '{all} joined into one text',
    source: page('concat'),
  },
  LEN: {
    args: exactly('measured'),
    returns: 'int',
    elsewhere: { LENGTH: 'LEN(x)' },
    postgres: "length(rtrim({1}, ' '))",
    words: 'the length of {1}',
    source: page('len'),
  },
  LEFT: {
    args: exactly('text', 'length'),
    returns: 'text',
    postgres: '"left"({1}, {2})',
    words: 'the first {2} letters of {1}',
    source: page('left'),
  },
  RIGHT: {
    args: exactly('text', 'length'),
    returns: 'text',
    postgres: '"right"({1}, {2})',
    words: 'the last {2} letters of {1}',
    source: page('right'),
  },
  SUBSTRING: {
    args: exactly('cuttable', 'position', 'length'),
    returns: 'text',
    elsewhere: { SUBSTR: 'SUBSTRING(x, start, length)' },
    postgres: 'substring({1} from {2} for {3})',
    words: '{3} letters of {1} from position {2}',
    source: page('substring'),
  },
  ABS: {
    args: exactly('number'),
    returns: 'first',
    postgres: 'abs({1})',
    words: '{1} without its sign',
    source: page('abs'),
  },
  ROUND: {
    args: atLeast(2, 'number', 'position', 'position'),
    returns: 'first',
    words: '{1} rounded to {2} places',
    source: page('round'),
  },
  FLOOR: {
    args: exactly('number'),
    returns: 'first',
    words: '{1} rounded down',
    source: page('floor'),
  },
  CEILING: {
    args: exactly('number'),
    returns: 'first',
    elsewhere: { CEIL: 'CEILING(x)' },
    words: '{1} rounded up',
    source: page('ceiling'),
  },
};

export const FUNCTIONS: ReadonlyMap<string, FunctionRow> = new Map(Object.entries(ROWS));

/** @param name upper case, and in the table */
export function functionNamed(name: string): FunctionRow {
  return FUNCTIONS.get(name)!;
}

/** The functions that the grammar may write in a role, in the order of the table. */
export function functionsInRole(role: GrammarRole): [name: string, row: FunctionRow][] {
  return [...FUNCTIONS].filter(([, row]) => row.grammar === role);
}

/** The kind of the i-th argument, counted from 0. */
export function argumentKind({ args }: FunctionRow, i: number): ArgumentKind {
  return args.kinds[Math.min(i, args.kinds.length - 1)]!;
}

/** Functions of other dialects that a construct of T-SQL replaces. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  IIF: 'CASE WHEN … THEN … ELSE … END',
  DECODE: 'CASE WHEN … THEN … ELSE … END',
  TRY_CAST: 'CAST(x AS type)',
};

const INSTEAD: ReadonlyMap<string, string> = new Map(
  [CONSTRUCTS, ...[...FUNCTIONS.values()].map(({ elsewhere = {} }) => elsewhere)].flatMap((names) =>
    Object.entries(names),
  ),
);

/** The end of an error message about a function that is not in the table: what to write instead. */
export function functionAdvice(name: string): string {
  const instead = INSTEAD.get(name);
  if (instead !== undefined) return `; write ${instead}`;
  const near = closest(name, FUNCTIONS.keys());
  return near === undefined
    ? '; allowed are COUNT, SUM, AVG, MIN, MAX and simple date, text and number functions'
    : `; did you mean ${near}?`;
}
