import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';

/** A seeded source of numbers for tests. */
export class Random {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** An integer from `low` to `high`, inclusive. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Values in f32, so that GPU and reference start from the same numbers. */
  floats(count: number, scale = 1): Float32Array {
    return Float32Array.from({ length: count }, () => this.uniform(-scale, scale));
  }
}

/** ‖actual - expected‖ / ‖expected‖ (Frobenius); NaN anywhere gives NaN, which no tolerance passes. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values against ${expected.length}`);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference) / (Math.sqrt(norm) + 1e-30);
}

/**
 * Central differences of `reference`, weighted by `seed`: the gradient of Σ seed · reference(inputs) with respect to
 * `inputs[which]`, in float64.
 */
export function finiteDifferences(
  reference: (inputs: readonly Float64Array[]) => Float64Array,
  inputs: readonly Float64Array[],
  which: number,
  seed: ArrayLike<number>,
): Float64Array {
  const step = 1e-5;
  const varied = inputs.map((input) => input.slice());
  const weighted = (): number => reference(varied).reduce((sum, value, i) => sum + value * seed[i]!, 0);
  return inputs[which]!.map((value, i) => {
    varied[which]![i] = value + step;
    const above = weighted();
    varied[which]![i] = value - step;
    const below = weighted();
    varied[which]![i] = value;
    return (above - below) / (2 * step);
  });
}
