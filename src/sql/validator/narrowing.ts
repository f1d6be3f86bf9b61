import type { Expression } from '../../tsql/ast.js';
import { rangeOf } from '../../tsql/types.js';
import { isWholeNumber, type ValueType } from '../../tsql/value-type.js';

/** Aggregates that return a value of their column. */
const RETURNING: ReadonlySet<string> = new Set(['MIN', 'MAX', 'SUM']);
/** Decimals with this many digits before the point hold what people count; who rounds with them means no limit. */
const WIDE = 5;

/**
 * Whether a CAST names a type that cannot hold all values of its column: an int of a bigint column, `decimal(4,2)` of a
 * `decimal(12,2)` column.
 */
export function isNarrowing(node: Expression, from: ValueType, to: ValueType): boolean {
  if (node.kind === 'call' && RETURNING.has(node.name) && node.args.length === 1) {
    if (node.args[0]!.kind !== 'column') return false;
  } else if (node.kind !== 'column') return false;
  const needed = from.base === 'float' || from.base === 'real' ? WIDE : wholeDigits(from);
  if (needed === undefined) return false;
  if (isWholeNumber(to)) {
    if (!isWholeNumber(from)) return needed > 19;
    return rangeOf(from.base)![1] > rangeOf(to.base)![1];
  }
  const held = wholeDigits(to);
  return held !== undefined && held < WIDE && held < needed;
}

/** Digits before the point; undefined for floats, and for types outside the numbers. */
function wholeDigits(type: ValueType): number | undefined {
  if (isWholeNumber(type)) return String(rangeOf(type.base)![1]).length;
  if (type.base !== 'decimal' && type.base !== 'numeric') return undefined;
  return (type.precision ?? 18) - (type.scale ?? 0);
}
