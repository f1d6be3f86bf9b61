import { track } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType, checkSame } from './check.js';

/**
 * x + y, element by element: the residual connection.
 *
 * @param x any shape, f32 or f16
 * @param y of x's shape and dtype
 * @returns a tensor of their shape and dtype
 * @throws ShapeError when shapes or dtypes differ
 */
export function add(x: Tensor, y: Tensor): Tensor {
  checkDType('add', 'x', x);
  checkSame('add', x, y);
  const output = recorder().tensor(x.shape, 'add', x.dtype);
  const kernel = x.gpu.kernels.get('add', { flags: { F16: x.dtype === 'f16' } });
  const N = x.bytes / 4;
  const work = { flops: x.size, bytes: 3 * x.bytes };
  recorder().dispatch(kernel, { X: x, Y: y, Z: output }, { N }, gridFor(kernel, N), work);
  return track({
    op: 'add',
    inputs: [x, y],
    output,
    backward(dZ, grads) {
      grads.pass(x, dZ);
      grads.pass(y, dZ);
    },
  });
}

export function addReference(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value, i) => value + y[i]!);
}
