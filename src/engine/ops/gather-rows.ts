import { track } from '../tensor/autograd.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';
import { ShapeError } from '../errors.js';
import { checkDType } from './check.js';
import { IGNORE_INDEX } from './ignore-index.js';

/**
 * Rows of x by index; zeros where the index is `IGNORE_INDEX`.
 *
 * The gradient is a gather too, so it needs no atomics and adds in a fixed order. It takes the inverse of `rows`, hence
 * no row may be taken twice.
 *
 * @param x [..., C], N rows, f32 or f16
 * @param rows [R] u32, each below N or `IGNORE_INDEX`
 * @param places [N] u32: the place of each row of x in `rows`, or `IGNORE_INDEX`. Without it no gradient flows.
 * @returns [R, C] in x's dtype
 * @throws ShapeError for a dtype or extents that do not fit
 */
export function gatherRows(x: Tensor, rows: Tensor, places?: Tensor): Tensor {
  checkDType('gatherRows', 'x', x);
  checkDType('gatherRows', 'rows', rows, ['u32']);
  const [N, C, R] = [x.rows, x.columns, rows.size];
  const output = recorder().tensor([R, C], 'gathered rows', x.dtype);
  gather(x, rows, { tensor: output, accumulate: false });
  if (!places) return output;
  checkDType('gatherRows', 'places', places, ['u32']);
  if (places.size !== N) {
    throw new ShapeError(
      'gatherRows',
      `x has ${N} rows and places is ${formatShape(places.shape)}: it must be [${N}]`,
    );
  }
  return track({
    op: 'gatherRows',
    inputs: [x],
    output,
    backward(dY, grads) {
      const target = grads.target(x);
      if (target) gather(dY, places, target);
    },
  });
}

function gather(from: Tensor, rows: Tensor, to: { tensor: Tensor; accumulate: boolean }): void {
  const F16 = from.dtype === 'f16';
  const kernel = from.gpu.kernels.get('gather_rows', { flags: { F16, ACCUMULATE: to.accumulate } });
  const words = { R: rows.size, C: F16 ? from.columns / 2 : from.columns };
  const work = {
    flops: to.accumulate ? to.tensor.size : 0,
    bytes: (to.accumulate ? 3 : 2) * to.tensor.bytes,
  };
  recorder().dispatch(
    kernel,
    { X: from, rows, Y: to.tensor },
    words,
    gridFor(kernel, words.R * words.C),
    work,
  );
}

export function gatherRowsReference(x: ArrayLike<number>, rows: ArrayLike<number>, C: number): Float64Array {
  const y = new Float64Array(rows.length * C);
  for (let r = 0; r < rows.length; r++) {
    if (rows[r] === IGNORE_INDEX) continue;
    for (let c = 0; c < C; c++) y[r * C + c] = x[rows[r]! * C + c]!;
  }
  return y;
}
