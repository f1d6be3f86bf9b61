import type { Arithmetic, Cast, Expression, Negation } from '../../tsql/ast.js';
import { isInRange, MAX_DIGITS } from '../../tsql/types.js';
import { isWholeNumber, UNKNOWN, type ValueType } from '../../tsql/value-type.js';
import {
  computed,
  readNumber,
  roundedTo,
  truncated,
  withOtherSign,
  type ExactNumber,
} from './exact-numbers.js';
import type { Problems } from './problems.js';

/**
 * Numbers that a statement computes from literals alone, `2147483647 + 1`. A number out of its type's range would fail in
 * every row. Each is computed once, from its operands, and stays within its type, so the length of the statement bounds
 * the work.
 */
export class Constants {
  readonly #computed = new Map<Expression, ExactNumber>();

  constructor(readonly problems: Problems) {}

  /** The value of a typed expression; undefined if it is not constant or not written as a whole number. */
  of(node: Expression): bigint | undefined {
    const value = this.#valueOf(node);
    return value?.isExact === true && value.scale === 0 ? value.digits : undefined;
  }

  #valueOf(node: Expression): ExactNumber | undefined {
    return node.kind === 'number' ? readNumber(node.text) : this.#computed.get(node);
  }

  /** Whether the expression is 0 in every row; unlike `of`, this knows `0.0`. */
  isZero(node: Expression): boolean {
    const value = this.#valueOf(node);
    if (value?.digits === 0n && (value.isExact || node.kind === 'number')) return true;
    return (node.kind === 'negation' || node.kind === 'cast') && this.isZero(node.operand);
  }

  /** Computes a typed expression. @returns the type, or UNKNOWN after reporting a value out of its range */
  fold(node: Arithmetic | Negation | Cast, type: ValueType): ValueType {
    const value = this.#compute(node, type);
    if (value === undefined) return type;
    const isWhole = value.isExact && value.scale === 0;
    if (fits(value, type)) {
      // A cast to another type may round a fraction.
      if (node.kind !== 'cast' || (isWhole && (isWholeNumber(type) || isDecimal(type))))
        this.#computed.set(node, value);
      return type;
    }
    const isSmall = type.base === 'tinyint' || type.base === 'smallint';
    const code =
      node.kind === 'cast' && isSmall && isWhole && isInRange(String(value.digits), 'int')
        ? 'small-overflow'
        : 'arithmetic-overflow';
    const what = isWhole ? `${value.digits}, which is ` : '';
    this.problems.add(code, node, `this is ${what}out of the range of ${type.base}`);
    return UNKNOWN;
  }

  #compute(node: Arithmetic | Negation | Cast, type: ValueType): ExactNumber | undefined {
    if (node.kind !== 'arithmetic') {
      const value = this.#valueOf(node.operand);
      return value && node.kind === 'negation' ? withOtherSign(value) : value;
    }
    const [left, right] = [this.#valueOf(node.left), this.#valueOf(node.right)];
    return left && right && computed(node.operator, left, right, isWholeNumber(type));
  }
}

/** The numbers of days that a datetime may be made of: from 1753 to 9999, counted from 1900. */
const DAYS_OF_DATETIME = [-53_690n, 2_958_463n] as const;
const LARGEST_FLOAT = BigInt(Number.MAX_VALUE);

function fits(value: ExactNumber, type: ValueType): boolean {
  if (isDecimal(type)) {
    const scale = type.scale ?? 0;
    const limit = 10n ** BigInt(type.precision ?? MAX_DIGITS);
    return isBetween(roundedTo(value, scale), 1n - limit, limit - 1n);
  }
  const whole = truncated(value);
  if (type.base === 'datetime') return isBetween(whole, ...DAYS_OF_DATETIME);
  if (isWholeNumber(type)) return isInRange(String(whole), type.base);
  return isBetween(whole, -LARGEST_FLOAT, LARGEST_FLOAT);
}

function isBetween(value: bigint, low: bigint, high: bigint): boolean {
  return value >= low && value <= high;
}

function isDecimal(type: ValueType): boolean {
  return type.base === 'decimal' || type.base === 'numeric';
}
