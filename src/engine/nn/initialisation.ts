import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { fillNormal } from './normal.js';

/** How the first values of a tensor are drawn: from N(mean, std²). With a `std` of 0 they all equal `mean`. */
export interface Initialisation {
  std: number;
  mean: number;
}

/** GPT-2's standard deviation for matrices (Radford et al. 2019). */
export const GPT2_STD = 0.02;

/**
 * The default for a parameter: zeros for a vector, N(0, 1 / columns) for a matrix [out, in], which keeps the variance
 * of what passes through it (LeCun et al. 1998, "Efficient BackProp", section 4.6).
 */
export function defaultInitialisation(shape: Shape): Initialisation {
  return { mean: 0, std: shape.length < 2 ? 0 : 1 / Math.sqrt(shape.at(-1)!) };
}

/** Elements that are drawn and written at a time: few enough to stay in the processor's cache. */
const CHUNK = 1 << 16;

/**
 * Writes a tensor's first values, in chunks.
 *
 * @param first the place of its first element in the seed's sequence of normal numbers
 * @returns the place after its last element; a tensor whose values are all equal takes none
 */
export function writeInitialValues(
  tensor: Tensor,
  { std, mean }: Initialisation,
  seed: number,
  first: number,
): number {
  const { size } = tensor;
  const chunk = new Float32Array(Math.min(CHUNK, size)).fill(mean);
  for (let start = 0; start < size; start += CHUNK) {
    const values = chunk.subarray(0, Math.min(CHUNK, size - start));
    if (std > 0) fillNormal(values, std, seed, first + start);
    if (std > 0 && mean !== 0) values.forEach((value, i) => (values[i] = mean + value));
    tensor.view([values.length], start).write(values);
  }
  tensor.isWritten = true;
  return std > 0 ? first + size : first;
}
