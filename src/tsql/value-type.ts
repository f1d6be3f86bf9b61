import { MAX_DIGITS, precedenceOf, type SqlType, type TypeFamily } from './types.js';

/**
 * The type of an expression: a SQL Server type, or one of three that no column has. `open` is a placeholder that has not
 * met a typed neighbour yet, `null` the literal NULL, and `unknown` follows a fault, which is then reported only once.
 */
export interface ValueType extends Omit<SqlType, 'family'> {
  family: TypeFamily | 'open' | 'null' | 'unknown';
}

const simple = (family: ValueType['family'], base: string): ValueType => Object.freeze({ family, base });

export const OPEN = simple('open', 'placeholder');
export const NULL = simple('null', 'NULL');
export const UNKNOWN = simple('unknown', 'unknown');
export const SMALLINT = simple('number', 'smallint');
export const INT = simple('number', 'int');
export const BIGINT = simple('number', 'bigint');
export const DECIMAL = simple('number', 'decimal');
export const FLOAT = simple('number', 'float');
export const VARCHAR = simple('string', 'varchar');
export const NVARCHAR = simple('string', 'nvarchar');
export const DATE = simple('date', 'date');
export const DATETIME = simple('date', 'datetime');
export const DATETIME2 = simple('date', 'datetime2');

const NAMED = { int: INT, bigint: BIGINT, float: FLOAT, date: DATE, datetime: DATETIME } as const;

/** The constant of that name. */
export function typeNamed(name: keyof typeof NAMED): ValueType {
  return NAMED[name];
}

/** The common type of two comparable types in an operator, CASE or COALESCE. */
export function widest(a: ValueType, b: ValueType): ValueType {
  return precedenceOf(b.base) > precedenceOf(a.base) ? b : a;
}

/** Number types and bit, which SQL Server silently converts to a number. */
export function isNumeric(type: ValueType): boolean {
  return type.family === 'number' || type.family === 'bool';
}

const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint']);

export function isWholeNumber(type: ValueType): boolean {
  return WHOLE_NUMBERS.has(type.base);
}

export function isApproximate(type: ValueType): boolean {
  return type.base === 'float' || type.base === 'real';
}

/** text, ntext and image, which can be neither compared nor sorted (message 306). */
export function isLegacyLob(type: ValueType): boolean {
  return type.base === 'text' || type.base === 'ntext' || type.base === 'image';
}

/** datetime and smalldatetime, which SQL Server silently converts from numbers and adds numbers to. */
export function isOldDate(type: ValueType): boolean {
  return type.base === 'datetime' || type.base === 'smalldatetime';
}

export function isNational(type: ValueType): boolean {
  return (
    type.base === 'nvarchar' || type.base === 'nchar' || type.base === 'ntext' || type.base === 'sysname'
  );
}

/** The type of SUM and AVG. Source: https://learn.microsoft.com/sql/t-sql/functions/sum-transact-sql */
export function sumType(type: ValueType): ValueType {
  if (type.base === 'tinyint' || type.base === 'smallint') return INT;
  if (type.base === 'real') return FLOAT;
  if (type.base === 'numeric' || type.base === 'decimal') return { ...DECIMAL, precision: MAX_DIGITS };
  return type;
}

/**
 * Whether SQL Server has an explicit conversion between the types (message 529 where it has none). Source:
 * https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql#implicit-conversions
 */
export function canCast(from: ValueType, to: ValueType): boolean {
  if (to.family === 'string') return from.family !== 'other' && from.family !== 'binary';
  if (isLegacyLob(from)) return false;
  if (from.family === to.family) return true;
  switch (from.family) {
    case 'string':
      return true;
    case 'number':
    case 'bool':
      return isNumeric(to) || (to.family === 'date' && isOldDate(to));
    case 'date':
      return isNumeric(to) ? isOldDate(from) : to.family === 'time' && from.base !== 'date';
    case 'time':
      return to.family === 'date' && to.base !== 'date';
    default:
      return false;
  }
}
