import { isApproximate, isNumeric, type ValueType } from '../../tsql/value-type.js';
import { EmbeddedError } from './errors.js';
import { pgType } from './tables.js';

/** A translated expression with the type that SQL Server gives it. */
export interface Typed {
  sql: string;
  type: ValueType;
  /** A string literal: PostgreSQL gives it the type of its neighbour, as SQL Server does. */
  isLiteral?: boolean;
}

export const isWhole = (type: ValueType): boolean => type.family === 'number' && /int$/.test(type.base);

/** The expression as text, as SQL Server spells it: what CONCAT, LEN and CAST to text make of other types. */
export function asText({ sql, type, isLiteral }: Typed, style?: number): string {
  if (type.family === 'string' || isLiteral) return `(${sql})::text`;
  if (type.family !== 'date') return `(${sql})::text`;
  if (style !== undefined && style !== 0 && style !== 100) {
    const format = STYLES[style];
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

/** https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql */
const STYLES: Record<number, string> = {
  1: 'MM/DD/YY',
  3: 'DD/MM/YY',
  4: 'DD.MM.YY',
  8: 'HH24:MI:SS',
  12: 'YYMMDD',
  20: 'YYYY-MM-DD HH24:MI:SS',
  21: 'YYYY-MM-DD HH24:MI:SS.MS',
  23: 'YYYY-MM-DD',
  101: 'MM/DD/YYYY',
  102: 'YYYY.MM.DD',
  103: 'DD/MM/YYYY',
  104: 'DD.MM.YYYY',
  105: 'DD-MM-YYYY',
  106: 'DD Mon YYYY',
  107: 'Mon DD, YYYY',
  108: 'HH24:MI:SS',
  110: 'MM-DD-YYYY',
  111: 'YYYY/MM/DD',
  112: 'YYYYMMDD',
  120: 'YYYY-MM-DD HH24:MI:SS',
  121: 'YYYY-MM-DD HH24:MI:SS.MS',
  126: 'YYYY-MM-DD"T"HH24:MI:SS',
};

/** CAST and CONVERT: fractions are cut, not rounded, on the way to a whole number; varchar alone is varchar(30). */
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
  if (isWhole(to) && isNumeric(type) && !isWhole(type) && type.base !== 'bit') {
    return `trunc((${sql})::numeric)::${pgType(to)}`;
  }
  if (to.base === 'datetime2' && type.family === 'time') return `(date '1900-01-01' + ${sql})`;
  return `(${sql})::${pgType(to)}`;
}

/** The type of a column or expression where PostgreSQL would give another one. */
export function keepType(sql: string, type: ValueType): string {
  if (isWhole(type)) return `(${sql})::${pgType(type)}`;
  return isApproximate(type) ? `(${sql})::double precision` : sql;
}

/** A date or time as timestamp, the type that the functions of library.ts take. */
export function asTimestamp({ sql, type }: Typed): string {
  return type.family === 'time' ? `(date '1900-01-01' + ${sql})` : `(${sql})::timestamp`;
}

export function untranslatable(what: string): EmbeddedError {
  return new EmbeddedError('untranslatable', `${what} has no translation to PostgreSQL here`);
}
