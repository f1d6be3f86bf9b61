import { Random } from '../../base/random.js';
import { ShapeError } from '../errors.js';
import type { CountedBatch } from './batch.js';

export interface WindowOptions {
  /** Rows and tokens per row. */
  batch: readonly [B: number, T: number];
  /** How many batches to draw. */
  steps: number;
  /** The same seed draws the same windows (default 1). */
  seed?: number | undefined;
}

/**
 * Batches of windows at random places of one long text, with each window's next tokens as its targets.
 *
 * @param ids the text's tokens, more than T of them
 * @throws ShapeError for a text that is too short, or extents that are not positive integers
 */
export function* windows(
  ids: ArrayLike<number>,
  options: WindowOptions,
): Generator<CountedBatch, void, undefined> {
  const { steps, seed = 1 } = options;
  const [B, T] = options.batch;
  if (![B, T].every((extent) => Number.isInteger(extent) && extent >= 1)) {
    throw new ShapeError('windows', `batch is [B,T] = [${B},${T}]: both must be positive integers`);
  }
  if (ids.length <= T) {
    throw new ShapeError('windows', `the text has ${ids.length} tokens: a window of ${T} needs ${T + 1}`);
  }
  const text = Uint32Array.from(ids);
  const random = new Random(seed, 0);
  for (let step = 0; step < steps; step++) {
    const inputs = new Uint32Array(B * T);
    const targets = new Uint32Array(B * T);
    for (let row = 0; row < B; row++) {
      const start = random.int(text.length - T);
      inputs.set(text.subarray(start, start + T), row * T);
      targets.set(text.subarray(start + 1, start + T + 1), row * T);
    }
    yield { inputs, targets, tokens: B * T, lossTokens: B * T };
  }
}
