import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';

/**
 * x + y, element by element: the residual connection. Both [..., C], f32, of the same shape.
 *
 * @throws ShapeError when the shapes differ
 */
export function add(x: Tensor, y: Tensor): Tensor {
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(
      'add',
      `x is ${formatShape(x.shape)} and y is ${formatShape(y.shape)}: they must be equal`,
    );
  }
  const output = recorder().tensor(x.shape, 'add');
  const kernel = x.gpu.kernels.get('add');
  const work = { flops: x.size, bytes: 3 * x.bytes };
  recorder().dispatch(kernel, { X: x, Y: y, Z: output }, { N: x.size }, gridFor(kernel, x.size), work);
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
