/** What a type's values are: decides how they are quoted, what they compare with, and which aggregates make sense. */
export type TypeFamily = 'number' | 'bool' | 'string' | 'date' | 'time' | 'binary' | 'uuid' | 'other';

/** A SQL Server type, taken apart. */
export interface SqlType {
  /** Type name without its arguments, lower case: `varchar`, `decimal`. */
  base: string;
  family: TypeFamily;
  /** Declared length of strings and binaries; `max` for varchar(max) and its kin. */
  length?: number | 'max' | undefined;
  /** Digits in all (decimal, numeric), mantissa bits (float), or digits of the second's fraction (datetime2, time). */
  precision?: number | undefined;
  /** Digits after the point (decimal, numeric). */
  scale?: number | undefined;
}

/** What the parentheses after the name may contain. */
type TypeArguments = 'none' | 'length' | 'decimal' | 'float' | 'fraction';

interface TypeRow {
  family: TypeFamily;
  /** `none` by default. */
  args?: TypeArguments | undefined;
  /** Largest declared length. */
  max?: number | undefined;
  /** Of whole numbers: the smallest and the largest. */
  range?: readonly [bigint, bigint] | undefined;
  /**
   * Of dates that do not reach from year 1 to 9999: the first day, and the first moment (`YYYYMMDDhhmmss` and digits of
   * the second) that is rounded to one past the last.
   */
  years?: readonly [firstDay: string, end: string] | undefined;
  /** The PostgreSQL type that holds its values, where it does not depend on arguments and is not `text`. */
  postgres?: string | undefined;
}

/**
 * Every type that SQL Server 2022 accepts in CREATE TABLE, by rising precedence: of two types of one family, the later
 * one wins. `timestamp` is a row version, not a time. Sources: precedence
 * https://learn.microsoft.com/sql/t-sql/data-types/data-type-precedence-transact-sql, ranges
 * https://learn.microsoft.com/sql/t-sql/data-types/int-bigint-smallint-and-tinyint-transact-sql, years and rounding
 * https://learn.microsoft.com/sql/t-sql/data-types/datetime-transact-sql and …/smalldatetime-transact-sql.
 */
const ROWS: Readonly<Record<string, TypeRow>> = {
  binary: { family: 'binary', args: 'length', max: 8000, postgres: 'bytea' },
  varbinary: { family: 'binary', args: 'length', max: 8000, postgres: 'bytea' },
  char: { family: 'string', args: 'length', max: 8000 },
  varchar: { family: 'string', args: 'length', max: 8000 },
  text: { family: 'string' },
  sysname: { family: 'string', postgres: 'varchar(128)' },
  nchar: { family: 'string', args: 'length', max: 4000 },
  nvarchar: { family: 'string', args: 'length', max: 4000 },
  ntext: { family: 'string' },
  uniqueidentifier: { family: 'uuid', postgres: 'uuid' },
  timestamp: { family: 'binary', postgres: 'bytea' },
  rowversion: { family: 'binary', postgres: 'bytea' },
  image: { family: 'binary', postgres: 'bytea' },
  // PostgreSQL's boolean would not do: T-SQL compares a bit with 0 and 1, and has no literals true and false.
  bit: { family: 'bool', range: [0n, 1n], postgres: 'smallint' },
  tinyint: { family: 'number', range: [0n, 255n], postgres: 'smallint' },
  smallint: { family: 'number', range: [-32768n, 32767n], postgres: 'smallint' },
  int: { family: 'number', range: [-2147483648n, 2147483647n], postgres: 'int' },
  bigint: { family: 'number', range: [-9223372036854775808n, 9223372036854775807n], postgres: 'bigint' },
  smallmoney: { family: 'number', postgres: 'numeric(10,4)' },
  money: { family: 'number', postgres: 'numeric(19,4)' },
  numeric: { family: 'number', args: 'decimal' },
  decimal: { family: 'number', args: 'decimal' },
  real: { family: 'number', postgres: 'real' },
  float: { family: 'number', args: 'float', postgres: 'double precision' },
  time: { family: 'time', args: 'fraction', postgres: 'time' },
  date: { family: 'date', postgres: 'date' },
  smalldatetime: { family: 'date', years: ['19000101', '20790606235929999'], postgres: 'timestamp(0)' },
  datetime: { family: 'date', years: ['17530101', '99991231235959999'], postgres: 'timestamp(3)' },
  datetime2: { family: 'date', args: 'fraction', postgres: 'timestamp' },
  datetimeoffset: { family: 'date', args: 'fraction', postgres: 'timestamptz' },
  xml: { family: 'other' },
  sql_variant: { family: 'other' },
  hierarchyid: { family: 'other' },
  geometry: { family: 'other' },
  geography: { family: 'other' },
};

const TYPES: ReadonlyMap<string, TypeRow> = new Map(Object.entries(ROWS));
const PRECEDENCE: ReadonlyMap<string, number> = new Map(Object.keys(ROWS).map((base, i) => [base, i]));

/** SQL Server's largest precision of decimal. */
export const MAX_DIGITS = 38;

/** The higher number wins where two types of one family meet; -1 if SQL Server has no such type. */
export function precedenceOf(base: string): number {
  return PRECEDENCE.get(base) ?? -1;
}

/** The smallest and the largest value of a whole-number type or bit; undefined for other types. */
export function rangeOf(base: string): readonly [bigint, bigint] | undefined {
  return TYPES.get(base)?.range;
}

/** Whether the digits are a value of that whole-number type; types without a range hold every number. */
export function isInRange(digits: string, base: string): boolean {
  const range = rangeOf(base);
  if (range === undefined) return true;
  if (!/^-?\d{1,40}$/.test(digits)) return false;
  const value = BigInt(digits);
  return value >= range[0] && value <= range[1];
}

/**
 * Whether a moment lies before the first or after the last of a date type, rounding included: datetime rounds .999 of a
 * second up, smalldatetime 29.999 seconds.
 * @param day `YYYYMMDD`
 * @param time `hhmmss`
 * @param fraction digits of the second after the point
 */
export function isOutsideYears(base: string, day: string, time = '000000', fraction = ''): boolean {
  const years = TYPES.get(base)?.years;
  return years !== undefined && (day < years[0] || `${day}${time}${fraction.padEnd(3, '0')}` >= years[1]);
}

/** The PostgreSQL type of a type without arguments; undefined where its arguments decide, or `text` does. */
export function postgresTypeOf(base: string): string | undefined {
  return TYPES.get(base)?.postgres;
}

const TYPE_TEXT = /^([a-z_][a-z0-9_]*)(?: ?\( ?(\d+|max) ?(?:, ?(\d+) ?)?\))?$/;

const parsed = new Map<string, SqlType>();
const MAX_REMEMBERED = 1 << 12;

/**
 * Takes a SQL Server type apart: `varchar(50)` → `{ base: 'varchar', family: 'string', length: 50 }`. Callers share the
 * result.
 * @returns undefined where SQL Server would not accept the text as the type of a column
 */
export function parseSqlType(text: string): Readonly<SqlType> | undefined {
  let type = parsed.get(text);
  if (type === undefined) {
    type = parseAnew(text);
    if (parsed.size >= MAX_REMEMBERED) parsed.clear();
    if (type !== undefined) parsed.set(text, type);
  }
  return type;
}

function parseAnew(text: string): SqlType | undefined {
  const match = TYPE_TEXT.exec(text.trim().toLowerCase().replace(/\s+/g, ' '));
  if (!match) return undefined;
  const [, base = '', first, second] = match;
  const row = TYPES.get(base);
  if (!row) return undefined;
  const type: SqlType = { base, family: row.family };
  if (first === undefined) return type;
  const args = row.args ?? 'none';
  if (second !== undefined && args !== 'decimal') return undefined;
  const within = (value: number, low: number, high: number): boolean => value >= low && value <= high;
  switch (args) {
    case 'none':
      return undefined;
    case 'length': {
      if (first === 'max') {
        return base === 'varchar' || base === 'nvarchar' || base === 'varbinary'
          ? { ...type, length: 'max' }
          : undefined;
      }
      return within(Number(first), 1, row.max!) ? { ...type, length: Number(first) } : undefined;
    }
    case 'decimal': {
      const precision = Number(first);
      const scale = Number(second ?? 0);
      return within(precision, 1, MAX_DIGITS) && scale <= precision
        ? { ...type, precision, scale }
        : undefined;
    }
    case 'float':
      return within(Number(first), 1, 53) ? { ...type, precision: Number(first) } : undefined;
    case 'fraction':
      return within(Number(first), 0, 7) ? { ...type, precision: Number(first) } : undefined;
  }
}

/** Whether values of the two types can be equal: a key of one may then refer to the other. */
export function areTypesComparable(a: SqlType, b: SqlType): boolean {
  return a.family === b.family;
}
