import { MAX_DIGITS, parseSqlType, type SqlType } from '../../tsql/types.js';
import type { ValueType } from '../../tsql/value-type.js';
import type { Code } from './codes.js';

const SPATIAL: ReadonlySet<string> = new Set(['geometry', 'geography']);

/**
 * Why values of a type cannot be compared or sorted; undefined for types outside the family `other`. SQL Server could
 * compare and sort sql_variant and hierarchyid; this project does not.
 */
export function incomparable(type: ValueType, what: 'compared' | 'sorted' = 'sorted'): Code | undefined {
  if (type.family !== 'other') return undefined;
  if (type.base === 'xml') return 'xml-not-comparable';
  if (!SPATIAL.has(type.base)) return 'outside-of-shape';
  return what === 'compared' ? 'invalid-operator' : 'spatial-not-sortable';
}

/** The types that CAST and CONVERT may name. */
const CAST_BASES = new Set(
  'bit tinyint smallint int bigint decimal numeric float real money date datetime datetime2 datetimeoffset smalldatetime time char varchar nchar nvarchar uniqueidentifier'.split(
    ' ',
  ),
);

/** Types that may name how many digits of a second they keep. */
const FRACTIONS: ReadonlySet<string> = new Set(['datetime2', 'datetimeoffset', 'time']);

/** The type that a CAST names, or the code of what is wrong with it. */
export function castType(text: string): SqlType | Code {
  const base = text.split('(', 1)[0]!;
  if (!CAST_BASES.has(base)) return parseSqlType(base) ? 'cast-type-not-allowed' : 'unknown-type';
  return parseSqlType(text) ?? argumentFault(base, text);
}

/** SQL Server's fault for arguments that a type in CAST does not take. */
function argumentFault(base: string, text: string): Code {
  const [first = '', second] = text.slice(base.length + 1, -1).split(',');
  const type = parseSqlType(base)!;
  if (first === 'max') return 'syntax';
  if (/^0+$/.test(first) && !FRACTIONS.has(base)) return 'type-length-zero';
  if (type.family === 'string') return second === undefined ? 'type-length' : 'type-attributes';
  if (base === 'decimal' || base === 'numeric') {
    if (second === undefined) return 'outside-of-shape';
    return Number(first) > MAX_DIGITS ? 'type-size' : 'type-scale';
  }
  if (second !== undefined) return 'type-attributes';
  if (base === 'float') return 'outside-of-shape';
  return FRACTIONS.has(base) ? 'type-fraction' : 'type-attributes';
}
