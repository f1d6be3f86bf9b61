import type { Arithmetic, Cast, Expression, Negation } from '../../tsql/ast.js';
import { isInRange, MAX_DIGITS } from '../../tsql/types.js';
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
    if (value === undefined) return type;
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

function isDecimal(type: ValueType): boolean {
  return type.base === 'decimal' || type.base === 'numeric';
}

function isHeld(value: bigint, type: ValueType): boolean {
  if (!isDecimal(type)) return isInRange(String(value), type.base);
  const digits = (type.precision ?? MAX_DIGITS) - (type.scale ?? 0);
  return value < 10n ** BigInt(digits) && -value < 10n ** BigInt(digits);
}
