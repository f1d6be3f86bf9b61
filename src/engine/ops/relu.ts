import { track } from '../tensor/autograd.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';
import { gate } from './gate.js';

/**
 * max(x, 0). The gradient at 0 is 0.
 *
 * @param x any shape, f32 or f16
 * @returns a tensor of x's shape and dtype
 * @throws ShapeError when x holds integers
 */
export function relu(x: Tensor): Tensor {
  checkDType('relu', 'x', x);
  const output = recorder().tensor(x.shape, 'relu', x.dtype);
  gate(x, { factor: 1, by: x }, output);
  return track({
    op: 'relu',
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (dX) gate(dY, { factor: 1, by: x }, dX.tensor, dX.accumulate);
    },
  });
}

export function reluReference(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => Math.max(value, 0));
}
