import { track } from '../tensor/autograd.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';
import { gate } from './gate.js';

/**
 * factor · x, where the factor is a constant recorded with the program.
 *
 * @param x any shape, f32 or f16
 * @returns a tensor of x's shape and dtype
 * @throws ShapeError when x holds integers
 */
export function scale(x: Tensor, factor: number): Tensor {
  checkDType('scale', 'x', x);
  const output = recorder().tensor(x.shape, 'scale', x.dtype);
  gate(x, { factor }, output);
  return track({
    op: 'scale',
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (dX) gate(dY, { factor }, dX.tensor, dX.accumulate);
    },
  });
}

export function scaleReference(x: ArrayLike<number>, factor: number): Float64Array {
  return Float64Array.from(x, (value) => factor * value);
}
