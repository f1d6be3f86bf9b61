import type { Expression } from './ast.js';

/** The numbers from `low` to `high`, either of which may be left out; a day counts as the number that it spells. */
export interface Bounds {
  low: number;
  high: number;
  isOpenLow: boolean;
  isOpenHigh: boolean;
}

export const ALL_NUMBERS: Bounds = { low: -Infinity, high: Infinity, isOpenLow: false, isOpenHigh: false };

/** What a comparison leaves of all numbers; undefined for `<>`, which leaves no range. */
export function boundsOf(operator: string, value: number): Bounds | undefined {
  switch (operator) {
    case '=':
      return { ...ALL_NUMBERS, low: value, high: value };
    case '>':
    case '>=':
      return { ...ALL_NUMBERS, low: value, isOpenLow: operator === '>' };
    case '<':
    case '<=':
      return { ...ALL_NUMBERS, high: value, isOpenHigh: operator === '<' };
    default:
      return undefined;
  }
}

/** The numbers that are in both. */
export function commonBounds(a: Bounds, b: Bounds): Bounds {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  const isOpen = (bounds: Bounds): [boolean, boolean] => [
    bounds.isOpenLow && bounds.low === low,
    bounds.isOpenHigh && bounds.high === high,
  ];
  const [first, second] = [isOpen(a), isOpen(b)];
  return { low, high, isOpenLow: first[0] || second[0], isOpenHigh: first[1] || second[1] };
}

/** Whether no number is within: between two neighbouring whole numbers there are still fractions. */
export function isNowhere({ low, high, isOpenLow, isOpenHigh }: Bounds): boolean {
  return low > high || (low === high && (isOpenLow || isOpenHigh));
}

/** Whether two ranges without an end, one upwards and one downwards, leave no number out. */
export function areAll(a: Bounds, b: Bounds): boolean {
  const [up, down] = a.high === Infinity ? [a, b] : [b, a];
  if (up.high < Infinity || up.low === -Infinity || down.low > -Infinity || down.high === Infinity)
    return false;
  return !(up.low > down.high || (up.low === down.high && up.isOpenLow && down.isOpenHigh));
}

/** Whether all numbers of the one are in the other. */
export function isWithin(one: Bounds, other: Bounds): boolean {
  const isLow = other.low < one.low || (other.low === one.low && (one.isOpenLow || !other.isOpenLow));
  const isHigh = other.high > one.high || (other.high === one.high && (one.isOpenHigh || !other.isOpenHigh));
  return isLow && isHigh;
}

/** A day or a moment, as T-SQL and ISO 8601 spell them. */
const MOMENT = /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?$/;

/** The number that a literal is, or that its day spells; undefined for anything else, and for what a double cannot hold. */
export function numberIn(node: Expression): number | undefined {
  switch (node.kind) {
    case 'number': {
      const number = Number(node.text);
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined;
    }
    case 'negation': {
      const number = numberIn(node.operand);
      return number === undefined ? undefined : -number;
    }
    case 'string': {
      const [, year, , month, day, hour = 0, minute = 0, second = 0, rest = 0] =
        MOMENT.exec(node.value) ?? [];
      if (year === undefined) return undefined;
      const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second) + Number(rest);
      return Number(`${year}${month}${day}`) + seconds / 86_400;
    }
    case 'cast':
      return node.operand.kind === 'string' ? numberIn(node.operand) : undefined;
    default:
      return undefined;
  }
}
