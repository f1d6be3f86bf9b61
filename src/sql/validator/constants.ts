import type { Arithmetic, Cast, Expression, Negation } from '../../tsql/ast.js';
import { isInRange, MAX_DIGITS, rangeOf } from '../../tsql/types.js';
import type { Problems } from './problems.js';
import { isWholeNumber, UNKNOWN, type ValueType } from '../../tsql/value-type.js';

/**
 * Whole numbers that a statement computes from literals alone, `2147483647 + 1`. A number out of its type's range would
 * fail in every row. Each is computed once, from its operands, and stays within its type, so the length of the
 * statement bounds the work.
 */
export class Constants {
  readonly #computed = new Map<Expression, bigint>();

  constructor(readonly problems: Problems) {}

  /** The value of a typed expression; undefined if it is not constant or not whole. */
  of(node: Expression): bigint | undefined {
    if (node.kind === 'number') return /^\d{1,38}$/.test(node.text) ? BigInt(node.text) : undefined;
    return this.#computed.get(node);
  }

  /** The value of a number that is written out or computed from such numbers, as a float; undefined if it is neither. */
  #float(node: Expression): number | undefined {
    switch (node.kind) {
      case 'number':
        return Number(node.text);
      case 'negation': {
        const value = this.#float(node.operand);
        return value === undefined ? undefined : -value;
      }
      case 'arithmetic': {
        const [left, right] = [this.#float(node.left), this.#float(node.right)];
        if (left === undefined || right === undefined || node.operator === '%') return undefined;
        switch (node.operator) {
          case '+':
            return left + right;
          case '-':
            return left - right;
          case '*':
            return left * right;
          case '/':
            return right === 0 ? undefined : left / right;
        }
      }
      default:
        return undefined;
    }
  }

  /** Reports a fraction or a float that its type cannot hold: `CAST(12345.678 AS decimal(4,2))`, `1e308 * 10`. */
  #checkFloat(node: Arithmetic | Negation | Cast, type: ValueType): boolean {
    const value = this.#float(node.kind === 'cast' ? node.operand : node);
    if (value === undefined || fits(value, type)) return true;
    this.problems.add('arithmetic-overflow', node, `this is out of the range of ${type.base}`);
    return false;
  }

  /** Whether the expression is 0 in every row; unlike `of`, this knows `0.0`. */
  isZero(node: Expression): boolean {
    if (node.kind === 'number') return Number(node.text) === 0;
    if (node.kind === 'negation' || node.kind === 'cast')
      return this.of(node) === 0n || this.isZero(node.operand);
    return this.of(node) === 0n;
  }

  /** Computes a typed expression. @returns the type, or UNKNOWN after reporting a value out of its range */
  fold(node: Arithmetic | Negation | Cast, type: ValueType): ValueType {
    const value = this.#compute(node, type);
    if (value === undefined) return this.#checkFloat(node, type) ? type : UNKNOWN;
    if (isHeld(value, type)) {
      this.#computed.set(node, value);
      return type;
    }
    const isSmall = type.base === 'tinyint' || type.base === 'smallint';
    const code =
      node.kind === 'cast' && isSmall && isInRange(String(value), 'int')
        ? 'small-overflow'
        : 'arithmetic-overflow';
    this.problems.add(code, node, `this is ${value}, which is out of the range of ${type.base}`);
    return UNKNOWN;
  }

  #compute(node: Arithmetic | Negation | Cast, type: ValueType): bigint | undefined {
    if (!isWholeNumber(type) && !isDecimal(type)) return undefined;
    if (node.kind === 'cast') return this.of(node.operand);
    if (node.kind === 'negation') {
      const value = this.of(node.operand);
      return value === undefined ? undefined : -value;
    }
    const [left, right] = [this.of(node.left), this.of(node.right)];
    if (left === undefined || right === undefined) return undefined;
    switch (node.operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
        // A quotient of decimals has digits after the point.
        return right === 0n || isDecimal(type) ? undefined : left / right;
      case '%':
        return right === 0n ? undefined : left % right;
    }
  }
}

/** The numbers of days that a datetime may be made of: from 1753 to 9999, counted from 1900. */
const DAYS_OF_DATETIME = [-53_690, 2_958_463] as const;

function fits(value: number, type: ValueType): boolean {
  if (!Number.isFinite(value)) return false;
  if (isDecimal(type)) {
    if (type.precision === undefined) return true;
    return Math.round(Math.abs(value) * 10 ** (type.scale ?? 0)) < 10 ** type.precision;
  }
  const range = rangeOf(type.base);
  if (range !== undefined && type.base !== 'bit')
    return value < Number(range[1]) + 1 && value > Number(range[0]) - 1;
  if (type.base === 'datetime') return value >= DAYS_OF_DATETIME[0] && value <= DAYS_OF_DATETIME[1];
  return true;
}

function isDecimal(type: ValueType): boolean {
  return type.base === 'decimal' || type.base === 'numeric';
}

function isHeld(value: bigint, type: ValueType): boolean {
  if (!isDecimal(type)) return isInRange(String(value), type.base);
  const digits = (type.precision ?? MAX_DIGITS) - (type.scale ?? 0);
  return value < 10n ** BigInt(digits) && -value < 10n ** BigInt(digits);
}
