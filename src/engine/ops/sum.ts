import { track } from '../tensor/autograd.js';
import { gridFor, gridForRows } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';

export interface SumOptions {
  /** -1: over the last axis only. Over all elements by default. */
  axis?: -1 | undefined;
}

/** Elements that one subgroup adds in the first stage of the sum of all. */
const CHUNK = 1024;

/**
 * The sum of all elements, or with `axis: -1` of each row. The order of summation is fixed.
 *
 * @param x [..., C] f32
 * @returns [1], or with `axis: -1` the leading axes [...] ([1] if there are none)
 * @throws ShapeError when x is not f32
 */
export function sum(x: Tensor, options: SumOptions = {}): Tensor {
  return scaledSum('sum', x, options, 1);
}

/**
 * The mean of all elements, or with `axis: -1` of each row. The order of summation is fixed.
 *
 * @param x [..., C] f32
 * @returns [1], or with `axis: -1` the leading axes [...] ([1] if there are none)
 * @throws ShapeError when x is not f32
 */
export function mean(x: Tensor, options: SumOptions = {}): Tensor {
  return scaledSum('mean', x, options, 1 / (options.axis === -1 ? x.columns : x.size));
}

function scaledSum(op: 'sum' | 'mean', x: Tensor, { axis }: SumOptions, scale: number): Tensor {
  checkDType(op, 'x', x, ['f32']);
  const leading = x.shape.slice(0, -1);
  const output = recorder().tensor(axis === -1 && leading.length > 0 ? leading : [1], op);
  const C = axis === -1 ? x.columns : x.size;
  let partial = x;
  if (axis !== -1) {
    while (partial.size > CHUNK) {
      const chunks = recorder().tensor([Math.ceil(partial.size / CHUNK)], `${op} of chunks`);
      rowSum(partial, CHUNK, 1, chunks);
      partial = chunks;
    }
  }
  rowSum(partial, axis === -1 ? C : partial.size, scale, output);
  return track({
    op,
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (!dX) return;
      const kernel = x.gpu.kernels.get('row_repeat', { flags: { ACCUMULATE: dX.accumulate } });
      const params = { N: x.size, C, scale };
      const work = { flops: x.size, bytes: x.bytes };
      recorder().dispatch(kernel, { X: dY, Y: dX.tensor }, params, gridFor(kernel, x.size), work);
    },
  });
}

function rowSum(X: Tensor, C: number, scale: number, Y: Tensor): void {
  const kernel = X.gpu.kernels.get('row_sum');
  const work = { flops: X.size, bytes: X.bytes };
  recorder().dispatch(kernel, { X, Y }, { N: X.size, C, scale }, gridForRows(kernel, Y.size), work);
}

/** The sum of each row of C elements. */
export function sumReference(x: ArrayLike<number>, C = x.length): Float64Array {
  const y = new Float64Array(x.length / C);
  for (let i = 0; i < x.length; i++) y[Math.floor(i / C)]! += x[i]!;
  return y;
}

/** The mean of each row of C elements. */
export function meanReference(x: ArrayLike<number>, C = x.length): Float64Array {
  return sumReference(x, C).map((value) => value / C);
}
