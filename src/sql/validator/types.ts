import type { Code } from './codes.js';
import { parseSqlType, type SqlType, type TypeFamily } from '../../data/schema/sql-type.js';

/**
 * The type of an expression while it is bound: a SQL Server type, or one of three that no column has.
 * `open` is a placeholder that has not met a typed neighbour yet, `null` the literal NULL, and `unknown` what a
 * fault leaves behind, so that one fault is reported once.
 */
export interface ValueType {
  family: TypeFamily | 'open' | 'null' | 'unknown';
  base: string;
  length?: number | 'max';
  precision?: number;
  scale?: number;
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

/** SQL Server's order of implicit conversion within a family: the later type wins. */
const PRECEDENCE = [
  ...['char', 'varchar', 'text', 'sysname', 'nchar', 'nvarchar', 'ntext'],
  ...[
    'bit',
    'tinyint',
    'smallint',
    'int',
    'bigint',
    'smallmoney',
    'money',
    'numeric',
    'decimal',
    'real',
    'float',
  ],
  ...['date', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'],
];

/** The type that two comparable types become when they meet in an operator, CASE or COALESCE. */
export function widest(a: ValueType, b: ValueType): ValueType {
  return PRECEDENCE.indexOf(b.base) > PRECEDENCE.indexOf(a.base) ? b : a;
}

/** bit counts as a number wherever SQL Server converts it silently. */
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

/** text, ntext and image can be neither compared nor sorted (message 306). */
export function isLegacyLob(type: ValueType): boolean {
  return type.base === 'text' || type.base === 'ntext' || type.base === 'image';
}

const SPATIAL: ReadonlySet<string> = new Set(['geometry', 'geography']);

/**
 * Why values of a type of the family `other` cannot be compared or sorted: undefined for other families. SQL Server
 * could do both with sql_variant and hierarchyid.
 */
export function incomparable(type: ValueType, what: 'compared' | 'sorted' = 'sorted'): Code | undefined {
  if (type.family !== 'other') return undefined;
  if (type.base === 'xml') return 'xml-not-comparable';
  if (!SPATIAL.has(type.base)) return 'outside-of-shape';
  return what === 'compared' ? 'invalid-operator' : 'spatial-not-sortable';
}

/** datetime and smalldatetime, which SQL Server adds to, and converts from, numbers without being asked. */
export function isOldDate(type: ValueType): boolean {
  return type.base === 'datetime' || type.base === 'smalldatetime';
}

export function isNational(type: ValueType): boolean {
  return (
    type.base === 'nvarchar' || type.base === 'nchar' || type.base === 'ntext' || type.base === 'sysname'
  );
}

/** What SUM and AVG of a number type give. */
export function sumType(type: ValueType): ValueType {
  if (type.base === 'tinyint' || type.base === 'smallint') return INT;
  if (type.base === 'real') return FLOAT;
  if (type.base === 'numeric' || type.base === 'decimal') return { ...DECIMAL, precision: 38 };
  return type;
}

/** Types to which CAST and CONVERT may lead; length limits are checked by `castType`. */
const CAST_BASES = new Set(
  'bit tinyint smallint int bigint decimal numeric float real money date datetime datetime2 smalldatetime time char varchar nchar nvarchar uniqueidentifier'.split(
    ' ',
  ),
);

const parsedCasts = new Map<string, SqlType | undefined>();

/** The type that a CAST names, or the code of what is wrong with it. */
export function castType(text: string): SqlType | Code {
  const base = text.split('(', 1)[0]!;
  if (!CAST_BASES.has(base)) return parseSqlType(base) ? 'cast-type-not-allowed' : 'unknown-type';
  let type = parsedCasts.get(text);
  if (type === undefined) {
    type = parseSqlType(text);
    if (type !== undefined && parsedCasts.size < 1000) parsedCasts.set(text, type);
  }
  return type ?? argumentFault(base, text);
}

/** What SQL Server says of the arguments of a type in CAST that it does not take. */
function argumentFault(base: string, text: string): Code {
  const [first = '', second] = text.slice(base.length + 1, -1).split(',');
  const type = parseSqlType(base)!;
  if (first === 'max') return 'syntax';
  if (/^0+$/.test(first) && base !== 'datetime2' && base !== 'time') return 'type-length-zero';
  if (type.family === 'string') return second === undefined ? 'type-length' : 'type-attributes';
  if (base === 'decimal' || base === 'numeric') {
    if (second === undefined) return 'outside-of-shape';
    return Number(first) > 38 ? 'type-size' : 'type-scale';
  }
  if (second !== undefined) return 'type-attributes';
  if (base === 'float') return 'outside-of-shape';
  return base === 'datetime2' || base === 'time' ? 'type-fraction' : 'type-attributes';
}

/** Whether SQL Server has an explicit conversion between the types (message 529 where it has none). */
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
