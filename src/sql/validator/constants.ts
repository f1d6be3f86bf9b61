import type { Arithmetic, Call, Cast, Expression, Negation } from '../../tsql/ast.js';
import { isInRange, MAX_DIGITS, parseSqlType } from '../../tsql/types.js';
import { DECIMAL, isWholeNumber, UNKNOWN, type ValueType } from '../../tsql/value-type.js';
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
    if (node.kind === 'call' && FIRST_OF.has(node.name))
      return this.isZero(node.args[0]!) && !(node.name === 'NULLIF' && this.isZero(node.args[1]!));
    if (node.kind === 'cast' && node.operand.kind === 'string')
      return /^\s*-?0+(?:\.0+)?\s*$/.test(node.operand.value);
    return (node.kind === 'negation' || node.kind === 'cast') && this.isZero(node.operand);
  }

  /** Computes a typed expression. @returns the type, or UNKNOWN after reporting a value out of its range */
  fold(node: Arithmetic | Negation | Cast, type: ValueType): ValueType {
    const value = this.#compute(node, type);
    if (value === undefined) return type;
    const isWhole = value.isExact && value.scale === 0;
    if (fits(value, type)) {
      // A cast to a whole number drops the fraction; one to another type may round it.
      if (node.kind !== 'cast' || (isWhole && isDecimal(type))) this.#computed.set(node, value);
      else if (value.isExact && isWholeNumber(type))
        this.#computed.set(node, { digits: truncated(value), scale: 0, isExact: true });
      return type;
    }
    const isSmall = type.base === 'tinyint' || type.base === 'smallint';
    const code =
      node.kind === 'cast' && isSmall && isWhole && isInRange(String(value.digits), 'int')
        ? 'small-overflow'
        : 'arithmetic-overflow';
    this.problems.add(code, node, `the value of this is out of the range of ${type.base}`);
    return UNKNOWN;
  }

  /** Computes LEN of a text, and reports a ROUND that needs more digits than its number has: ROUND(99.9, 0) is 100. */
  checkCall(call: Call, type: ValueType): void {
    const [first, places, function_] = call.args;
    if (call.name === 'LEN' && first?.kind === 'string')
      this.#computed.set(call, { digits: BigInt(first.value.trimEnd().length), scale: 0, isExact: true });
    if (call.name !== 'ROUND' || first === undefined || places === undefined) return;
    const [value, kept] = [this.#valueOf(first), this.of(places)];
    if (value?.isExact !== true || kept === undefined || kept > 38n || kept < -38n) return;
    if (function_ !== undefined && this.of(function_) !== 0n) return;
    const scale = Number(kept);
    const rounds = roundedTo(value, scale);
    const result =
      scale < 0
        ? { digits: rounds * 10n ** BigInt(-scale), scale: 0, isExact: true }
        : { digits: rounds, scale, isExact: true };
    const own = digitsOf(first) ?? (isWholeNumber(type) ? type : undefined);
    if (scale >= value.scale || own === undefined || fits(result, own)) return;
    const message =
      'ROUND keeps the digits of its number, and the result needs one more; CAST the number to a wider decimal';
    this.problems.add('arithmetic-overflow', call, message);
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

/** Functions whose value is that of their first argument, if it is a number. */
const FIRST_OF: ReadonlySet<string> = new Set([
  ...['NULLIF', 'ISNULL', 'COALESCE'],
  // Of 0.
  ...['ABS', 'FLOOR', 'CEILING', 'ROUND'],
]);

/** The type that a decimal literal has by its digits; a CAST names its own. */
function digitsOf(node: Expression): ValueType | undefined {
  if (node.kind === 'negation') return digitsOf(node.operand);
  if (node.kind === 'cast') {
    const type = parseSqlType(node.type);
    return type && isDecimal(type) ? { ...type, precision: type.precision ?? 18 } : undefined;
  }
  if (node.kind !== 'number' || /e/i.test(node.text)) return undefined;
  const [whole = '', fraction] = node.text.replace(/^0+/, '').split('.');
  if (fraction === undefined && isInRange(whole === '' ? '0' : whole, 'int')) return undefined;
  return { ...DECIMAL, precision: whole.length + (fraction ?? '').length, scale: (fraction ?? '').length };
}

/** The numbers of days that a datetime may be made of: from 1753 to 9999, counted from 1900. */
const DAYS_OF_DATETIME = [-53_690n, 2_958_463n] as const;
/** The largest values of other types, in ten-thousandths. */
const LIMITS: Readonly<Record<string, bigint>> = {
  money: 2n ** 63n - 1n,
  smallmoney: 2n ** 31n - 1n,
  real: BigInt(3.4028234e38) * 10_000n,
};
const LARGEST_FLOAT = BigInt(Number.MAX_VALUE);

function fits(value: ExactNumber, type: ValueType): boolean {
  if (isDecimal(type)) {
    const scale = type.scale ?? 0;
    const limit = 10n ** BigInt(type.precision ?? MAX_DIGITS);
    return isBetween(roundedTo(value, scale), 1n - limit, limit - 1n);
  }
  const whole = truncated(value);
  const limit = LIMITS[type.base];
  if (limit !== undefined) return isBetween(roundedTo(value, 4), -limit - 1n, limit);
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
