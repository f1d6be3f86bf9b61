import { ShapeError } from '../errors.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';

/**
 * Rows of x by index. For decoding: no gradient flows through it (`embedding` has one).
 *
 * @param x [..., C] f32
 * @param rows [R] u32
 * @returns [R, C]
 * @throws ShapeError for a dtype other than f32
 */
export function gatherRows(x: Tensor, rows: Tensor): Tensor {
  if (x.dtype !== 'f32') throw new ShapeError('gatherRows', `${x.label} is ${x.dtype}: it must be f32`);
  const R = rows.size;
  const C = x.columns;
  const output = recorder().tensor([R, C], 'gathered rows');
  const kernel = x.gpu.kernels.get('gather_rows');
  const grid = gridFor(kernel, R * C);
  recorder().dispatch(kernel, { X: x, rows, Y: output }, { R, C }, grid, { bytes: 8 * R * C });
  return output;
}
