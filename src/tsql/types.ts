/** What a column's values are to a question: decides quoting, comparison and which aggregates make sense. */
export type TypeFamily = 'number' | 'bool' | 'string' | 'date' | 'time' | 'binary' | 'uuid' | 'other';

/** A SQL Server type, taken apart. */
export interface SqlType {
  /** Type name without its arguments, lower case: `varchar`, `decimal`. */
  base: string;
  family: TypeFamily;
  /** Declared length of strings and binaries; `max` for varchar(max) and its kin. */
  length?: number | 'max';
  /** Digits in all (decimal, numeric), mantissa bits (float), or digits of the second's fraction (datetime2, time). */
  precision?: number;
  /** Digits after the point (decimal, numeric). */
  scale?: number;
}

type Arguments = 'none' | 'length' | 'decimal' | 'float' | 'fraction';

interface TypeRule {
  family: TypeFamily;
  args: Arguments;
  /** Largest declared length. */
  max?: number;
}

const none = (family: TypeFamily): TypeRule => ({ family, args: 'none' });

/** Every type that SQL Server 2022 accepts in CREATE TABLE. `timestamp` there is a row version, not a time. */
const RULES: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>([
  ['bigint', none('number')],
  ['int', none('number')],
  ['smallint', none('number')],
  ['tinyint', none('number')],
  ['bit', none('bool')],
  ['decimal', { family: 'number', args: 'decimal' }],
  ['numeric', { family: 'number', args: 'decimal' }],
  ['money', none('number')],
  ['smallmoney', none('number')],
  ['float', { family: 'number', args: 'float' }],
  ['real', none('number')],
  ['date', none('date')],
  ['datetime', none('date')],
  ['smalldatetime', none('date')],
  ['datetime2', { family: 'date', args: 'fraction' }],
  ['datetimeoffset', { family: 'date', args: 'fraction' }],
  ['time', { family: 'time', args: 'fraction' }],
  ['char', { family: 'string', args: 'length', max: 8000 }],
  ['varchar', { family: 'string', args: 'length', max: 8000 }],
  ['nchar', { family: 'string', args: 'length', max: 4000 }],
  ['nvarchar', { family: 'string', args: 'length', max: 4000 }],
  ['text', none('string')],
  ['ntext', none('string')],
  ['sysname', none('string')],
  ['binary', { family: 'binary', args: 'length', max: 8000 }],
  ['varbinary', { family: 'binary', args: 'length', max: 8000 }],
  ['image', none('binary')],
  ['rowversion', none('binary')],
  ['timestamp', none('binary')],
  ['uniqueidentifier', none('uuid')],
  ['xml', none('other')],
  ['sql_variant', none('other')],
  ['hierarchyid', none('other')],
  ['geometry', none('other')],
  ['geography', none('other')],
]);

const TYPE_TEXT = /^([a-z_][a-z0-9_]*)(?: ?\( ?(\d+|max) ?(?:, ?(\d+) ?)?\))?$/;

const parsed = new Map<string, SqlType>();
const MAX_REMEMBERED = 1 << 12;

/**
 * Takes a SQL Server type apart: `varchar(50)` → `{ base: 'varchar', family: 'string', length: 50 }`. The result is
 * shared with whoever asks for the same type.
 * Returns undefined where SQL Server would not accept the text as a column type.
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
  const rule = RULES.get(base);
  if (!rule) return undefined;
  const type: SqlType = { base, family: rule.family };
  if (first === undefined) return type;
  if (second !== undefined && rule.args !== 'decimal') return undefined;
  const within = (value: number, low: number, high: number): boolean => value >= low && value <= high;
  switch (rule.args) {
    case 'none':
      return undefined;
    case 'length': {
      if (first === 'max') {
        return base === 'varchar' || base === 'nvarchar' || base === 'varbinary'
          ? { ...type, length: 'max' }
          : undefined;
      }
      return within(Number(first), 1, rule.max!) ? { ...type, length: Number(first) } : undefined;
    }
    case 'decimal': {
      const precision = Number(first);
      const scale = Number(second ?? 0);
      return within(precision, 1, 38) && scale <= precision ? { ...type, precision, scale } : undefined;
    }
    case 'float':
      return within(Number(first), 1, 53) ? { ...type, precision: Number(first) } : undefined;
    case 'fraction':
      return within(Number(first), 0, 7) ? { ...type, precision: Number(first) } : undefined;
  }
}

/** True when values of the two types can be equal, so that a key of one may point to the other. */
export function areComparable(a: SqlType, b: SqlType): boolean {
  return a.family === b.family;
}
