import { BYTES_PER_ELEMENT } from './dtype.js';
import { ALIGNMENT } from './storage.js';
import type { Tensor } from './tensor.js';

/** A range of a tensor's rows. */
export interface RowRange {
  first: number;
  rows: Tensor;
}

/** Ranges begin at multiples of this many elements: where a binding may begin in f32 and in f16. */
const STRIDE = ALIGNMENT / BYTES_PER_ELEMENT.f16;

/**
 * Tensors of one size as flat ranges that this adapter can bind, the same ranges of each, in order; the tensors themselves
 * if they fit. For element-wise kernels.
 */
export function inRanges(...tensors: readonly Tensor[]): Tensor[][] {
  const [{ gpu, size }] = tensors as [Tensor];
  const { maxStorageBufferBindingSize: limit } = gpu.limits;
  if (tensors.every(({ bytes }) => bytes <= limit)) return [[...tensors]];
  const widest = Math.max(...tensors.map(({ dtype }) => BYTES_PER_ELEMENT[dtype]));
  const step = Math.max(1, Math.floor(limit / widest / STRIDE)) * STRIDE;
  const ranges: Tensor[][] = [];
  for (let start = 0; start < size; start += step) {
    ranges.push(tensors.map((tensor) => tensor.view([Math.min(step, size - start)], start)));
  }
  return ranges;
}

interface RowOptions {
  /** All ranges but the last have a multiple of this many rows (default 1). */
  multiple?: number | undefined;
  /** The most rows of a range, unless a binding cannot begin after so few. */
  most?: number | undefined;
  /** Bytes per row of another tensor that is bound in the same ranges, if its rows are larger. */
  bytesPerRow?: number | undefined;
}

/**
 * The rows of a tensor [..., columns] in ranges that this adapter can bind, in order. The tensor itself if it fits, or if
 * even the smallest range would not (the dispatch then says so).
 */
export function inRows(tensor: Tensor, options: RowOptions = {}): RowRange[] {
  const { rows, columns } = tensor;
  const { multiple = 1, most = rows, bytesPerRow = 0 } = options;
  const size = BYTES_PER_ELEMENT[tensor.dtype];
  const fitting = tensor.gpu.limits.maxStorageBufferBindingSize / Math.max(bytesPerRow, size * columns);
  if (rows <= Math.min(fitting, most)) return [{ first: 0, rows: tensor }];
  let fewest = multiple;
  while ((fewest * columns * size) % ALIGNMENT !== 0) fewest += multiple;
  if (fewest > fitting) return [{ first: 0, rows: tensor }];
  const step = Math.max(1, Math.floor(Math.min(fitting, most) / fewest)) * fewest;
  const ranges: RowRange[] = [];
  for (let first = 0; first < rows; first += step) {
    ranges.push({ first, rows: tensor.view([Math.min(step, rows - first), columns], first * columns) });
  }
  return ranges;
}
