import type { Call, Expression } from '../../tsql/ast.js';
import { datepartNamed, DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { argumentKind, functionNamed, type ArgumentKind } from '../../tsql/functions.js';
import { fillTemplate } from '../../tsql/template.js';
import { isApproximate, isWholeNumber, type ValueType } from '../../tsql/value-type.js';
import { asText, asTimestamp, castTo, keepType, untranslatable, type Typed } from './casts.js';
import { pgString } from './names.js';
import { pgType } from './tables.js';

/**
 * A call of T-SQL's library in PostgreSQL: by the template of its row, or by the code below.
 * @param type of the whole call, as the validator types it
 */
export function translateCall(call: Call, args: readonly Typed[], type: ValueType): string {
  const row = functionNamed(call.name);
  if (row.postgres === undefined) return translateByCode(call, args, type);
  const written = args.map((arg, i) => argument(arg, argumentKind(row, i)));
  const sql = fillTemplate(row.postgres, (slot) => {
    if (slot === 'all') return written.join(', ');
    if (slot === 'part') return part(call);
    return slot === 'distinct' ? distinct(call) : written[Number(slot) - 1];
  });
  return row.returns === 'sum' ? keepType(sql, type) : sql;
}

/** An argument as a template takes it. */
function argument(value: Typed, kind: ArgumentKind): string {
  switch (kind) {
    case 'text':
    case 'measured':
    case 'cuttable':
    case 'written':
    case 'separator':
      return asText(value);
    case 'whole':
    case 'position':
    case 'length':
      return asInt(value);
    case 'date':
    case 'dateOrTime':
      return asTimestamp(value);
    default:
      return value.sql;
  }
}

function translateByCode(call: Call, args: readonly Typed[], type: ValueType): string {
  const [a, b, c] = args as [Typed, Typed, Typed];
  switch (call.name) {
    case 'COUNT':
      return `${count(call, a)}::int`;
    case 'COUNT_BIG':
      return `${count(call, a)}::bigint`;
    case 'DATENAME':
      return dateName(part(call), asTimestamp(a));
    case 'FORMAT':
      return format(a, call.args[1]!);
    case 'REPLACE':
      return `regexp_replace(${asText(a)}, ${quoted(b)}, ${asText(c)}, 'gi')`;
    case 'CHARINDEX':
      return charIndex(a, b, c);
    case 'AVG':
      return average(call, a, type);
    case 'MIN':
    case 'MAX':
      // PostgreSQL has no order for uuid.
      return a.type.family === 'uuid'
        ? `${call.name}((${a.sql})::text)::uuid`
        : `${call.name}(${distinct(call)}${a.sql})`;
    case 'DATEADD':
      return dateAdd(part(call), a, b, type);
    case 'ISNULL':
      return isNull(a, b);
    case 'FLOOR':
      return isWholeNumber(a.type) ? a.sql : `floor(${a.sql})`;
    case 'CEILING':
      return isWholeNumber(a.type) ? a.sql : `ceil(${a.sql})`;
    case 'ROUND':
      return round(a, b, c);
    default:
      throw untranslatable(call.name);
  }
}

const part = (call: Call): Datepart => {
  const found = datepartNamed(call.datepart?.text ?? '');
  if (found === undefined) throw untranslatable(`the datepart ${call.datepart?.text ?? ''}`);
  return found;
};
const distinct = (call: Call): string => (call.distinct ? 'DISTINCT ' : '');

function count(call: Call, of: Typed | undefined): string {
  if (of === undefined) return 'count(*)';
  // In SQL Server's default collation, Smith and SMITH are the same value.
  const value = call.distinct && of.type.family === 'string' ? `lower(${of.sql})` : of.sql;
  return `count(${distinct(call)}${value})`;
}

/** The name of a month or a weekday; of other parts the number, as text. */
function dateName(name: Datepart, at: string): string {
  if (name === 'month') return `to_char(${at}, 'FMMonth')`;
  if (name === 'weekday') return `to_char(${at}, 'FMDay')`;
  return `(tsql.datepart_${name}(${at}))::text`;
}

/** Letters of a .NET date format with those of to_char. */
const DATE_LETTERS: Readonly<Record<string, string>> = {
  yyyy: 'YYYY',
  yy: 'YY',
  MMMM: 'FMMonth',
  MMM: 'Mon',
  MM: 'MM',
  dddd: 'FMDay',
  ddd: 'Dy',
  dd: 'DD',
  HH: 'HH24',
  mm: 'MI',
  ss: 'SS',
};

/** FORMAT of a date with a format of known letters. */
function format(value: Typed, pattern: Expression): string {
  if (value.type.family !== 'date' || pattern.kind !== 'string') throw untranslatable('FORMAT of a number');
  const parts = pattern.value.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? [];
  const written = parts.map((part) => {
    if (!/[A-Za-z]/.test(part)) return part;
    const letters = DATE_LETTERS[part];
    if (letters === undefined) throw untranslatable(`FORMAT with ${part}`);
    return letters;
  });
  return `to_char(${asTimestamp(value)}, ${pgString(written.join(''))})`;
}

/** A text as a regular expression that matches it. */
function quoted(value: Typed): string {
  return `regexp_replace(${asText(value)}, '([^a-zA-Z0-9])', '\\\\\\1', 'g')`;
}

function charIndex(part: Typed, of: Typed, start: Typed | undefined): string {
  const found = (text: string): string => `position(lower(${asText(part)}) in lower(${text}))`;
  if (start === undefined) return found(asText(of));
  const from = `greatest(${asInt(start)}, 1)`;
  const rest = found(`substring(${asText(of)} from ${from})`);
  return `(CASE WHEN ${rest} = 0 THEN 0 ELSE ${rest} + ${from} - 1 END)`;
}

/** AVG of whole numbers is whole, truncated towards zero; of decimals it has at least six digits after the point. */
function average(call: Call, of: Typed, type: ValueType): string {
  const mean = `avg(${distinct(call)}${of.sql})`;
  if (isWholeNumber(type)) return `trunc(${mean})::${pgType(type)}`;
  if (isApproximate(type)) return `(${mean})::double precision`;
  if (/money$/.test(type.base)) return `trunc(${mean}, 4)`;
  return of.type.scale === undefined ? mean : `trunc(${mean}, ${Math.max(6, of.type.scale)})`;
}

function asInt({ sql, type }: Typed): string {
  return isWholeNumber(type) ? `(${sql})::int` : `trunc((${sql})::numeric)::int`;
}

function dateAdd(name: Datepart, amount: Typed, to: Typed, type: ValueType): string {
  const { step } = DATEPARTS[name];
  if (step === undefined) throw untranslatable(`DATEADD of ${name}`);
  const [count, unit] = step;
  const n = asInt(amount);
  // As numeric: many hours are more seconds than an int can hold.
  const interval =
    unit === 'seconds'
      ? `make_interval(secs => ${n} * ${count}::numeric)`
      : `make_interval(${unit} => ${n} * ${count})`;
  if (type.family === 'time') return `(${to.sql} + ${interval})`;
  return `(${asTimestamp(to)} + ${interval})${type.base === 'date' ? '::date' : ''}`;
}

/** ISNULL has the type of its first argument: the second is converted to it. */
function isNull(a: Typed, b: Typed): string {
  if (a.type.family === 'null' || b.isLiteral) return `COALESCE(${a.sql}, ${b.sql})`;
  const isLong = a.type.family === 'string' && typeof a.type.length !== 'number';
  return `COALESCE(${a.sql}, ${isLong ? b.sql : castTo(b, a.type)})`;
}

function round(a: Typed, digits: Typed, mode: Typed | undefined): string {
  const value = `(${a.sql})::numeric, ${asInt(digits)}`;
  const rounded =
    mode === undefined
      ? `round(${value})`
      : `CASE WHEN ${mode.sql} = 0 THEN round(${value}) ELSE trunc(${value}) END`;
  return keepType(rounded, a.type);
}
