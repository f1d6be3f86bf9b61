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
export type PlaceholderType = 'int' | 'bigint' | 'decimal' | 'varchar' | 'date' | 'datetime2';

const INT_MAX = 2_147_483_647;

/**
 * The SQL type of an ID or a number, from its spelling alone. Plain digits are `int` within SQL Server's range and
 * `bigint` up to 18 digits. Leading zeros, letters and longer digit strings survive only as `varchar`.
 */
export function typeOfSpelling(text: string): PlaceholderType {
  if (/^-?(?:0|[1-9][0-9]{0,17})$/.test(text)) return Math.abs(Number(text)) <= INT_MAX ? 'int' : 'bigint';
  if (/^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$/.test(text)) return 'decimal';
  return 'varchar';
}

/** An entry of the ID map, which the model sees: never the value itself. */
export interface PlaceholderInfo {
  /** `__ID_1__` */
  name: string;
  /** What it is: `mrn`, `patient`, `npi`, `icd10`, `date`, `month`, `year`, `quoted`, `threshold`, … */
  kind: string;
  type: PlaceholderType;
}

export function placeholderName(prefix: PlaceholderPrefix, n: number): string {
  return `__${prefix}_${n}__`;
}

/** The ID map as text in the record: `__ID_1__ mrn varchar, __DATE_1__ date date`. */
export function formatIdMap(placeholders: readonly PlaceholderInfo[]): string {
  return placeholders.map((p) => `${p.name} ${p.kind} ${p.type}`).join(', ');
}
