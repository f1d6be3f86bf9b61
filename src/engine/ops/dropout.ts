import { ShapeError } from '../errors.js';
import { track } from '../tensor/autograd.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';
import { gate } from './gate.js';

export interface DropoutOptions {
  /** [1] u32: chooses the mask. Write another number before each run, or every run drops the same elements. */
  step: Tensor;
  /** Separates this mask from others of the same step; by default the number of the dropout within its recording. */
  seed?: number | undefined;
}

/**
 * Sets each element to 0 with probability `rate` and divides the others by 1 - rate (Srivastava et al. 2014, "Dropout",
 * JMLR 15). The mask is a function of the element's index, the seed and the step, so the backward pass recomputes it.
 *
 * @param x any shape, f32 or f16
 * @param rate from 0, which returns x itself, to below 1
 * @returns a tensor of x's shape and dtype
 * @throws ShapeError when the rate is outside [0, 1), x holds integers, or step is not [1] in u32
 */
export function dropout(x: Tensor, rate: number, { step, seed }: DropoutOptions): Tensor {
  checkDType('dropout', 'x', x);
  checkDType('dropout', 'step', step, ['u32']);
  if (step.size !== 1) throw new ShapeError('dropout', `step holds ${step.size} numbers: it must be [1]`);
  if (!(rate >= 0 && rate < 1)) throw new ShapeError('dropout', `rate is ${rate}: it must be in [0, 1)`);
  if (rate === 0) return x;
  const number = recorder().nextNumber();
  const output = recorder().tensor(x.shape, 'dropout', x.dtype);
  const mask = { seed: seed ?? number, step, threshold: thresholdOf(rate) };
  const factor = 1 / (1 - rate);
  gate(x, { factor, dropout: mask }, output);
  return track({
    op: 'dropout',
    inputs: [x],
    output,
    backward(dY, grads) {
      const dX = grads.target(x);
      if (dX) gate(dY, { factor, dropout: mask }, dX.tensor, dX.accumulate);
    },
  });
}

/** Hashes below this drop their element. */
const thresholdOf = (rate: number): number => Math.floor(rate * 2 ** 32);

export function dropoutReference(
  x: ArrayLike<number>,
  rate: number,
  { step, seed }: { step: number; seed: number },
): Float64Array {
  return Float64Array.from(x, (value, i) =>
    pcg3d(i, seed, step) < thresholdOf(rate) ? 0 : value / (1 - rate),
  );
}

/** The first of the three numbers of PCG3D (Jarzynski and Olano 2020, JCGT 9(3)), a hash of three u32. */
function pcg3d(...input: [number, number, number]): number {
  let [x, y, z] = input.map((value) => Math.imul(value, 1664525) + 1013904223) as [number, number, number];
  for (let round = 0; round < 2; round++) {
    x = (x + Math.imul(y, z)) >>> 0;
    y = (y + Math.imul(z, x)) >>> 0;
    z = (z + Math.imul(x, y)) >>> 0;
    if (round === 0) [x, y, z] = [x ^ (x >>> 16), y ^ (y >>> 16), z ^ (z >>> 16)];
  }
  return x;
}
