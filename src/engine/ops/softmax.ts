import { track } from '../tensor/autograd.js';
import { gridForRows } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';

/**
 * exp(x) / Σ exp(x) over the last axis, with each row's maximum subtracted first, so that large numbers do not overflow.
 *
 * @param x [..., C] f32
 * @returns [..., C]
 * @throws ShapeError when x is not f32
 */
export function softmax(x: Tensor): Tensor {
  checkDType('softmax', 'x', x, ['f32']);
  const [N, C] = [x.rows, x.columns];
  const output = recorder().tensor(x.shape, 'softmax');
  const forward = x.gpu.kernels.get('softmax_forward');
  const work = { flops: 5 * x.size, bytes: 4 * x.bytes };
  recorder().dispatch(forward, { X: x, Y: output }, { N, C }, gridForRows(forward, N), work);
  return track({
    op: 'softmax',
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (!dX) return;
      const kernel = x.gpu.kernels.get('softmax_backward', { flags: { ACCUMULATE: dX.accumulate } });
      const tensors = { Y: output, dY, dX: dX.tensor };
      const work = { flops: 4 * x.size, bytes: 5 * x.bytes };
      recorder().dispatch(kernel, tensors, { N, C }, gridForRows(kernel, N), work);
    },
  });
}

export function softmaxReference(x: ArrayLike<number>, C: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += C) {
    const row = Array.from({ length: C }, (_, c) => x[start + c]!);
    const highest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - highest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    for (let c = 0; c < C; c++) y[start + c] = powers[c]! / total;
  }
  return y;
}
