import { ShapeError } from '../errors.js';
import { track } from '../tensor/autograd.js';
import { gridFor, gridForRows } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkDType } from './check.js';
import { IGNORE_INDEX } from './ignore-index.js';

/**
 * The mean of -log softmax(logits)[target] over the rows whose target is not `IGNORE_INDEX`; 0 if there are none.
 * `headLoss` computes it together with the product that makes the logits, in less memory.
 *
 * @param logits [..., V] f32, N rows
 * @param targets N elements u32, each below V or `IGNORE_INDEX`
 * @returns [1]
 * @throws ShapeError when the rows differ, or a dtype does not fit
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [N, V] = [logits.rows, logits.columns];
  if (targets.size !== N) {
    throw new ShapeError(
      'crossEntropy',
      `logits is ${formatShape(logits.shape)} and targets is ${formatShape(targets.shape)}: it must hold ${N} elements, one per row`,
    );
  }
  checkDType('crossEntropy', 'logits', logits, ['f32']);
  checkDType('crossEntropy', 'targets', targets, ['u32']);
  const recording = recorder();
  const { kernels } = logits.gpu;
  const [scale, rowLoss, loss] = [
    recording.tensor([1], '1 / targets'),
    recording.tensor([N], 'row loss'),
    recording.tensor([1], 'loss'),
  ];
  recording.dispatch(kernels.get('target_scale'), { targets, scale }, { N }, [1], { bytes: 4 * N });
  lossOfRows(logits, { targets, scale, loss: rowLoss }, false);
  const meanOfRows = kernels.get('mean_loss');
  recording.dispatch(meanOfRows, { rowLoss, scale, loss }, { N }, [1], { flops: N, bytes: 4 * N });
  return track({
    op: 'crossEntropy',
    inputs: [logits],
    output: loss,
    backward(dLoss, grads) {
      const target = grads.target(logits);
      if (!target) return;
      const factor = recorder().tensor([1], 'gradient scale');
      const product = kernels.get('scale_by', { flags: { ACCUMULATE: false, F16: false } });
      recorder().dispatch(product, { X: scale, factor: dLoss, Y: factor }, { N: 1 }, [1]);
      // The kernel overwrites logits with their gradient: it works on a copy.
      const { tensor: dLogits, accumulate } = target;
      const own = accumulate ? recorder().tensor(logits.shape, 'd logits') : dLogits;
      const words = { N: N * V };
      const copy = kernels.get('copy');
      const grid = gridFor(copy, words.N);
      recorder().dispatch(copy, { X: logits, Y: own }, words, grid, { bytes: 2 * own.bytes });
      lossOfRows(own, { targets, scale: factor, loss: recorder().tensor([N], 'row loss') }, true);
      if (!accumulate) return;
      const sum = kernels.get('accumulate', { flags: { F16: false } });
      const work = { flops: own.size, bytes: 3 * own.bytes };
      recorder().dispatch(sum, { X: own, Y: dLogits }, words, gridFor(sum, words.N), work);
    },
  });
}

/** The loss of each row; with `gradient`, the gradient overwrites the logits. */
function lossOfRows(
  logits: Tensor,
  tensors: { targets: Tensor; scale: Tensor; loss: Tensor },
  GRADIENT: boolean,
): void {
  const [N, V] = [logits.rows, logits.columns];
  const kernel = logits.gpu.kernels.get('cross_entropy', { flags: { GRADIENT } });
  const work = { flops: 6 * logits.size, bytes: 3 * logits.bytes };
  recorder().dispatch(kernel, { logits, ...tensors }, { N, V, first: 0 }, gridForRows(kernel, N), work);
}

export function crossEntropyReference(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  V: number,
): number {
  let sum = 0;
  let count = 0;
  for (let n = 0; n < targets.length; n++) {
    if (targets[n] === IGNORE_INDEX) continue;
    const row = Array.from({ length: V }, (_, v) => logits[n * V + v]!);
    const highest = Math.max(...row);
    const powers = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    sum += highest + Math.log(powers) - row[targets[n]!]!;
    count++;
  }
  return sum / Math.max(count, 1);
}
