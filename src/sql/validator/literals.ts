import type { NumberLiteral, StringLiteral } from './ast.js';
import type { Code } from './codes.js';
import { DECIMAL, FLOAT, incomparable, INT, type ValueType } from './types.js';

/** SQL Server's largest precision of decimal. */
export const MAX_DIGITS = 38;

const INT_RANGES: ReadonlyMap<string, readonly [bigint, bigint]> = new Map([
  ['bit', [0n, 1n]],
  ['tinyint', [0n, 255n]],
  ['smallint', [-32768n, 32767n]],
  ['int', [-2147483648n, 2147483647n]],
  ['bigint', [-9223372036854775808n, 9223372036854775807n]],
]);

/** Whether the digits are a value of that whole-number type; types without a range hold every number. */
export function isInRange(digits: string, base: string): boolean {
  const range = INT_RANGES.get(base);
  if (range === undefined) return true;
  if (!/^-?\d{1,40}$/.test(digits)) return false;
  const value = BigInt(digits);
  return value >= range[0] && value <= range[1];
}

/** The type SQL Server gives a number literal; undefined when it has more digits than decimal holds. */
export function numberType(literal: NumberLiteral): ValueType | undefined {
  const { text } = literal;
  if (/e/i.test(text)) return FLOAT;
  const digits = text.replace(/^0+|\./g, '');
  if (digits.length > MAX_DIGITS) return undefined;
  if (text.includes('.')) return DECIMAL;
  return isInRange(text, 'int') ? INT : DECIMAL;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= DAYS[month - 1]! + (leap && month === 2 ? 1 : 0);
}

const DATE_TEXT = /^(\d{4})(-?)(\d{2})\2(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?$/;
const TIME_TEXT = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,7})?)?$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const isTime = (hour = '0', minute = '0', second = '0'): boolean =>
  Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;

/**
 * Spellings that datetime and smalldatetime read alike under every DATEFORMAT and language: without hyphens and T, or
 * with both and the seconds. `2024-03-05` is the third of May to them under `SET DATEFORMAT dmy`; date and datetime2
 * read it one way.
 */
const OLD_DATE_TEXT =
  /^\d{8}(?: \d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$|^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?$/;
const OLD_DATES: ReadonlySet<string> = new Set(['datetime', 'smalldatetime']);
/** `20240305T10:00:00` is no spelling of ISO 8601 that SQL Server names. */
const COMPACT_WITH_T = /^\d{8}T/;

/** Why a string is no value of a type, and the code of it. */
interface Fault {
  code: Code;
  message: string;
}

const isSmallDate = (base: string): boolean => base === 'smalldatetime';

/** What SQL Server says of a text that it cannot read as that type of number. */
export function conversionCode(base: string): Code {
  if (base === 'money' || base === 'smallmoney') return 'money-conversion-failed';
  return base === 'bit' || (INT_RANGES.has(base) && base !== 'bigint')
    ? 'conversion-failed'
    : 'conversion-error';
}

function overflowCode(base: string): Code {
  // SQL Server takes every number but 0 for a bit of 1.
  if (base === 'bit') return 'implicit-conversion';
  if (base === 'tinyint' || base === 'smallint') return 'small-number-out-of-range';
  return base === 'int' ? 'number-out-of-range' : 'arithmetic-overflow';
}

/** Why a string is no date of that type: undefined when it is one. Only year-first spellings are dates here. */
function dateFault(text: string, base: string): Fault | undefined {
  const match = DATE_TEXT.exec(text);
  const failed: Code = isSmallDate(base) ? 'smalldatetime-conversion-failed' : 'date-conversion-failed';
  if (!match || COMPACT_WITH_T.test(text) || (OLD_DATES.has(base) && !OLD_DATE_TEXT.test(text))) {
    const message =
      "is not a date every server reads the same way; write 'YYYYMMDD' or 'YYYY-MM-DDThh:mm:ss'";
    // Without a digit it is a date under no setting; an empty text is one to SQL Server, 1900-01-01.
    return { code: /\d/.test(text) || text.trim() === '' ? 'date-spelling' : failed, message };
  }
  const [, year, , month, day, hour, minute, second, fraction] = match;
  const outOfRange: Code = isSmallDate(base) ? 'smalldatetime-out-of-range' : 'date-out-of-range';
  if (!isCalendarDay(Number(year), Number(month), Number(day)) || !isTime(hour, minute, second)) {
    return {
      code: OLD_DATES.has(base) ? outOfRange : 'date-conversion-failed',
      message: 'is no day or time of the calendar',
    };
  }
  if (OLD_DATES.has(base) && (fraction ?? '').length > 3) {
    return { code: failed, message: `has more than the three digits of a second that ${base} reads` };
  }
  if (isOutside(`${year}${month}${day}`, `${hour ?? '00'}${minute ?? '00'}${second ?? '00'}`, fraction, base))
    return { code: outOfRange, message: `is outside of ${base}'s years` };
  return undefined;
}

/**
 * Whether the moment is before the first or after the last of the type, rounding included: datetime rounds .999 of a
 * second up, smalldatetime 29.999 seconds and more (https://learn.microsoft.com/sql/t-sql/data-types/).
 */
export function isOutside(day: string, time: string, fraction = '', base: string): boolean {
  const moment = `${day}${time}${fraction.padEnd(3, '0')}`;
  if (base === 'datetime') return day < '17530101' || moment >= '99991231235959999';
  if (base === 'smalldatetime') return day < '19000101' || moment >= '20790606235929999';
  return false;
}

/** Why SQL Server would fail to convert a string literal to the type: undefined when it converts. */
export function stringFault(literal: StringLiteral, type: ValueType): Fault | undefined {
  const shown = `'${literal.value.slice(0, 40)}'`;
  switch (type.family) {
    case 'number':
    case 'bool': {
      const isWhole = isInRange('0', type.base) && !isInRange('0.5', type.base);
      const pattern = isWhole ? /^-?\d{1,40}$/ : /^-?\d{1,38}(\.\d{1,38})?$/;
      if (!pattern.test(literal.value))
        return { code: conversionCode(type.base), message: `${shown} is no ${type.base}` };
      if (isInRange(literal.value, type.base) || !isWhole) return undefined;
      return { code: overflowCode(type.base), message: `${shown} is outside of ${type.base}'s range` };
    }
    case 'date': {
      const fault = dateFault(literal.value, type.base);
      return fault && { code: fault.code, message: `${shown} ${fault.message}` };
    }
    case 'time': {
      const match = TIME_TEXT.exec(literal.value);
      if (match && isTime(match[1], match[2], match[3])) return undefined;
      const code = /\d/.test(literal.value) && !match ? 'date-spelling' : 'date-conversion-failed';
      return { code, message: `${shown} is no time; write 'hh:mm:ss'` };
    }
    case 'uuid':
      if (UUID_TEXT.test(literal.value)) return undefined;
      return { code: 'uuid-conversion-failed', message: `${shown} is no uniqueidentifier` };
    case 'binary':
    case 'other':
      return { code: mixedCode(type), message: `a string cannot be compared with ${type.base}` };
    default:
      return undefined;
  }
}

/** What SQL Server says of a comparison between the type, a binary one or one of the family `other`, and another. */
export function mixedCode(type: ValueType): Code {
  if (type.base === 'xml' || type.base === 'image') return 'incompatible-types';
  return type.family === 'binary' ? 'implicit-conversion' : incomparable(type, 'compared')!;
}
