import type { NumberLiteral, StringLiteral } from '../../tsql/ast.js';
import { isInRange, isOutsideYears, MAX_DIGITS, rangeOf } from '../../tsql/types.js';
import type { Code } from './codes.js';
import { DECIMAL, FLOAT, INT, type ValueType } from '../../tsql/value-type.js';
import { incomparable } from './type-faults.js';

/** The type that SQL Server gives a number literal; undefined if it has more digits than a decimal. */
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
/** The offset from UTC at the end of a datetimeoffset, from -14:00 to +14:00. */
const OFFSET = /(?<=:\d{2}(?:\.\d{1,7})?) ?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;
const FAR_OFFSET = /:\d{2}(?:\.\d{1,7})? ?[+-](?:1[4-9]|[2-9]\d):\d{2}$/;
const TIME_TEXT = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,7})?)?$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const isTime = (hour = '0', minute = '0', second = '0'): boolean =>
  Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;

/**
 * Spellings that datetime and smalldatetime read the same way under every DATEFORMAT and language: without hyphens and
 * T, or with both and the seconds. Under `SET DATEFORMAT dmy` they take `2024-03-05` for the third of May; date and
 * datetime2 do not.
 */
const OLD_DATE_TEXT =
  /^\d{8}(?: \d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$|^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?$/;
const OLD_DATES: ReadonlySet<string> = new Set(['datetime', 'smalldatetime']);
/** `20240305T10:00:00` is not among the ISO 8601 spellings that SQL Server documents. */
const COMPACT_WITH_T = /^\d{8}T/;

/** Why a string is not a value of a type. */
interface Fault {
  code: Code;
  message: string;
}

const isSmallDate = (base: string): boolean => base === 'smalldatetime';

/** SQL Server's fault for a text that it cannot read as that type of number. */
export function conversionCode(base: string): Code {
  if (base === 'money' || base === 'smallmoney') return 'money-conversion-failed';
  return base === 'bit' || (rangeOf(base) !== undefined && base !== 'bigint')
    ? 'conversion-failed'
    : 'conversion-error';
}

function overflowCode(base: string): Code {
  // SQL Server reads every number except 0 as a bit of 1.
  if (base === 'bit') return 'implicit-conversion';
  if (base === 'tinyint' || base === 'smallint') return 'small-number-out-of-range';
  return base === 'int' ? 'number-out-of-range' : 'arithmetic-overflow';
}

/** Why a string is not a date of that type; undefined if it is. Only year-first spellings count as dates here. */
function dateFault(written: string, base: string): Fault | undefined {
  const text = base === 'datetimeoffset' ? written.replace(OFFSET, '') : written;
  const match = DATE_TEXT.exec(text);
  const failed: Code = isSmallDate(base) ? 'smalldatetime-conversion-failed' : 'date-conversion-failed';
  if (!match || COMPACT_WITH_T.test(text) || (OLD_DATES.has(base) && !OLD_DATE_TEXT.test(text))) {
    const message = !/\d/.test(text)
      ? "is no date; write 'YYYYMMDD' or 'YYYY-MM-DDThh:mm:ss'"
      : base === 'datetimeoffset' && FAR_OFFSET.test(text)
        ? 'has an offset from UTC beyond 14:00'
        : "is not a date that every server reads the same way; write 'YYYYMMDD' or 'YYYY-MM-DDThh:mm:ss'";
    // No setting makes a date of a text without digits, except that SQL Server reads an empty one as 1900-01-01.
    return { code: /\d/.test(text) || text.trim() === '' ? 'date-spelling' : failed, message };
  }
  const [, year, , month, day, hour, minute, second, fraction] = match;
  const outOfRange: Code = isSmallDate(base) ? 'smalldatetime-out-of-range' : 'date-out-of-range';
  if (!isCalendarDay(Number(year), Number(month), Number(day)) || !isTime(hour, minute, second)) {
    return {
      code: OLD_DATES.has(base) ? outOfRange : 'date-conversion-failed',
      message: 'is a day or time that does not exist',
    };
  }
  if (OLD_DATES.has(base) && (fraction ?? '').length > 3) {
    return { code: failed, message: `has more digits of a second than the three that ${base} reads` };
  }
  const time = `${hour ?? '00'}${minute ?? '00'}${second ?? '00'}`;
  if (isOutsideYears(base, `${year}${month}${day}`, time, fraction))
    return { code: outOfRange, message: `is outside the range of ${base}` };
  return undefined;
}

/** Whether a text has more digits before its point than a decimal holds. */
function hasTooManyDigits(text: string, { base, precision, scale = 0 }: ValueType): boolean {
  if ((base !== 'decimal' && base !== 'numeric') || precision === undefined) return false;
  const whole = text.trim().replace(/^-?0*/, '').split('.')[0]!;
  return whole.length > precision - scale;
}

/** Why SQL Server would fail to convert a string literal to the type; undefined if it converts. */
export function stringFault(literal: StringLiteral, type: ValueType): Fault | undefined {
  // Not the text itself: messages go to logs, and it may be a name or an ID.
  const shown = 'this text';
  switch (type.family) {
    case 'number':
    case 'bool': {
      const isWhole = isInRange('0', type.base) && !isInRange('0.5', type.base);
      const pattern = isWhole ? /^-?\d{1,40}$/ : /^-?\d{1,38}(\.\d{1,38})?$/;
      // SQL Server leaves blanks around a number out.
      if (!pattern.test(literal.value.trim()))
        return { code: conversionCode(type.base), message: `${shown} is no ${type.base}` };
      if (hasTooManyDigits(literal.value, type))
        return { code: 'arithmetic-overflow', message: `${shown} has more digits than this ${type.base}` };
      if (isInRange(literal.value.trim(), type.base) || !isWhole) return undefined;
      return { code: overflowCode(type.base), message: `${shown} is out of the range of ${type.base}` };
    }
    case 'date': {
      const fault = dateFault(literal.value, type.base);
      return fault && { code: fault.code, message: `${shown} ${fault.message}` };
    }
    case 'time': {
      const match = TIME_TEXT.exec(literal.value);
      if (match && isTime(match[1], match[2], match[3])) return undefined;
      const code = /\d/.test(literal.value) && !match ? 'date-spelling' : 'date-conversion-failed';
      return { code, message: `${shown} is not a time; write 'hh:mm:ss'` };
    }
    case 'uuid':
      if (UUID_TEXT.test(literal.value)) return undefined;
      return { code: 'uuid-conversion-failed', message: `${shown} is not a uniqueidentifier` };
    case 'binary':
    case 'other':
      return { code: mixedCode(type), message: `a string cannot be compared with ${type.base}` };
    default:
      return undefined;
  }
}

/** SQL Server's fault for comparing a binary type, or one of the family `other`, with another type. */
export function mixedCode(type: ValueType): Code {
  if (type.base === 'xml' || type.base === 'image') return 'incompatible-types';
  return type.family === 'binary' ? 'implicit-conversion' : incomparable(type, 'compared')!;
}
