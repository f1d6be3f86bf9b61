import { postgresFormat } from '../../tsql/convert-styles.js';
import { isApproximate, isNumeric, isWholeNumber, type ValueType } from '../../tsql/value-type.js';
import { EmbeddedError } from './errors.js';
import { pgType } from './tables.js';

/** A translated expression, with its type in SQL Server. */
export interface Typed {
  sql: string;
  type: ValueType;
  /** A string literal: PostgreSQL gives it the type of its neighbour, as SQL Server does. */
  isLiteral?: boolean | undefined;
}

/** The expression as text, spelled as SQL Server spells it in CONCAT, LEN and CAST. */
export function asText({ sql, type, isLiteral }: Typed, style?: number): string {
  if (type.family !== 'date' || isLiteral) return `(${sql})::text`;
  if (style !== undefined && style !== 0 && style !== 100) {
    const format = postgresFormat(style);
    if (format === undefined) throw untranslatable(`CONVERT with style ${style}`);
    return `to_char((${sql})::timestamp, '${format}')`;
  }
  if (type.base === 'date' && style === undefined) return `to_char(${sql}, 'YYYY-MM-DD')`;
  if (type.base.startsWith('datetime2') && style === undefined) {
    return `(to_char(${sql}, 'YYYY-MM-DD HH24:MI:SS.US') || '0')`;
  }
  const at = `(${sql})::timestamp`;
  return `(to_char(${at}, 'Mon ') || lpad(to_char(${at}, 'FMDD'), 2, ' ') || to_char(${at}, ' YYYY ') || lpad(to_char(${at}, 'FMHH12:MIAM'), 7, ' '))`;
}

/** CAST and CONVERT. A cast to a whole number truncates instead of rounding; varchar without a length is varchar(30). */
export function castTo(value: Typed, to: ValueType, style?: number): string {
  const { sql, type } = value;
  if (to.family === 'string') {
    const length = to.length ?? (/char$/.test(to.base) ? 30 : undefined);
    const text = asText(value, style);
    return typeof length === 'number' ? `${text}::varchar(${length})` : text;
  }
  if (to.base === 'bit') {
    return isNumeric(type)
      ? `(CASE WHEN ${sql} = 0 THEN 0 WHEN ${sql} <> 0 THEN 1 END)::smallint`
      : `(${sql})::smallint`;
  }
  if (type.family === 'date' && isNumeric(to)) throw untranslatable('CAST of a date to a number');
  if (isNumeric(type) && to.family === 'date') throw untranslatable('CAST of a number to a date');
  if (isWholeNumber(to) && isNumeric(type) && !isWholeNumber(type) && type.base !== 'bit') {
    return `trunc((${sql})::numeric)::${pgType(to)}`;
  }
  if (to.base === 'datetime2' && type.family === 'time') return `(date '1900-01-01' + ${sql})`;
  return `(${sql})::${pgType(to)}`;
}

/** Casts an expression to its type in SQL Server where PostgreSQL would give it another one. */
export function keepType(sql: string, type: ValueType): string {
  if (isWholeNumber(type)) return `(${sql})::${pgType(type)}`;
  return isApproximate(type) ? `(${sql})::double precision` : sql;
}

/** TRY_CAST of a text: NULL where it is no value of the type. */
export function tryCast(value: Typed, to: ValueType): string {
  if (value.type.family !== 'string' || to.family === 'string') return castTo(value, to);
  const type = to.base === 'bit' ? 'smallint' : pgType(to);
  return `(tsql.try_cast(${asText(value)}, '${type}'))::${type}`;
}

/** A date or time as a timestamp, which the functions of library.ts take. The number 0 is the first day of 1900. */
export function asTimestamp({ sql, type }: Typed): string {
  if (type.family === 'number') return `(timestamp '1900-01-01' + make_interval(days => ${sql}))`;
  return type.family === 'time' ? `(date '1900-01-01' + ${sql})` : `(${sql})::timestamp`;
}

export function untranslatable(what: string): EmbeddedError {
  return new EmbeddedError('untranslatable', `${what} cannot be translated to PostgreSQL`);
}
