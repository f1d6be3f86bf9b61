import { ShapeError } from '../errors.js';
import { track } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkVector } from './check.js';
import { columnSum } from './column-sum.js';
import { matmul } from './matmul/matmul.js';

/**
 * A fully connected layer: x · weightᵀ (+ bias) (+ residual).
 *
 * @param x [..., K] f32 or f16
 * @param weight [N, K] f32: one row per output, as PyTorch's `nn.Linear` stores it
 * @param bias [N] f32
 * @param residual [..., N] f32: added in the same pass as the product; the result is f32 then
 * @returns [..., N] in x's dtype, in f32 with a residual
 * @throws ShapeError when columns differ, or as `matmul` does
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, residual?: Tensor): Tensor {
  if (weight.shape.length !== 2 || weight.columns !== x.columns) {
    throw new ShapeError(
      'linear',
      `x is ${formatShape(x.shape)} and weight is ${formatShape(weight.shape)}: weight must be [outputs,${x.columns}]`,
    );
  }
  if (bias) checkVector('linear', 'bias', bias, weight.rows, `weight is ${formatShape(weight.shape)}`);
  const product = matmul(x, weight, { transposeB: true, residual });
  return bias ? addBias(product, bias) : product;
}

/** Adds `bias` to every row of `x` in place: only this op may read `x` afterwards. */
function addBias(x: Tensor, bias: Tensor): Tensor {
  const [N, C] = [x.rows, x.columns];
  const output = x.view(x.shape, 0, 'linear');
  const F16 = x.dtype === 'f16';
  const kernel = x.gpu.kernels.get('add_bias', { flags: { F16 } });
  const work = { flops: x.size, bytes: 2 * x.bytes };
  recorder().dispatch(kernel, { bias, Y: output }, { N, C }, gridFor(kernel, x.bytes / 4), work);
  return track({
    op: 'linear',
    inputs: [x, bias],
    output,
    backward(dY, grads) {
      const dBias = grads.target(bias);
      if (dBias) columnSum(dY, dBias);
      grads.pass(x, dY);
    },
  });
}

export function linearReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  K: number,
  bias?: ArrayLike<number>,
  residual?: ArrayLike<number>,
): Float64Array {
  const [M, N] = [x.length / K, weight.length / K];
  const y = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = (bias?.[n] ?? 0) + (residual?.[m * N + n] ?? 0);
      for (let k = 0; k < K; k++) sum += x[m * K + k]! * weight[n * K + k]!;
      y[m * N + n] = sum;
    }
  }
  return y;
}
