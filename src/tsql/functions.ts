import { closest } from './suggest.js';

/**
 * The whitelist of functions. `params` says what each argument may be (the last one repeats), `result` the type:
 * `first` is the first argument's, `widest` the widest of all arguments. `written` is what turns into text by
 * itself, `position` a whole number that SQL Server does not make of a fraction, `cuttable` text and nothing that
 * would have to become text first.
 */
export type Param =
  | 'any'
  | 'written'
  | 'number'
  | 'int'
  | 'position'
  | 'string'
  | 'cuttable'
  | 'date'
  | 'dateOrTime'
  | 'summed'
  | 'ordered';
export type Result =
  'int' | 'bigint' | 'date' | 'datetime' | 'string' | 'first' | 'firstDate' | 'widest' | 'sum';

export interface Signature {
  min: number;
  max: number;
  params: readonly Param[];
  result: Result;
  /** COUNT, SUM, AVG, MIN, MAX. */
  aggregate?: true;
  /** A datepart stands before the arguments; it counts in SQL Server's arity messages, not here. */
  datepart?: true;
  /** Text that passes through it stays the same text up to letter case and joined pieces. */
  keepsText?: true;
}

const FUNCTIONS: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['COUNT', { min: 1, max: 1, params: ['any'], result: 'int', aggregate: true }],
  ['SUM', { min: 1, max: 1, params: ['summed'], result: 'sum', aggregate: true }],
  ['AVG', { min: 1, max: 1, params: ['summed'], result: 'sum', aggregate: true }],
  ['MIN', { min: 1, max: 1, params: ['ordered'], result: 'first', aggregate: true }],
  ['MAX', { min: 1, max: 1, params: ['ordered'], result: 'first', aggregate: true }],
  ['DATEADD', { min: 2, max: 2, params: ['int', 'dateOrTime'], result: 'firstDate', datepart: true }],
  ['DATEDIFF', { min: 2, max: 2, params: ['dateOrTime'], result: 'int', datepart: true }],
  ['DATEPART', { min: 1, max: 1, params: ['dateOrTime'], result: 'int', datepart: true }],
  ['YEAR', { min: 1, max: 1, params: ['date'], result: 'int' }],
  ['MONTH', { min: 1, max: 1, params: ['date'], result: 'int' }],
  ['DAY', { min: 1, max: 1, params: ['date'], result: 'int' }],
  ['EOMONTH', { min: 1, max: 2, params: ['date', 'int'], result: 'date' }],
  ['DATEFROMPARTS', { min: 3, max: 3, params: ['int'], result: 'date' }],
  ['GETDATE', { min: 0, max: 0, params: [], result: 'datetime' }],
  ['COALESCE', { min: 2, max: 64, params: ['any'], result: 'widest', keepsText: true }],
  ['ISNULL', { min: 2, max: 2, params: ['any'], result: 'first', keepsText: true }],
  ['NULLIF', { min: 2, max: 2, params: ['any'], result: 'first', keepsText: true }],
  ['UPPER', { min: 1, max: 1, params: ['string'], result: 'string', keepsText: true }],
  ['LOWER', { min: 1, max: 1, params: ['string'], result: 'string', keepsText: true }],
  ['LTRIM', { min: 1, max: 1, params: ['string'], result: 'string' }],
  ['RTRIM', { min: 1, max: 1, params: ['string'], result: 'string' }],
  ['CONCAT', { min: 2, max: 254, params: ['written'], result: 'string', keepsText: true }],
  ['LEN', { min: 1, max: 1, params: ['string'], result: 'int' }],
  ['LEFT', { min: 2, max: 2, params: ['string', 'position'], result: 'string' }],
  ['RIGHT', { min: 2, max: 2, params: ['string', 'position'], result: 'string' }],
  ['SUBSTRING', { min: 3, max: 3, params: ['cuttable', 'position'], result: 'string' }],
  ['ABS', { min: 1, max: 1, params: ['number'], result: 'first' }],
  ['ROUND', { min: 2, max: 3, params: ['number', 'position'], result: 'first' }],
  ['FLOOR', { min: 1, max: 1, params: ['number'], result: 'first' }],
  ['CEILING', { min: 1, max: 1, params: ['number'], result: 'first' }],
]);

export function isAllowedFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** @param name upper case, and allowed. */
export function signatureOf(name: string): Signature {
  return FUNCTIONS.get(name)!;
}

export function takesDatepart(name: string): boolean {
  return FUNCTIONS.get(name)?.datepart === true;
}

/** What other dialects and T-SQL's own library offer, and what to write instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['IFNULL', 'ISNULL(a, b)'],
  ['NVL', 'ISNULL(a, b)'],
  ['IIF', 'CASE WHEN … THEN … ELSE … END'],
  ['DECODE', 'CASE WHEN … THEN … ELSE … END'],
  ['NOW', 'GETDATE()'],
  ['SYSDATETIME', 'GETDATE()'],
  ['LENGTH', 'LEN(x)'],
  ['SUBSTR', 'SUBSTRING(x, start, length)'],
  ['TRIM', 'LTRIM(RTRIM(x))'],
  ['CEIL', 'CEILING(x)'],
  ['DATE_TRUNC', 'DATEFROMPARTS(YEAR(x), MONTH(x), 1)'],
  ['EXTRACT', 'DATEPART(part, x)'],
  ['TRY_CAST', 'CAST(x AS type)'],
  ['LAST_DAY', 'EOMONTH(x)'],
]);

/** The end of an error message about a function that is not allowed. */
export function functionAdvice(name: string): string {
  const instead = INSTEAD.get(name);
  if (instead !== undefined) return `; write ${instead}`;
  const near = closest(name, FUNCTIONS.keys());
  return near === undefined
    ? '; allowed are COUNT, SUM, AVG, MIN, MAX and simple date, text and number functions'
    : `; did you mean ${near}?`;
}

/** Dateparts with their abbreviations (https://learn.microsoft.com/sql/t-sql/functions/dateadd-transact-sql). */
const DATEPARTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    year: 'year yy yyyy',
    quarter: 'quarter qq q',
    month: 'month mm m',
    dayofyear: 'dayofyear dy y',
    day: 'day dd d',
    week: 'week wk ww',
    weekday: 'weekday dw w',
    hour: 'hour hh',
    minute: 'minute mi n',
    second: 'second ss s',
    millisecond: 'millisecond ms',
    iso_week: 'iso_week isowk isoww',
  }).flatMap(([part, names]) => names.split(' ').map((name) => [name, part])),
);

/** The full name of a datepart, or undefined when SQL Server knows none of that name. */
export function datepartNamed(name: string): string | undefined {
  return DATEPARTS.get(name.toLowerCase());
}

export function datepartNames(): Iterable<string> {
  return new Set(DATEPARTS.values());
}

const TIME_PARTS = new Set(['hour', 'minute', 'second', 'millisecond']);

export function isTimePart(part: string): boolean {
  return TIME_PARTS.has(part);
}

/** Styles of CONVERT between dates and strings. */
const STYLES = new Set(
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 25].concat([
    100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 120, 121, 126, 127, 130, 131,
  ]),
);

export function isConvertStyle(digits: string): boolean {
  return /^\d{1,3}$/.test(digits) && STYLES.has(Number(digits));
}
