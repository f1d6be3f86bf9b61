import type { Call, Cast, Expression } from '../../tsql/ast.js';
import type { Constants } from './constants.js';
import { datepartNamed, DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { isOutsideYears } from '../../tsql/types.js';
import { stringFault } from './literals.js';
import type { Problems } from './problems.js';
import { UNKNOWN, type ValueType } from '../../tsql/value-type.js';

/** A day as `YYYYMMDD`: as text, days sort by date. */
export type Day = string;

/**
 * Days that a statement writes out, `CAST('20240305' AS date)`, or computes from such days by DATEADD, EOMONTH and
 * DATEFROMPARTS. A day outside its type's range would fail in every row.
 */
export class ConstantDays {
  readonly #days = new Map<Expression, Day>();

  constructor(
    readonly problems: Problems,
    readonly constants: Constants,
  ) {}

  /** The day of a typed expression, without its time; undefined if it is not constant. */
  of(node: Expression): Day | undefined {
    return this.#days.get(node);
  }

  /** Computes the day of a typed expression. @returns the type, or UNKNOWN after reporting a day outside the type's range */
  fold(node: Call | Cast, type: ValueType): ValueType {
    if (type.family !== 'date') return type;
    const day = node.kind === 'cast' ? this.#cast(node, type) : this.#call(node);
    if (day === undefined) return type;
    if (day !== 'outside' && !isBeyond(day, type)) {
      this.#days.set(node, day);
      return type;
    }
    const code = node.kind === 'cast' ? 'date-out-of-range' : 'date-overflow';
    this.problems.add(code, node, `this day is outside the range of ${type.base}`);
    return UNKNOWN;
  }

  /** Reports a DATEDIFF of constant days that does not fit into an int. */
  checkDifference(call: Call, part: Datepart): void {
    const [count, unit] = DATEPARTS[part].step ?? [];
    if (count === undefined || unit !== 'seconds') return;
    const isFromStart = call.args.some((arg) => this.#argument(arg) === DAY_ZERO);
    const [first, second] = call.args.map((arg) => this.#ends(arg) ?? (isFromStart ? OUR_TIME : undefined));
    if (first === undefined || second === undefined) return;
    const seconds = first.flatMap((from) => second.map((to) => SECONDS_OF_DAY * daysBetween(from, to)));
    if (!seconds.every((distance) => (Math.abs(distance) - SECONDS_OF_DAY) / count > MAX_INT)) return;
    const message = `these days are too many ${part}s apart for an int; count a longer unit`;
    this.problems.add('datediff-overflow', call, message);
  }

  /** The first and the last day that a constant may be: GETDATE() is some day of our time. */
  #ends(node: Expression): readonly Day[] | undefined {
    if (node.kind === 'call' && node.name === 'GETDATE') return OUR_TIME;
    const day = this.#argument(node);
    return day === undefined ? undefined : [day];
  }

  #cast({ operand }: Cast, type: ValueType): Day | undefined {
    if (operand.kind !== 'string') return this.of(operand);
    return stringFault(operand, type) ? undefined : dayOf(operand.value);
  }

  #call({ name, args, datepart }: Call): Day | 'outside' | undefined {
    const numbers = args.map((arg) => this.constants.of(arg));
    switch (name) {
      case 'DATEFROMPARTS': {
        const [year, month, day] = numbers;
        if (year === undefined || month === undefined || day === undefined) return undefined;
        return dayAt(Number(year), Number(month), Number(day));
      }
      case 'EOMONTH': {
        const from = this.#argument(args[0]!);
        const months = args.length === 1 ? 0n : numbers[1];
        if (months === undefined) return undefined;
        if (from === undefined) return isLostAnywhere('month', Number(months)) ? 'outside' : undefined;
        const [year, month] = partsOf(from);
        return dayAt(year, month + Number(months) + 1, 0);
      }
      case 'DATEADD': {
        const from = this.#ends(args[1]!);
        const part = datepartNamed(datepart!.text);
        if (part === undefined || numbers[0] === undefined) return undefined;
        if (from === undefined) return isLostAnywhere(part, Number(numbers[0])) ? 'outside' : undefined;
        const days = from.map((day) => moved(day, part, Number(numbers[0])));
        if (days.length === 1) return days[0];
        const isLost = days.every(
          (day) => day !== undefined && (day === 'outside' || isOutsideYears('datetime', day)),
        );
        return isLost ? 'outside' : undefined;
      }
      default:
        return undefined;
    }
  }

  #argument(node: Expression): Day | undefined {
    if (node.kind === 'number') return node.text === '0' ? DAY_ZERO : undefined;
    return node.kind === 'string' ? dayOf(node.value) : this.of(node);
  }
}

/** The day that SQL Server makes of the number 0. */
const DAY_ZERO: Day = '19000101';
/** Nearly all days of a column are between these: 9999-12-31 stands for an end that is not known. */
const ANY_TIME: readonly Day[] = ['17530101', '23001231'];

/** Whether DATEADD leaves the years of dates whatever it begins with. */
function isLostAnywhere(part: Datepart, amount: number): boolean {
  return ANY_TIME.every((day) => moved(day, part, amount) === 'outside');
}

/** GETDATE() is a day between these. */
const OUR_TIME: readonly Day[] = ['20200101', '20501231'];
const SECONDS_OF_DAY = 86_400;
const MAX_INT = 2_147_483_647;

function daysBetween(from: Day, to: Day): number {
  const [first, second] = [from, to].map((day) => {
    const [year, month, date] = partsOf(day);
    return new Date(0).setUTCFullYear(year, month - 1, date);
  });
  return (second! - first!) / (SECONDS_OF_DAY * 1000);
}

/** Whether the type cannot hold the day. */
export function isBeyond(day: Day, type: ValueType): boolean {
  return isOutsideYears(type.base, day);
}

/** The day of a text that SQL Server reads as a date. */
function dayOf(text: string): Day {
  return text.replaceAll('-', '').slice(0, 8);
}

function partsOf(day: Day): [year: number, month: number, day: number] {
  return [Number(day.slice(0, 4)), Number(day.slice(4, 6)), Number(day.slice(6))];
}

/** Months and days overflow into the next or previous ones: day 0 is the last day of the month before. */
function dayAt(year: number, month: number, day: number): Day | 'outside' {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const found = date.getUTCFullYear();
  if (!(found >= 1 && found <= 9999)) return 'outside';
  return String((found * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()).padStart(8, '0');
}

/** DATEADD of a day: the 31st becomes the last day of a shorter month. Undefined for parts of the time. */
function moved(from: Day, part: Datepart, amount: number): Day | 'outside' | undefined {
  const [year, month, day] = partsOf(from);
  const [count, unit] = DATEPARTS[part].step ?? [];
  if (count === undefined || unit === 'seconds') return undefined;
  if (unit === 'days') return dayAt(year, month, day + amount * count);
  const months = month + amount * count;
  const last = dayAt(year, months + 1, 0);
  return last === 'outside' ? last : dayAt(year, months, Math.min(day, partsOf(last)[2]));
}
