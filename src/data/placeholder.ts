import type { SchemaNames } from './schema/names.js';
import { quoteIdentifier, quoteTableName, splitColumnPath } from '../tsql/identifier.js';

/**
 * Placeholders replace the values of a question: `__ID_1__`, `__DATE_1__`, `__TEXT_1__`, `__NUM_1__`. The model reads
 * and writes only placeholders; the vault (src/sql) keeps the values.
 */
export const PLACEHOLDER_PREFIXES = ['ID', 'DATE', 'TEXT', 'NUM'] as const;
export type PlaceholderPrefix = (typeof PLACEHOLDER_PREFIXES)[number];

/** The most placeholders of one prefix in a question; each is a single token. */
export const MAX_PLACEHOLDERS = 16;

export const PLACEHOLDER_PATTERN = /__(ID|DATE|TEXT|NUM)_([1-9][0-9]?)__/g;

/** The SQL type of a value, guessed from its spelling. How it is quoted depends on the column's type. */
export const PLACEHOLDER_TYPES = ['int', 'bigint', 'decimal', 'varchar', 'date', 'datetime2'] as const;
export type PlaceholderType = (typeof PLACEHOLDER_TYPES)[number];

const INT_MAX = 2_147_483_647;
const BIGINT_MAX = 9_223_372_036_854_775_807n;

/**
 * The SQL type of an ID or a number, from its spelling alone. Plain digits are `int` or `bigint` within SQL Server's
 * ranges, and `decimal` beyond, up to 38 digits. Leading zeros, letters and more digits survive only as `varchar`.
 */
export function typeOfSpelling(text: string): PlaceholderType {
  if (/^-?(?:0|[1-9][0-9]{0,37})$/.test(text)) {
    if (Math.abs(Number(text)) <= INT_MAX) return 'int';
    return text.length < 19 || BigInt(text.replace('-', '')) <= BIGINT_MAX ? 'bigint' : 'decimal';
  }
  if (/^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$/.test(text)) return 'decimal';
  return 'varchar';
}

/**
 * Kinds that say how the vault knows an unquoted value:
 * - `mention`: by its place in the question alone; no column is known.
 * - `value`: the value index or a value list has it in `columns`.
 * - `code`: words for a coded value (`male`, `ER`) of `columns`; the vault holds each column's literal.
 * - `count`: a number of structure: rows (`top 10`), or a span of time (`last 90 days`, `3 months ago`).
 * - `age`: an age in years (`65yo`), or an end of a range of ages (`in their 70s`: 70 and 79).
 */
export const VALUE_KINDS = ['mention', 'value', 'code', 'count', 'age'] as const;

/** Which part of a text a value is, where the question says so: `names that begin with __TEXT_1__`. */
export const PARTS_OF_TEXT = ['begins', 'ends', 'contains'] as const;
export type PartOfText = (typeof PARTS_OF_TEXT)[number];

/** The most columns that an entry of the ID map names in the prompt. */
export const MAX_COLUMNS = 3;

/** An entry of the ID map, which the model sees: never the value itself. */
export interface PlaceholderInfo {
  /** `__ID_1__` */
  name: string;
  /** What it is: one of `VALUE_KINDS`, or `mrn`, `patient`, `npi`, `icd10`, `date`, `month`, `quoted`, `threshold`, … */
  kind: string;
  type: PlaceholderType;
  /**
   * The columns that have the value, likeliest first, as `table.column` in the bundle's spelling: at most `MAX_COLUMNS`; of an
   * ID with letters, all that hold such IDs.
   */
  columns?: readonly string[] | undefined;
  /** Set if it is a part of a text; the renderer then adds the `%` of a pattern that is this placeholder alone. */
  part?: PartOfText | undefined;
}

export function placeholderName(prefix: PlaceholderPrefix, n: number): string {
  return `__${prefix}_${n}__`;
}

/**
 * The ID map as text in the record: `__ID_1__ mrn varchar, __TEXT_1__ value varchar of concept.concept_name or
 * drug.label`. Names are bracketed where T-SQL requires it, as in the schema text; in words it is `of concept. concept
 * name or drug. label`.
 * @param parts whether an entry says which part of a text it is (`__TEXT_1__ mention varchar begins`); models trained
 *   before have not seen it
 */
export function formatIdMap(
  placeholders: readonly PlaceholderInfo[],
  names?: SchemaNames,
  { parts = false }: { parts?: boolean | undefined } = {},
): string {
  return placeholders
    .map((placeholder) => formatEntry(parts ? placeholder : { ...placeholder, part: undefined }, names))
    .join(', ');
}

function formatEntry({ name, kind, type, columns, part }: PlaceholderInfo, names?: SchemaNames): string {
  const entry = `${name} ${kind} ${type}${part === undefined ? '' : ` ${part}`}`;
  return columns === undefined || columns.length === 0
    ? entry
    : `${entry} of ${columns
        .slice(0, MAX_COLUMNS)
        .map((path) => writePath(path, names))
        .join(' or ')}`;
}

function writePath(path: string, names?: SchemaNames): string {
  const [table, column] = splitColumnPath(path);
  if (names?.inWords) return `${names.table(table)}. ${names.column(table, column)}`;
  return `${quoteTableName(table)}.${quoteIdentifier(column)}`;
}

const NAME = '(?:\\[[^\\]]*\\]|[A-Za-z_][A-Za-z0-9_]*)';
const PATH = `${NAME}(?:\\.${NAME}){1,2}`;
const ENTRY = new RegExp(
  `(__(?:ID|DATE|TEXT|NUM)_[1-9][0-9]?__) ([a-z0-9-]+) (${PLACEHOLDER_TYPES.join('|')})` +
    `(?: (${PARTS_OF_TEXT.join('|')}))?(?: of (${PATH}(?: or ${PATH}){0,${MAX_COLUMNS - 1}}))?(?:, |$)`,
  'y',
);

/** The entries of an ID map that `formatIdMap` wrote; undefined for any other text. */
export function parseIdMap(text: string): PlaceholderInfo[] | undefined {
  const infos: PlaceholderInfo[] = [];
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < text.length) {
    const entry = ENTRY.exec(text);
    if (entry === null) return undefined;
    const [, name = '', kind = '', type = '', part, paths] = entry;
    const columns = paths?.match(new RegExp(PATH, 'g'))?.map((path) => path.replace(/[[\]]/g, ''));
    const info: PlaceholderInfo = { name, kind, type: type as PlaceholderType, columns };
    infos.push(part === undefined ? info : { ...info, part: part as PartOfText });
  }
  return text.endsWith(', ') ? undefined : infos;
}
