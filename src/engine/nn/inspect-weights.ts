import { ShapeError } from '../errors.js';
import { openWeights } from './open-weights.js';
import type { DecoderConfig } from './config.js';

export interface TensorSummary {
  name: string;
  shape: readonly number[];
  /** How the file holds it. */
  dtype: 'F32' | 'F16';
  elements: number;
  /** The square root of the sum of squares. */
  norm: number;
  mean: number;
  std: number;
  min: number;
  max: number;
  zeros: number;
  /** NaNs and infinities. The figures above are of the other values. */
  notFinite: number;
  /** Values in ranges of equal width from min to max; max is in the last one. */
  histogram: number[];
}

export interface WeightsSummary {
  config: DecoderConfig;
  step: number;
  parameters: number;
  tensors: TensorSummary[];
}

const BINS = 24;

/**
 * Figures of every weight of a model folder, one tensor in memory at a time. Needs no adapter.
 *
 * @param part only tensors whose names contain this
 * @throws CheckpointError as `openWeights`; ShapeError when no tensor has such a name
 */
export async function inspectWeights(folder: string, part = ''): Promise<WeightsSummary> {
  const { config, step, tensors, close } = await openWeights(folder);
  try {
    const found: TensorSummary[] = [];
    let parameters = 0;
    for (const [name, { shape, stored, read }] of tensors) {
      parameters += shape.reduce((product, extent) => product * extent, 1);
      if (name.includes(part)) found.push({ name, shape, dtype: stored, ...figuresOf(await read()) });
    }
    if (found.length === 0) {
      const kinds = new Set([...tensors.keys()].map((name) => name.replace(/\d+/g, 'N')));
      throw new ShapeError('inspect', `no tensor has '${part}' in its name: ${[...kinds].join(', ')}`);
    }
    return { config, step, parameters, tensors: found };
  } finally {
    await close();
  }
}

/** Figures of a list of numbers; all are 0 for a list without finite ones. */
export function figuresOf(values: Float32Array): Omit<TensorSummary, 'name' | 'shape' | 'dtype'> {
  let [count, sum, squares, zeros] = [0, 0, 0, 0];
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const histogram = new Array<number>(BINS).fill(0);
  const notFinite = values.length - count;
  const elements = values.length;
  if (count === 0) {
    return { elements, norm: 0, mean: 0, std: 0, min: 0, max: 0, zeros, notFinite, histogram };
  }
  const mean = sum / count;
  // Of the distances from the mean, since a difference of two large sums would lose every digit of a small one.
  let distances = 0;
  const width = (max - min) / BINS;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    distances += (value - mean) ** 2;
    const bin = width === 0 ? 0 : Math.min(BINS - 1, Math.floor((value - min) / width));
    histogram[bin]!++;
  }
  const std = Math.sqrt(distances / count);
  return { elements, norm: Math.sqrt(squares), mean, std, min, max, zeros, notFinite, histogram };
}
