import type { Call, Cast, Expression } from './ast.js';
import type { Constants } from './constants.js';
import { datepartNamed } from './functions.js';
import { isOutside, stringFault } from './literals.js';
import type { Problems } from './problems.js';
import { UNKNOWN, type ValueType } from './types.js';

/** A day as `YYYYMMDD`: days sort as their texts do. */
export type Day = string;

/**
 * Days that a statement writes out, `CAST('20240305' AS date)`, and those that it computes from them with DATEADD,
 * EOMONTH and DATEFROMPARTS: what leaves the years of its type fails in every row.
 */
export class ConstantDays {
  readonly #days = new Map<Expression, Day>();

  constructor(
    readonly problems: Problems,
    readonly constants: Constants,
  ) {}

  /** The day of an expression that has been typed, whatever its time; undefined where it is no constant. */
  of(node: Expression): Day | undefined {
    return this.#days.get(node);
  }

  /** @returns the type again; UNKNOWN where the day is outside of it, which is reported */
  fold(node: Call | Cast, type: ValueType): ValueType {
    if (type.family !== 'date') return type;
    const day = node.kind === 'cast' ? this.#cast(node, type) : this.#call(node);
    if (day === undefined) return type;
    if (day !== 'outside' && !isBeyond(day, type)) {
      this.#days.set(node, day);
      return type;
    }
    const code = node.kind === 'cast' ? 'date-out-of-range' : 'date-overflow';
    this.problems.add(code, node, `this day is outside of the years that ${type.base} holds`);
    return UNKNOWN;
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
        if (from === undefined || months === undefined) return undefined;
        const [year, month] = partsOf(from);
        return dayAt(year, month + Number(months) + 1, 0);
      }
      case 'DATEADD': {
        const from = this.#argument(args[1]!);
        const part = datepartNamed(datepart!.text);
        if (from === undefined || part === undefined || numbers[0] === undefined) return undefined;
        return moved(from, part, Number(numbers[0]));
      }
      default:
        return undefined;
    }
  }

  #argument(node: Expression): Day | undefined {
    return node.kind === 'string' ? dayOf(node.value) : this.of(node);
  }
}

/** Whether the type cannot hold the day. */
export function isBeyond(day: Day, type: ValueType): boolean {
  return isOutside(day, '000000', '', type.base);
}

/** Of a text that is a date to the server, the day. */
function dayOf(text: string): Day {
  return text.replaceAll('-', '').slice(0, 8);
}

function partsOf(day: Day): [year: number, month: number, day: number] {
  return [Number(day.slice(0, 4)), Number(day.slice(4, 6)), Number(day.slice(6))];
}

/** Months and days count on beyond the ends of their years and months: day 0 is the last of the month before. */
function dayAt(year: number, month: number, day: number): Day | 'outside' {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const found = date.getUTCFullYear();
  if (!(found >= 1 && found <= 9999)) return 'outside';
  return String((found * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()).padStart(8, '0');
}

const MONTHS: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 };
const DAYS: Readonly<Record<string, number>> = { week: 7, day: 1, dayofyear: 1, weekday: 1 };

/** What DATEADD makes of a day: the 31st becomes the last of a shorter month. Hours and less are not followed. */
function moved(from: Day, part: string, amount: number): Day | 'outside' | undefined {
  const [year, month, day] = partsOf(from);
  if (part in DAYS) return dayAt(year, month, day + amount * DAYS[part]!);
  if (!(part in MONTHS)) return undefined;
  const months = month + amount * MONTHS[part]!;
  const last = dayAt(year, months + 1, 0);
  return last === 'outside' ? last : dayAt(year, months, Math.min(day, partsOf(last)[2]));
}
