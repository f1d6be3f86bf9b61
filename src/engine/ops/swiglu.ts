import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';

/**
 * The activation of a gated MLP (Shazeer 2020, arXiv:2002.05202): silu(gate) · up.
 *
 * @param x [..., 2F] f32 or f16: the gate in the first F columns, up in the others
 * @returns [..., F] in x's dtype
 * @throws ShapeError when the number of columns is odd
 */
export function swiglu(x: Tensor): Tensor {
  if (x.columns % 2 !== 0) {
    throw new ShapeError(
      'swiglu',
      `x is ${formatShape(x.shape)}: its columns are gate and up, so they must be even`,
    );
  }
  const F = x.columns / 2;
  const N = x.rows;
  const F16 = x.dtype === 'f16';
  const ALIGNED = F % 4 === 0;
  const items = (N * F) / (ALIGNED ? 4 : F16 ? 2 : 1);
  const output = recorder().tensor([...x.shape.slice(0, -1), F], 'swiglu', x.dtype);
  const kernel = x.gpu.kernels.get('swiglu_forward', { flags: { F16, ALIGNED } });
  const work = { flops: 6 * N * F, bytes: 3 * output.bytes };
  recorder().dispatch(kernel, { X: x, Y: output }, { N, F }, gridFor(kernel, items), work);
  return track({
    op: 'swiglu',
    inputs: [x],
    output,
    backward(dY, grads) {
      const target = grads.target(x);
      if (!target) return;
      const flags = { ACCUMULATE: target.accumulate, F16, ALIGNED };
      const kernel = x.gpu.kernels.get('swiglu_backward', { flags });
      const work = { flops: 11 * N * F, bytes: 5 * output.bytes };
      recorder().dispatch(kernel, { X: x, dY, dX: target.tensor }, { N, F }, gridFor(kernel, items), work);
    },
  });
}

export function swigluReference(x: ArrayLike<number>, N: number, F: number): Float64Array {
  const y = new Float64Array(N * F);
  for (let n = 0; n < N; n++) {
    for (let f = 0; f < F; f++) {
      const gate = x[n * 2 * F + f]!;
      const up = x[n * 2 * F + F + f]!;
      y[n * F + f] = (gate / (1 + Math.exp(-gate))) * up;
    }
  }
  return y;
}
