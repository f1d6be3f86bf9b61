import { track } from '../tensor/autograd.js';
import { gridFor, gridForRows } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType, checkVector } from './check.js';
import { inFewRows, sumOfColumns } from './column-sum.js';

/** Rows that one invocation sums on the way to dgamma and dbeta. */
const ROWS_PER_CHUNK = 64;

/**
 * Layer normalisation over the last axis (Ba et al. 2016, arXiv:1607.06450), statistics in f32.
 *
 * @param x [..., C] f32
 * @param gamma [C] scale
 * @param beta [C] shift
 * @param dtype of the result and of its gradient; f16 needs C to be a multiple of 8
 * @returns [..., C]
 * @throws ShapeError when gamma or beta is not [C]
 */
export function layernorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  eps = 1e-5,
  dtype: 'f32' | 'f16' = 'f32',
): Tensor {
  return normalise('layernorm', x, { gamma, beta }, eps, dtype);
}

/**
 * Root mean square normalisation over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467):
 * x / √(mean(x²) + eps) · gamma. Statistics are in f32.
 *
 * @param x [..., C] f32
 * @param gamma [C] scale
 * @param dtype of the result and of its gradient; f16 needs C to be a multiple of 8
 * @returns [..., C]
 * @throws ShapeError when gamma is not [C]
 */
export function rmsNorm(x: Tensor, gamma: Tensor, eps = 1e-5, dtype: 'f32' | 'f16' = 'f32'): Tensor {
  return normalise('rmsNorm', x, { gamma }, eps, dtype);
}

function normalise(
  op: 'layernorm' | 'rmsNorm',
  x: Tensor,
  { gamma, beta }: { gamma: Tensor; beta?: Tensor },
  eps: number,
  dtype: 'f32' | 'f16',
): Tensor {
  const [N, C] = [x.rows, x.columns];
  checkDType(op, 'x', x, ['f32']);
  checkVector(op, 'gamma', gamma, C, `x is ${formatShape(x.shape)}`);
  if (beta) checkVector(op, 'beta', beta, C, `x is ${formatShape(x.shape)}`);
  const recording = recorder();
  const { kernels } = x.gpu;
  const output = recording.tensor(x.shape, op, dtype);
  const stats = recording.tensor([N, 2], `${op} stats`);
  const RMS = beta === undefined;
  const ALIGNED = C % 4 === 0;
  const f16 = dtype === 'f16';
  const forward = kernels.get('layernorm_forward', { flags: { ALIGNED, RMS, Y_F16: f16 } });
  const tensors = { X: x, gamma, Y: output, stats, ...(beta && { beta }) };
  const work = { flops: 8 * N * C, bytes: x.bytes + output.bytes };
  recording.dispatch(forward, tensors, { N, C, eps }, gridForRows(forward, N), work);

  return track({
    op,
    inputs: beta ? [x, gamma, beta] : [x, gamma],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (dX) {
        const flags = { ACCUMULATE: dX.accumulate, ALIGNED, RMS, DY_F16: f16 };
        const kernel = kernels.get('layernorm_backward', { flags });
        const work = { flops: 14 * N * C, bytes: 2 * x.bytes + dY.bytes };
        const grid = gridForRows(kernel, N);
        recorder().dispatch(kernel, { X: x, gamma, stats, dY, dX: dX.tensor }, { N, C }, grid, work);
      }
      if (!gamma.requiresGrad && !beta?.requiresGrad) return;
      const K = Math.ceil(N / ROWS_PER_CHUNK);
      const partials = recorder().tensor([K, 2 * C], `${op} partials`);
      const partial = kernels.get('layernorm_backward_parameters', { flags: { ALIGNED, DY_F16: f16 } });
      recorder().dispatch(
        partial,
        { X: x, stats, dY, partials },
        { N, C, rows: ROWS_PER_CHUNK },
        gridFor(partial, (K * C) / (ALIGNED ? 4 : 1)),
        { flops: 4 * N * C, bytes: x.bytes + dY.bytes },
      );
      const sums = inFewRows(partials);
      for (const [offset, parameter] of [
        [0, gamma],
        [C, beta],
      ] as const) {
        const target = parameter && grads.target(parameter);
        if (target) sumOfColumns(sums, offset, target);
      }
    },
  });
}

export function layernormReference(
  x: ArrayLike<number>,
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  N: number,
  C: number,
  eps = 1e-5,
): Float64Array {
  const y = new Float64Array(N * C);
  for (let n = 0; n < N; n++) {
    let mean = 0;
    for (let c = 0; c < C; c++) mean += x[n * C + c]! / C;
    let variance = 0;
    for (let c = 0; c < C; c++) variance += (x[n * C + c]! - mean) ** 2 / C;
    for (let c = 0; c < C; c++) {
      y[n * C + c] = ((x[n * C + c]! - mean) / Math.sqrt(variance + eps)) * gamma[c]! + beta[c]!;
    }
  }
  return y;
}

export function rmsNormReference(x: ArrayLike<number>, gamma: ArrayLike<number>, eps = 1e-5): Float64Array {
  const C = gamma.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += C) {
    let square = 0;
    for (let c = 0; c < C; c++) square += x[start + c]! ** 2 / C;
    for (let c = 0; c < C; c++) y[start + c] = (x[start + c]! / Math.sqrt(square + eps)) * gamma[c]!;
  }
  return y;
}
