import { track } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';

/**
 * Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016, arXiv:1606.08415), the one of GPT-2.
 *
 * @param x any shape, f32 or f16
 * @returns a tensor of x's shape and dtype
 * @throws ShapeError when x holds integers
 */
export function gelu(x: Tensor): Tensor {
  checkDType('gelu', 'x', x);
  const output = recorder().tensor(x.shape, 'gelu', x.dtype);
  const F16 = x.dtype === 'f16';
  const N = x.bytes / 4; // items: elements in f32, pairs in f16
  const forward = x.gpu.kernels.get('gelu', { flags: { F16, BACKWARD: false, ACCUMULATE: false } });
  const work = { flops: 12 * x.size, bytes: 2 * x.bytes };
  recorder().dispatch(forward, { X: x, Y: output }, { N }, gridFor(forward, N), work);
  return track({
    op: 'gelu',
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (!dX) return;
      const flags = { F16, BACKWARD: true, ACCUMULATE: dX.accumulate };
      const kernel = x.gpu.kernels.get('gelu', { flags });
      const work = { flops: 20 * x.size, bytes: 3 * x.bytes };
      recorder().dispatch(kernel, { X: x, dY, Y: dX.tensor }, { N }, gridFor(kernel, N), work);
    },
  });
}

export function geluReference(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => {
    const u = Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3);
    return (value / 2) * (1 + Math.tanh(u));
  });
}
