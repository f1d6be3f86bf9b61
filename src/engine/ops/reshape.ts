import { ShapeError } from '../errors.js';
import { track } from '../tensor/autograd.js';
import { formatShape, sizeOf, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * The elements of x under another shape, without a copy: both tensors are the same memory. Unlike `Tensor.view`, it is an
 * op, so gradients flow through it.
 *
 * @param x any shape and dtype
 * @returns a tensor of `shape` and of x's dtype
 * @throws ShapeError when `shape` has another number of elements
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== x.size) {
    throw new ShapeError(
      'reshape',
      `x is ${formatShape(x.shape)}, which has ${x.size} elements, and ${formatShape(shape)} has ${sizeOf(shape)}`,
    );
  }
  const output = x.view(shape, 0, 'reshape');
  return track({
    op: 'reshape',
    inputs: [x],
    output,
    backward: (dY, grads) => grads.pass(x, dY.view(x.shape)),
  });
}

export function reshapeReference(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x);
}
