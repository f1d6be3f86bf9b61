import { formatBytes } from '../../base/format-bytes.js';
import { DeviceError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import type { Recompute } from '../nn/block.js';
import type { DecoderConfig } from '../nn/config.js';
import { planStep, type StepShape } from './decoder-step.js';

/**
 * The most rows per micro-batch with which a training step needs at most `bytes` of memory, by the plan.
 *
 * @param planner a fresh `Gpu.planning`, whose limits hold too
 * @throws DeviceError `too-little-memory` when a single row needs more
 */
export function largestBatch(
  config: DecoderConfig,
  shape: Omit<StepShape, 'batchSize'>,
  bytes: number,
  planner: () => Gpu,
  recompute: Recompute,
): number {
  const needed = (batchSize: number): number => {
    try {
      return planStep(config, { ...shape, batchSize }, planner(), recompute).total;
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'tensor-too-large') return Infinity;
      throw error;
    }
  };
  const one = needed(1);
  if (one > bytes) {
    throw new DeviceError(
      'too-little-memory',
      `one row of ${shape.context} tokens needs ${formatBytes(one)}, more than ${formatBytes(bytes)}`,
    );
  }
  let fits = 1;
  while (needed(2 * fits) <= bytes) fits *= 2;
  let over = 2 * fits;
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (needed(middle) <= bytes) fits = middle;
    else over = middle;
  }
  return fits;
}
