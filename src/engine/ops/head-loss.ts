import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import { IGNORE_INDEX } from './ignore-index.js';
import type { KernelHandle } from '../tensor/backend.js';
import { recorder } from '../tensor/recorder.js';
import { BYTES_PER_ELEMENT, HALVES_PER_READ } from '../tensor/dtype.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor, gridForRows } from '../tensor/grid.js';
import { maskColumns } from './mask-columns.js';
import { dispatchMatmul } from './matmul/dispatch.js';
import { operandRead } from './matmul/matmul.js';
import { inRanges, inRows, type RowRange } from '../tensor/split.js';

export interface HeadLossOptions {
  /**
   * [1] f32: the factor of the gradients, `scale` by default. A loss scale in it keeps small gradients within f16's
   * range; the optimizer divides by it again.
   */
  gradientScale?: Tensor | undefined;
  /**
   * The most rows whose logits are in memory at once, a multiple of 64. Fewer lower the peak. By default 4096 on GPUs, which need
   * large products to be busy, and 1024 on software adapters.
   */
  chunkRows?: number | undefined;
  /** V of the vocabulary if the head has more rows: the rest is padding and gets no probability. */
  vocabSize?: number | undefined;
  /** Leaves out the gradients, for a loss that is only read (default false). */
  forwardOnly?: boolean | undefined;
}

const CHUNK_ROWS = { gpu: 4096, software: 1024 };

/**
 * The output head and its loss in one: logits = x · headᵀ, then the mean cross-entropy over the targets that are not
 * ignored. It works on chunks of rows, so the [N, V] logits are never in memory as a whole. If a gradient is wanted, it
 * overwrites each chunk's logits and is used at once, so nothing is computed twice (as in Liger Kernel's fused linear
 * cross-entropy, arXiv:2410.10989).
 *
 * @param x [..., C] f32 or f16, N rows; with f16 V must be a multiple of 8
 * @param head [V, C] f32; with x in f16, its f16 copy is read if it has one
 * @param targets [N] u32, each below V or `IGNORE_INDEX`
 * @param scale [1] f32: 1 / (number of targets that are not ignored), written by the caller with each batch
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
  const headColumns = head.columns;
  if (headColumns !== C) {
    throw new ShapeError(
      'headLoss',
      `x is ${formatShape(x.shape)} and head is ${formatShape(head.shape)}: the columns must be equal`,
    );
  }
  if (targets.size !== N) {
    throw new ShapeError(
      'headLoss',
      `x has ${N} rows and targets is ${formatShape(targets.shape)}: it must hold one target per row`,
    );
  }
  const recording = recorder();
  const { kernels } = x.gpu;
  const gradient = !options.forwardOnly && (x.requiresGrad || head.requiresGrad);
  const headRead = operandRead(x, head);
  const factor = options.gradientScale ?? scale;

  const rowLoss = recording.tensor([N], 'row loss');
  const dX = gradient ? recording.tensor(x.shape, 'd head input', x.dtype) : undefined;
  const dHead = gradient ? recording.tensor(head.shape, 'd head', head.dtype) : undefined;
  // A head larger than one binding is taken in parts of the vocabulary, each with its own logits.
  const parts = inRows(headRead, {
    bytesPerRow: head.bytes / head.rows,
    multiple: headRead.dtype === 'f16' ? HALVES_PER_READ : 1,
  });
  const bytesPerRow = parts[0]!.rows.rows * BYTES_PER_ELEMENT.f32;
  for (const { first, rows: chunk } of inRows(x, {
    most: options.chunkRows ?? CHUNK_ROWS[x.gpu.adapter.kind],
    bytesPerRow,
  })) {
    const rows = chunk.rows;
    const logits = parts.map(({ rows: part }) => recording.tensor([rows, part.rows], 'logits'));
    parts.forEach(({ rows: part }, i) => {
      const problem = { batch: 1, M: rows, N: part.rows, K: C, transposeA: false, transposeB: true };
      dispatchMatmul(problem, chunk, part, { tensor: logits[i]!, accumulate: false });
      maskColumns(logits[i]!, (options.vocabSize ?? head.rows) - parts[i]!.first);
    });
    crossEntropy(logits, parts, { targets, scale: factor, loss: rowLoss }, first, gradient);
    if (!dX || !dHead) continue;
    parts.forEach(({ first: token, rows: part }, i) => {
      const columns = part.rows;
      const toX = { tensor: dX.view([rows, C], first * C), accumulate: i > 0 };
      const toHead = { tensor: dHead.view([columns, C], token * C), accumulate: first > 0 };
      const xProblem = { batch: 1, M: rows, N: C, K: columns, transposeA: false, transposeB: false };
      dispatchMatmul(xProblem, logits[i]!, part, toX);
      const headProblem = { batch: 1, M: columns, N: C, K: rows, transposeA: true, transposeB: false };
      dispatchMatmul(headProblem, logits[i]!, chunk, toHead);
    });
  }

  const loss = recording.tensor([1], 'loss');
  const mean = kernels.get('mean_loss');
  recording.dispatch(mean, { rowLoss, scale, loss }, { N }, [1], { flops: N, bytes: 4 * N });
  if (options.forwardOnly) return loss;
  return track({
    op: 'headLoss',
    inputs: [x, head],
    output: loss,
    backward(dLoss, grads) {
      // The chunks computed the gradients for a dLoss of 1; the actual one is a factor.
      for (const [input, own] of [
        [x, dX!],
        [head, dHead!],
      ] as const) {
        const target = grads.target(input);
        if (!target) continue;
        const flags = { ACCUMULATE: target.accumulate, F16: own.dtype === 'f16' };
        const kernel = kernels.get('scale_by', { flags });
        for (const [X, Y] of inRanges(own, target.tensor)) {
          const words = X!.bytes / 4;
          const tensors = { X: X!, factor: dLoss, Y: Y! };
          const work = { flops: X!.size, bytes: 2 * X!.bytes };
          recorder().dispatch(kernel, tensors, { N: words }, gridFor(kernel, words), work);
        }
      }
    },
  });
}

/**
 * The loss of a chunk's rows; with `gradient`, the gradient overwrites the logits. It takes one dispatch, or with a
 * vocabulary in parts two per part: one that sums over all parts, one that uses the sums.
 */
function crossEntropy(
  logits: readonly Tensor[],
  parts: readonly RowRange[],
  tensors: { targets: Tensor; scale: Tensor; loss: Tensor },
  first: number,
  gradient: boolean,
): void {
  const recording = recorder();
  const { kernels } = recording.gpu;
  const N = logits[0]!.rows;
  const dispatch = (
    kernel: KernelHandle,
    bound: Record<string, Tensor>,
    params: Record<string, number>,
  ): void => {
    const elements = bound.logits!.size;
    const work = { flops: 6 * elements, bytes: 12 * elements };
    recording.dispatch(kernel, bound, { N, ...params }, gridForRows(kernel, N), work);
  };
  const flags = { GRADIENT: gradient };
  const [whole, ...others] = logits;
  if (others.length === 0) {
    const bound = { logits: whole!, ...tensors };
    return dispatch(kernels.get('cross_entropy', { flags }), bound, { V: whole!.columns, first });
  }
  const stats = recording.tensor([N, 2], 'softmax statistics');
  logits.forEach((part, i) => {
    const kernel = kernels.get('softmax_stats_part', { flags: { FIRST: i === 0 } });
    dispatch(kernel, { logits: part, stats }, { V: part.columns });
  });
  const kernel = kernels.get('cross_entropy_part', { flags });
  logits.forEach((part, i) => {
    const params = { V: part.columns, first, start: parts[i]!.first };
    dispatch(kernel, { logits: part, stats, ...tensors }, params);
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
