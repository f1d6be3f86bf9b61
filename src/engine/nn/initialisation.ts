import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { sizeOf, type Shape } from '../tensor/shape.js';

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

/** @param normal standard normal numbers, of which one is taken per element */
export function initialValues(
  shape: Shape,
  { std, mean }: Initialisation,
  normal: () => number,
): Float32Array {
  const values = new Float32Array(sizeOf(shape)).fill(mean);
  if (std > 0) values.forEach((_, i) => (values[i] = mean + std * normal()));
  return values;
}

/** Standard normal numbers (Box and Muller 1958), two for each pair of uniform ones. */
export function normalNumbers(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
    const angle = 2 * Math.PI * uniformFloat64(generator);
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
