import { track } from '../autograd.js';
import { ShapeError } from '../errors.js';
import { IGNORE_INDEX } from '../ignore.js';
import { recorder } from '../gpu/program.js';
import { formatShape, type Tensor } from '../tensor.js';
import { gridFor, gridForRows } from './grid.js';
import { dispatchMatmul } from './matmul.js';

export interface HeadLossOptions {
  /**
   * [1] f32: what the gradients are scaled by, where that is not `scale`: with a loss scale, small gradients stay above
   * the least f16. The optimizer divides by it again.
   */
  gradientScale?: Tensor;
  /** Rows whose logits are in memory at once, a multiple of 64; the fewer, the smaller the peak. */
  chunkRows?: number;
}

/**
 * The output head and its loss in one: logits = x · headᵀ, then the mean cross-entropy of the targets that count.
 * Rows are taken in chunks, so that the [N, V] logits are never whole in memory; where a gradient is wanted, each
 * chunk's logits are overwritten by their own gradient and used at once (as in Liger Kernel's fused linear
 * cross-entropy, arXiv:2410.10989), so that nothing is computed twice.
 *
 * @param x [..., C] f32 or f16, N rows; with f16 V must be a multiple of 8
 * @param head [V, C] f32; where x is f16, its copy in f16 is read, if it has one
 * @param targets [N] u32, `IGNORE_INDEX` where there is none
 * @param scale [1] f32: 1 / (number of targets that count), written by the caller with each batch
 * @returns [1], the mean loss
 * @throws ShapeError when columns or rows differ
 */
export function headLoss(
  x: Tensor,
  head: Tensor,
  targets: Tensor,
  scale: Tensor,
  options: HeadLossOptions = {},
): Tensor {
  const C = x.columns;
  const N = x.rows;
  const [V, headColumns] = head.shape as [number, number];
  if (headColumns !== C) {
    throw new ShapeError(
      'headLoss',
      `x is ${formatShape(x.shape)} and head is ${formatShape(head.shape)}: the columns must be equal`,
    );
  }
  if (targets.size !== N) {
    throw new ShapeError(
      'headLoss',
      `x has ${N} rows and targets is ${formatShape(targets.shape)}: one target a row`,
    );
  }
  const recording = recorder();
  const { kernels } = x.gpu;
  const gradient = x.requiresGrad || head.requiresGrad;
  const chunkRows = Math.min(N, options.chunkRows ?? 1024);
  const headRead = x.dtype === 'f16' ? (head.half ?? head) : head;
  const factor = options.gradientScale ?? scale;

  const rowLoss = recording.tensor([N], 'row loss');
  const dX = gradient ? recording.tensor(x.shape, 'd head input', x.dtype) : undefined;
  const dHead = gradient ? recording.tensor(head.shape, 'd head', head.dtype) : undefined;
  const crossEntropy = kernels.get('cross_entropy', { flags: { GRADIENT: gradient } });
  for (let first = 0; first < N; first += chunkRows) {
    const rows = Math.min(chunkRows, N - first);
    const chunk = x.view([rows, C], first * C);
    const logits = recording.tensor([rows, V], 'logits');
    dispatchMatmul({ batch: 1, M: rows, N: V, K: C, transposeA: false, transposeB: true }, chunk, headRead, {
      tensor: logits,
      accumulate: false,
    });
    const grid = gridForRows(crossEntropy, rows);
    const work = { flops: 6 * rows * V, bytes: 12 * rows * V };
    recording.dispatch(
      crossEntropy,
      { logits, targets, scale: factor, loss: rowLoss },
      { N: rows, V, first },
      grid,
      work,
    );
    if (dX && dHead) {
      dispatchMatmul(
        { batch: 1, M: rows, N: C, K: V, transposeA: false, transposeB: false },
        logits,
        headRead,
        {
          tensor: dX.view([rows, C], first * C),
          accumulate: false,
        },
      );
      dispatchMatmul({ batch: 1, M: V, N: C, K: rows, transposeA: true, transposeB: false }, logits, chunk, {
        tensor: dHead,
        accumulate: first > 0,
      });
    }
  }

  const loss = recording.tensor([1], 'loss');
  const mean = kernels.get('mean_loss');
  recording.dispatch(mean, { rowLoss, scale, loss }, { N }, [1], { flops: N, bytes: 4 * N });
  return track({
    op: 'headLoss',
    inputs: [x, head],
    output: loss,
    backward(dLoss, grads) {
      // The chunks computed the gradients for a dLoss of 1; any other is a factor.
      for (const [input, own] of [
        [x, dX!],
        [head, dHead!],
      ] as const) {
        const target = grads.target(input);
        if (!target) continue;
        const flags = { ACCUMULATE: target.accumulate, F16: own.dtype === 'f16' };
        const kernel = kernels.get('scale_by', { flags });
        const words = own.bytes / 4;
        recorder().dispatch(
          kernel,
          { X: own, factor: dLoss, Y: target.tensor },
          { N: words },
          gridFor(kernel, words),
          { flops: own.size, bytes: 2 * own.bytes },
        );
      }
    },
  });
}

export function headLossReference(
  x: ArrayLike<number>,
  head: ArrayLike<number>,
  targets: ArrayLike<number>,
  C: number,
): number {
  const V = head.length / C;
  let sum = 0;
  let count = 0;
  for (let n = 0; n < targets.length; n++) {
    if (targets[n] === IGNORE_INDEX) continue;
    const logits = Array.from({ length: V }, (_, v) => {
      let dot = 0;
      for (let c = 0; c < C; c++) dot += x[n * C + c]! * head[v * C + c]!;
      return dot;
    });
    const highest = Math.max(...logits);
    const logSum = highest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - highest), 0));
    sum += logSum - logits[targets[n]!]!;
    count++;
  }
  return sum / count;
}
