import type { GradientTarget } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';

/** Rows up to which one invocation per column is enough. */
const FEW_ROWS = 32;

/** Column sums: Y[c] = Σ_n X[n,c], of X [..., C] in f32 or f16, are written to `target` [C] f32. The order of summation is fixed. */
export function columnSum(X: Tensor, target: GradientTarget): void {
  sumOfRows(inFewRows(X), target);
}

/** The same in one pass, for few rows: each invocation sums a column, from the first row to the last. */
export function sumOfRows(X: Tensor, target: GradientTarget): void {
  sumOfColumns(X, 0, target);
}

/** As `sumOfRows`, of the columns from `offset` onwards, as many as `target` has. */
export function sumOfColumns(X: Tensor, offset: number, target: GradientTarget): void {
  sumOf(X, { K: X.rows, S: X.columns, offset }, target);
}

/**
 * Sums of groups of rows, [k, C] f32, whose column sums are those of X [..., C]; X itself where it has few rows, or none of
 * its divisors makes groups.
 */
export function inFewRows(X: Tensor): Tensor {
  const [N, C] = [X.rows, X.columns];
  const k = divisorNear(N, Math.sqrt(N));
  if (N <= FEW_ROWS || k === 1) return X;
  // With many rows, one invocation per column is too few. Treat k rows as one row of kC columns and sum those first.
  const sums = recorder().tensor([k, C], 'column sums');
  sumOf(X, { K: N / k, S: k * C, offset: 0 }, { tensor: sums, accumulate: false });
  return sums;
}

function sumOf(
  X: Tensor,
  { K, S, offset }: { K: number; S: number; offset: number },
  { tensor: Y, accumulate }: GradientTarget,
): void {
  const flags = { ACCUMULATE: accumulate, F16: X.dtype === 'f16' };
  const kernel = X.gpu.kernels.get('column_sum', { flags });
  const C = Math.min(Y.size, S);
  const work = { flops: K * C, bytes: (X.bytes / S) * C };
  recorder().dispatch(kernel, { X, Y }, { K, S, C, offset, scale: 1 }, gridFor(kernel, C), work);
}

/** The largest divisor of N up to a bound. */
function divisorNear(N: number, bound: number): number {
  let k = Math.floor(bound);
  while (N % k !== 0) k--;
  return k;
}
