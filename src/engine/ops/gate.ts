import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';

/** Which elements `gate` lets through; all of them by default. */
export interface Gate {
  factor: number;
  /** Closed where this tensor is not positive (ReLU). */
  by?: Tensor | undefined;
  /** Closed where a hash of the element, the seed and the step falls below the threshold (dropout). */
  dropout?: { seed: number; step: Tensor; threshold: number } | undefined;
}

/**
 * Dispatches Y = factor · X where the gate is open and 0 elsewhere. It is linear in X, so the backward pass of `relu`,
 * `dropout` and `scale` is the same gate on the gradient.
 */
export function gate(X: Tensor, { factor, by, dropout }: Gate, Y: Tensor, ACCUMULATE = false): void {
  const flags = {
    F16: X.dtype === 'f16',
    RELU: by !== undefined,
    DROPOUT: dropout !== undefined,
    ACCUMULATE,
  };
  const kernel = X.gpu.kernels.get('gate', { flags });
  const N = X.bytes / 4;
  const tensors = { X, Y, ...(by && { by }), ...(dropout && { step: dropout.step }) };
  const params = { N, factor, ...(dropout && { seed: dropout.seed, threshold: dropout.threshold }) };
  const work = { flops: X.size, bytes: (by ? 3 : 2) * X.bytes };
  recorder().dispatch(kernel, tensors, params, gridFor(kernel, N), work);
}
