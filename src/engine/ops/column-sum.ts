import type { GradientTarget } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';

/** Column sums: Y[c] = Σ_n X[n,c], of X [..., C] in f32 or f16, are written to `target` [C] f32. The order of summation is fixed. */
export function columnSum(X: Tensor, target: GradientTarget): void {
  const [N, C] = [X.rows, X.columns];
  // With many rows, one invocation per column is too few. Treat k rows as one row of kC columns and sum those first.
  const k = divisorNear(N, Math.sqrt(N));
  if (k === 1 || N / k === 1) {
    sumOf(X, N, C, target);
    return;
  }
  const partials = recorder().tensor([k, C], 'column sums');
  sumOf(X, N / k, k * C, { tensor: partials, accumulate: false });
  sumOf(partials, k, C, target);
}

/** The same in one pass, for few rows: each invocation sums a column, from the first row to the last. */
export function sumOfRows(X: Tensor, target: GradientTarget): void {
  sumOf(X, X.rows, X.columns, target);
}

function sumOf(X: Tensor, K: number, C: number, { tensor: Y, accumulate }: GradientTarget): void {
  const flags = { ACCUMULATE: accumulate, F16: X.dtype === 'f16' };
  const kernel = X.gpu.kernels.get('column_sum', { flags });
  const params = { K, S: C, C, offset: 0, scale: 1 };
  recorder().dispatch(kernel, { X, Y }, params, gridFor(kernel, C), { flops: K * C, bytes: X.bytes });
}

/** The largest divisor of N up to a bound. */
function divisorNear(N: number, bound: number): number {
  let k = Math.floor(bound);
  while (N % k !== 0) k--;
  return k;
}
