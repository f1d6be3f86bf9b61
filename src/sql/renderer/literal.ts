import { RenderError } from '../errors.js';
import type { PlaceholderValue } from '../values.js';
import type { Expression } from '../../tsql/ast.js';
import { isInRange, MAX_DIGITS } from '../../tsql/types.js';
import { stringFault } from '../validator/literals.js';
import type { PlaceholderUse } from '../validator/placeholders.js';
import { isNational, isNumeric } from '../../tsql/value-type.js';

/** A literal as text, and the tree that parsing this text must give. */
export interface Literal {
  sql: string;
  tree: Expression;
}

/**
 * Writes the literal for one placeholder at one place. The type of what it is compared with decides, never the spelling:
 * - Beside a number: the digits exactly as given, never converted to a float.
 * - Beside text: a quoted string with every character kept, N'…' if the column is national or the value is not ASCII.
 *   In a LIKE pattern %, _ and [ are escaped, because the person meant these characters. A pattern that is one value alone
 *   gets the % that the question asks for (`begins with`).
 * - Beside a date: `'20240305'` or `'2024-03-05T10:00:00'`, which SQL Server reads alike under every DATEFORMAT and
 *   language, inside CAST(… AS date) if nothing beside it gives a type. A month, quarter or year becomes its first day,
 *   or the number of the date part that it is compared with. Values have no time zone: SQL Server compares them with a
 *   datetimeoffset as +00:00.
 * A value that columns spell each in their own way (`'M'`, 8507) is written as the column beside it has it; not in a pattern.
 * @throws RenderError if the value cannot be written exactly
 */
export function writeLiteral(given: PlaceholderValue, use: PlaceholderUse): Literal {
  const { type } = use;
  const value = withOwnLiteral(given, use);
  if (isNumeric(type)) return writeNumber(value, use);
  switch (type.family) {
    case 'string':
      return writeString(value, use);
    case 'date':
      return withType(checkedString(value, use, writeDay(value)), use);
    case 'time':
    case 'uuid':
      return checkedString(value, use, normalised(value));
    default:
      throw new RenderError('type', `${value.name} cannot be written as ${type.base}`, value.name);
  }
}

/** A coded meaning has the literal of the column that it is compared with. */
function withOwnLiteral(value: PlaceholderValue, { column, pattern }: PlaceholderUse): PlaceholderValue {
  const own = column === undefined || pattern === true ? undefined : value.literals?.[column];
  return own === undefined ? value : { ...value, value: own };
}

function normalised(value: PlaceholderValue): string {
  return value.value ?? value.text;
}

const DIGITS = /^(-?)(0|[1-9][0-9]*)(\.[0-9]+)?$/;

function writeNumber(value: PlaceholderValue, use: PlaceholderUse): Literal {
  const { name } = value;
  const isDate = name.startsWith('__DATE_');
  const digits = isDate ? periodPart(value, use.datepart ?? 'year') : normalised(value);
  const match = DIGITS.exec(digits);
  if (!match) {
    if (/^-?0[0-9]+(\.[0-9]+)?$/.test(digits)) {
      const message = `${name} starts with zeros, which the ${use.type.base} column it is compared with cannot store; compare it with a text column`;
      throw new RenderError('leading-zeros', message, name);
    }
    throw new RenderError(
      'not-a-number',
      `${name} is not a number, but it is compared with ${use.type.base}`,
      name,
    );
  }
  const [, sign = '', whole = '', fraction = ''] = match;
  if (digitsOf(whole, fraction) > MAX_DIGITS) {
    const message = `${name} has more than ${MAX_DIGITS} digits, the maximum of a SQL Server number`;
    throw new RenderError('too-many-digits', message, name);
  }
  if (name.startsWith('__ID_') && fraction === '' && !isInRange(sign + whole, use.type.base)) {
    const message = `${name} is larger than any ${use.type.base}, the type of the column it is compared with`;
    throw new RenderError('out-of-range', message, name);
  }
  const number: Expression = { kind: 'number', text: whole + fraction, start: 0, end: 0 };
  if (sign === '') return { sql: number.text, tree: number };
  return { sql: `-${number.text}`, tree: { kind: 'negation', operand: number, start: 0, end: 0 } };
}

/** Digits that count towards the precision of a decimal; the 0 of `0.5` does not. */
function digitsOf(whole: string, fraction: string): number {
  const digits = (whole === '0' ? 0 : whole.length) + Math.max(0, fraction.length - 1);
  return Math.max(1, digits);
}

const PERIOD = /^(\d{4})(?:-(?:Q([1-4])|(\d{2})))?$/;

/** Year, quarter or month of a period (`2024`, `2024-Q1`, `2024-03`), as digits. */
function periodPart(value: PlaceholderValue, part: string): string {
  const match = PERIOD.exec(normalised(value));
  const [, year, quarter, month] = match ?? [];
  const number = {
    year: year === undefined ? undefined : Number(year),
    quarter: quarter !== undefined ? Number(quarter) : month && Math.ceil(Number(month) / 3),
    month: month && Number(month),
  }[part];
  if (typeof number === 'number' && number > 0) return String(number);
  throw new RenderError('not-a-period', `${value.name} (${value.kind}) has no ${part}`, value.name);
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?))?$/;

function writeDay(value: PlaceholderValue): string {
  const text = normalised(value);
  const period = PERIOD.exec(text);
  if (period) {
    const [, year = '', quarter, month] = period;
    const first = month ?? (quarter === undefined ? '01' : String(Number(quarter) * 3 - 2).padStart(2, '0'));
    return `${year}${first}01`;
  }
  const moment = MOMENT.exec(text);
  if (!moment) throw new RenderError('not-a-date', `${value.name} (${value.kind}) is not a date`, value.name);
  const [, year = '', month = '', day = '', time] = moment;
  if (time === undefined) return year + month + day;
  return `${year}-${month}-${day}T${time.length === 5 ? `${time}:00` : time}`;
}

function writeString(value: PlaceholderValue, use: PlaceholderUse): Literal {
  const text = value.name.startsWith('__DATE_') ? writeDay(value) : normalised(value);
  const pattern = use.pattern ? withPercent(escapePattern(text, use.escape), value, use) : text;
  return quote(pattern, isNational(use.type));
}

/** The pattern of a value that the question calls a part of a text: `met%` for what begins so. */
function withPercent(text: string, { part }: PlaceholderValue, { whole }: PlaceholderUse): string {
  if (whole !== true || part === undefined) return text;
  return `${part === 'begins' ? '' : '%'}${text}${part === 'ends' ? '' : '%'}`;
}

/** A LIKE pattern that matches exactly this text. */
function escapePattern(text: string, escape: string | undefined): string {
  if (escape === undefined) return text.replace(/[%_[]/g, '[$&]');
  return Array.from(text, (c) => ('%_['.includes(c) || c === escape ? escape + c : c)).join('');
}

const ASCII = /^[\u0020-\u007e]*$/;

function quote(text: string, columnIsNational: boolean): Literal {
  const national = columnIsNational || !ASCII.test(text);
  const sql = `${national ? 'N' : ''}'${text.replaceAll("'", "''")}'`;
  return { sql, tree: { kind: 'string', value: text, national, start: 0, end: 0 } };
}

function withType(literal: Literal, { typed, type: { base } }: PlaceholderUse): Literal {
  if (!typed) return literal;
  const place = { start: 0, end: 0 };
  const typeName = { text: base, ...place };
  return {
    sql: `CAST(${literal.sql} AS ${base})`,
    tree: { kind: 'cast', operand: literal.tree, type: base, typeName, ...place },
  };
}

/** A string that the server converts to the type beside it; refused if that conversion would fail. */
function checkedString(value: PlaceholderValue, use: PlaceholderUse, text: string): Literal {
  const literal = quote(text, false);
  if (literal.tree.kind === 'string') {
    const fault = stringFault(literal.tree, use.type);
    if (fault) {
      // The fault's own message contains the value, and messages go to logs.
      const message = `${value.name} (${value.kind}) cannot be written as ${use.type.base}`;
      throw new RenderError(fault.code, message, value.name);
    }
  }
  return literal;
}
