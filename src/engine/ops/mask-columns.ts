import { ShapeError } from '../errors.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Overwrites the columns of logits [..., V] f32 from `end` on with the lowest f32. Softmax gives them a probability
 * and a gradient of 0. Used where a vocabulary is padded; nothing is recorded when no column lies beyond `end`.
 *
 * @throws ShapeError for a dtype other than f32
 */
export function maskColumns(logits: Tensor, end: number): void {
  const { rows: N, columns: V } = logits;
  const first = Math.max(0, end);
  if (first >= V) return;
  if (logits.dtype !== 'f32') {
    throw new ShapeError(
      'maskColumns',
      `logits are ${formatShape(logits.shape)} in ${logits.dtype}: they must be f32`,
    );
  }
  const kernel = logits.gpu.kernels.get('mask_columns');
  const items = N * (V - first);
  recorder().dispatch(kernel, { X: logits }, { N, V, end: first }, gridFor(kernel, items), {
    bytes: 4 * items,
  });
}
