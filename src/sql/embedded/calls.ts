import type { Call } from '../../tsql/ast.js';
import { datepartNamed } from '../../tsql/functions.js';
import { isApproximate, type ValueType } from '../../tsql/value-type.js';
import { asText, asTimestamp, castTo, isWhole, keepType, untranslatable, type Typed } from './casts.js';
import { pgType } from './tables.js';

/** A call of T-SQL's library in PostgreSQL. @param type of the whole call, as the validator types it */
export function translateCall(call: Call, args: readonly Typed[], type: ValueType): string {
  const [a, b, c] = args as [Typed, Typed, Typed];
  const sql = args.map((arg) => arg.sql);
  switch (call.name) {
    case 'COUNT':
      return count(call, a);
    case 'SUM':
      return keepType(`sum(${distinct(call)}${a.sql})`, type);
    case 'AVG':
      return average(call, a, type);
    case 'MIN':
    case 'MAX':
      return a.type.family === 'uuid'
        ? `${call.name}((${a.sql})::text)::uuid`
        : `${call.name}(${distinct(call)}${a.sql})`;
    case 'DATEADD':
      return dateAdd(part(call), a, b, type);
    case 'DATEDIFF':
      return `tsql.datediff_${part(call)}(${asTimestamp(a)}, ${asTimestamp(b)})`;
    case 'DATEPART':
      return `tsql.datepart_${part(call)}(${asTimestamp(a)})`;
    case 'YEAR':
    case 'MONTH':
    case 'DAY':
      return `tsql.datepart_${call.name.toLowerCase()}(${asTimestamp(a)})`;
    case 'EOMONTH':
      return `tsql.eomonth(${asTimestamp(a)}, ${b === undefined ? '0' : wholeNumber(b)})`;
    case 'DATEFROMPARTS':
      return `make_date(${args.map(wholeNumber).join(', ')})`;
    case 'GETDATE':
      return 'tsql.getdate()';
    case 'COALESCE':
      return `COALESCE(${sql.join(', ')})`;
    case 'ISNULL':
      return isNull(a, b);
    case 'NULLIF':
      return `NULLIF(${sql.join(', ')})`;
    case 'UPPER':
    case 'LOWER':
      return `${call.name}(${asText(a)})`;
    case 'LTRIM':
    case 'RTRIM':
      return `${call.name}(${asText(a)}, ' ')`;
    case 'CONCAT':
      return `concat(${args.map((arg) => asText(arg)).join(', ')})`;
    case 'LEN':
      return `length(rtrim(${asText(a)}, ' '))`;
    case 'LEFT':
    case 'RIGHT':
      return `"${call.name.toLowerCase()}"(${asText(a)}, ${wholeNumber(b)})`;
    case 'SUBSTRING':
      return `substring(${asText(a)} from ${wholeNumber(b)} for ${wholeNumber(c)})`;
    case 'ABS':
      return `abs(${a.sql})`;
    case 'FLOOR':
      return isWhole(a.type) ? a.sql : `floor(${a.sql})`;
    case 'CEILING':
      return isWhole(a.type) ? a.sql : `ceil(${a.sql})`;
    case 'ROUND':
      return round(a, b, c);
    default:
      throw untranslatable(call.name);
  }
}

const part = (call: Call): string => datepartNamed(call.datepart?.text ?? '') ?? 'unknown';
const distinct = (call: Call): string => (call.distinct ? 'DISTINCT ' : '');

function count(call: Call, of: Typed | undefined): string {
  if (of === undefined) return 'count(*)::int';
  // The default collation takes Smith and SMITH for one value.
  const value = call.distinct && of.type.family === 'string' ? `lower(${of.sql})` : of.sql;
  return `count(${distinct(call)}${value})::int`;
}

/** AVG of whole numbers is a whole number, cut towards zero; of decimals it keeps at least six digits. */
function average(call: Call, of: Typed, type: ValueType): string {
  const mean = `avg(${distinct(call)}${of.sql})`;
  if (isWhole(type)) return `trunc(${mean})::${pgType(type)}`;
  if (isApproximate(type)) return `(${mean})::double precision`;
  if (/money$/.test(type.base)) return `trunc(${mean}, 4)`;
  return of.type.scale === undefined ? mean : `trunc(${mean}, ${Math.max(6, of.type.scale)})`;
}

function wholeNumber({ sql, type }: Typed): string {
  return isWhole(type) ? `(${sql})::int` : `trunc((${sql})::numeric)::int`;
}

const INTERVALS: Record<string, [unit: string, factor: number]> = {
  year: ['years', 1],
  quarter: ['months', 3],
  month: ['months', 1],
  week: ['weeks', 1],
  day: ['days', 1],
  dayofyear: ['days', 1],
  weekday: ['days', 1],
  hour: ['hours', 1],
  minute: ['mins', 1],
};

function dateAdd(name: string, amount: Typed, to: Typed, type: ValueType): string {
  const n = wholeNumber(amount);
  const known = INTERVALS[name];
  const seconds = name === 'second' ? n : `${n} / 1000.0`;
  const interval =
    known === undefined
      ? `make_interval(secs => ${seconds})`
      : `make_interval(${known[0]} => ${known[1] === 1 ? n : `${known[1]} * ${n}`})`;
  if (type.family === 'time') return `(${to.sql} + ${interval})`;
  return `(${asTimestamp(to)} + ${interval})${type.base === 'date' ? '::date' : ''}`;
}

/** The type is the first argument's: the second is converted to it. */
function isNull(a: Typed, b: Typed): string {
  if (a.type.family === 'null' || b.isLiteral) return `COALESCE(${a.sql}, ${b.sql})`;
  const isLong = a.type.family === 'string' && typeof a.type.length !== 'number';
  return `COALESCE(${a.sql}, ${isLong ? b.sql : castTo(b, a.type)})`;
}

function round(a: Typed, digits: Typed, mode: Typed | undefined): string {
  const value = `(${a.sql})::numeric, ${wholeNumber(digits)}`;
  const rounded =
    mode === undefined
      ? `round(${value})`
      : `CASE WHEN ${mode.sql} = 0 THEN round(${value}) ELSE trunc(${value}) END`;
  return keepType(rounded, a.type);
}
