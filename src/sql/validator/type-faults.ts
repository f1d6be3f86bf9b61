import { MAX_DIGITS, parseSqlType, type SqlType } from '../../tsql/types.js';
import type { ValueType } from '../../tsql/value-type.js';
import type { Code } from './codes.js';

const SPATIAL: ReadonlySet<string> = new Set(['geometry', 'geography']);

/**
 * Why values of a type cannot be compared or sorted; undefined for types outside of the family `other`. SQL Server could
 * compare and sort sql_variant and hierarchyid; this project does not.
 */
export function incomparable(type: ValueType, what: 'compared' | 'sorted' = 'sorted'): Code | undefined {
  if (type.family !== 'other') return undefined;
  if (type.base === 'xml') return 'xml_not_comparable';
  if (!SPATIAL.has(type.base)) return 'outside_of_shape';
  return what === 'compared' ? 'invalid_operator' : 'spatial_not_sortable';
}

/** The types that CAST and CONVERT may name. */
const CAST_BASES = new Set(
  'bit tinyint smallint int bigint decimal numeric float real money date datetime datetime2 smalldatetime time char varchar nchar nvarchar uniqueidentifier'.split(
    ' ',
  ),
);

/** The type that a CAST names, or the code of what is wrong with it. */
export function castType(text: string): SqlType | Code {
  const base = text.split('(', 1)[0]!;
  if (!CAST_BASES.has(base)) return parseSqlType(base) ? 'cast_type_not_allowed' : 'unknown_type';
  return parseSqlType(text) ?? argumentFault(base, text);
}

/** SQL Server's fault for arguments that a type in CAST does not take. */
function argumentFault(base: string, text: string): Code {
  const [first = '', second] = text.slice(base.length + 1, -1).split(',');
  const type = parseSqlType(base)!;
  if (first === 'max') return 'syntax';
  if (/^0+$/.test(first) && base !== 'datetime2' && base !== 'time') return 'type_length_zero';
  if (type.family === 'string') return second === undefined ? 'type_length' : 'type_attributes';
  if (base === 'decimal' || base === 'numeric') {
    if (second === undefined) return 'outside_of_shape';
    return Number(first) > MAX_DIGITS ? 'type_size' : 'type_scale';
  }
  if (second !== undefined) return 'type_attributes';
  if (base === 'float') return 'outside_of_shape';
  return base === 'datetime2' || base === 'time' ? 'type_fraction' : 'type_attributes';
}
