import { formatBytes } from '../../base/format-bytes.js';
import { DeviceError } from '../errors.js';
import { RECOMPUTE, type Recompute } from '../nn/block.js';

/** How the rows of a step are split so that the step fits into memory. */
export interface MemoryFit {
  /** Rows per micro-batch, and micro-batches per step. */
  batchSize: number;
  microBatches: number;
  recompute: Recompute;
  /** Bytes that the step needs, by the plan. */
  bytes: number;
}

/**
 * Splits the rows of a step into the fewest micro-batches that fit, with as little recomputation as possible: nothing is
 * recomputed if one row fits without it.
 *
 * @param bytes the memory that the step may take
 * @param needed the bytes of a step, or Infinity
 * @param allowed what may be recomputed (default: all of `RECOMPUTE`)
 * @throws DeviceError `too-little-memory` when a single row needs more
 */
export function fitMemory(
  rows: number,
  bytes: number,
  needed: (split: Omit<MemoryFit, 'bytes'>) => number,
  allowed: readonly Recompute[] = RECOMPUTE,
): MemoryFit {
  const splits = divisorsOf(rows);
  let least = Infinity;
  for (const recompute of allowed) {
    const plan = (batchSize: number): number => {
      try {
        return needed({ batchSize, microBatches: rows / batchSize, recompute });
      } catch (error) {
        if (error instanceof DeviceError && error.code === 'tensor-too-large') return Infinity;
        throw error;
      }
    };
    const one = plan(1);
    least = Math.min(least, one);
    if (one > bytes) continue;
    // Memory grows with the micro-batch, so the largest that fits is found by halving the list.
    let [fits, over] = [0, splits.length];
    while (over - fits > 1) {
      const middle = (fits + over) >> 1;
      if (plan(splits[middle]!) <= bytes) fits = middle;
      else over = middle;
    }
    const batchSize = splits[fits]!;
    return { batchSize, microBatches: rows / batchSize, recompute, bytes: plan(batchSize) };
  }
  throw new DeviceError(
    'too-little-memory',
    `one row needs ${formatBytes(least)}, more than ${formatBytes(bytes)}: shorten --context or take a smaller model`,
  );
}

function divisorsOf(rows: number): number[] {
  return Array.from({ length: rows }, (_, i) => i + 1).filter((divisor) => rows % divisor === 0);
}
