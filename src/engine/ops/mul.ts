import { track } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType, checkSame } from './check.js';

/**
 * x · y, element by element.
 *
 * @param x any shape, f32 or f16
 * @param y of x's shape and dtype
 * @returns a tensor of their shape and dtype
 * @throws ShapeError when shapes or dtypes differ
 */
export function mul(x: Tensor, y: Tensor): Tensor {
  checkDType('mul', 'x', x);
  checkSame('mul', x, y);
  const output = recorder().tensor(x.shape, 'mul', x.dtype);
  product(x, y, output, false);
  return track({
    op: 'mul',
    inputs: [x, y],
    output,
    backward(dZ, grads) {
      for (const [input, other] of [
        [x, y],
        [y, x],
      ] as const) {
        const target = grads.target(input);
        if (target) product(dZ, other, target.tensor, target.accumulate);
      }
    },
  });
}

function product(X: Tensor, Y: Tensor, Z: Tensor, ACCUMULATE: boolean): void {
  const kernel = X.gpu.kernels.get('mul', { flags: { F16: X.dtype === 'f16', ACCUMULATE } });
  const N = X.bytes / 4;
  recorder().dispatch(kernel, { X, Y, Z }, { N }, gridFor(kernel, N), { flops: X.size, bytes: 3 * X.bytes });
}

export function mulReference(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value, i) => value * y[i]!);
}
