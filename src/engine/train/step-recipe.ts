import { ShapeError } from '../errors.js';
import type { Parameters } from '../nn/parameters.js';
import { backward } from '../tensor/autograd.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import { inRanges } from '../tensor/split.js';
import type { Tensor } from '../tensor/tensor.js';
import { AdamW, type AdamWOptions } from './adamw.js';
import { product, type BatchInputs } from './batch.js';

/** The recorded programs: a single one, or three: `clear`, one for each micro-batch, and `update`. */
export interface StepBodies {
  clear?: (() => void) | undefined;
  /** Returns the loss, [1]. */
  microBatch: () => Tensor;
  update: () => void;
}

/**
 * The tensors that a training step owns besides the parameters, and how the step is recorded. `TrainStep` runs it; `planStep` only counts
 * its memory.
 */
export class StepRecipe<Tensors, Data> {
  readonly optimizer: AdamW;
  readonly inputs: BatchInputs<Tensors, Data>;
  /** [1], only with several micro-batches: the sum of their losses. */
  readonly total: Tensor | undefined;
  /** [1], only with several micro-batches: a micro-batch's share of the step. */
  readonly #share: Tensor | undefined;

  /** @throws ShapeError when `microBatches` is not a positive integer */
  constructor(
    readonly parameters: Parameters,
    private readonly loss: (batch: Tensors) => Tensor,
    inputs: (lossScale: Tensor | undefined) => BatchInputs<Tensors, Data>,
    options: AdamWOptions,
    readonly microBatches: number,
  ) {
    assertPositive('microBatches', microBatches);
    const { gpu } = parameters;
    this.optimizer = new AdamW(gpu, parameters, options);
    try {
      this.inputs = inputs(this.optimizer.scalesLoss ? this.optimizer.lossScale : undefined);
    } catch (error) {
      this.optimizer.dispose();
      throw error;
    }
    if (microBatches === 1) return;
    this.total = gpu.tensor([1], undefined, { label: 'loss' });
    this.#share = gpu.tensor([1], Float32Array.of(1 / microBatches), { label: 'share of a micro-batch' });
  }

  get bodies(): StepBodies {
    const { total, optimizer, parameters } = this;
    const update = (): void => optimizer.record();
    if (!total) {
      const microBatch = (): Tensor => {
        const loss = this.#forwardBackward();
        update();
        return loss;
      };
      return { microBatch, update };
    }
    return {
      clear: () => {
        fillZero(total);
        parameters.arenas.forEach(({ grads }) => fillZero(grads!));
      },
      microBatch: () => {
        const loss = this.#forwardBackward();
        this.#addToTotal(loss, total);
        return loss;
      },
      update,
    };
  }

  #forwardBackward(): Tensor {
    const loss = this.loss(this.inputs.tensors);
    backward(loss, { accumulate: this.microBatches > 1, seed: this.#seed() });
    return loss;
  }

  /** The factor of the gradients: the micro-batch's share and the loss scale, unless the loss applied them. */
  #seed(): Tensor | undefined {
    if (this.inputs.isScaledByLoss) return undefined;
    const { scalesLoss, lossScale } = this.optimizer;
    if (!scalesLoss) return this.#share;
    return this.#share ? product(this.#share, lossScale) : lossScale.view([1]);
  }

  #addToTotal(loss: Tensor, total: Tensor): void {
    const { kernels } = loss.gpu;
    if (this.inputs.isScaledByLoss) {
      const kernel = kernels.get('accumulate', { flags: { F16: false } });
      recorder().dispatch(kernel, { X: loss, Y: total }, { N: 1 }, [1]);
    } else {
      const kernel = kernels.get('scale_by', { flags: { ACCUMULATE: true, F16: false } });
      recorder().dispatch(kernel, { X: loss, factor: this.#share!, Y: total }, { N: 1 }, [1]);
    }
    recorder().attribute('sum of losses', 'update');
  }

  /** @throws ShapeError when the number of micro-batches differs from the recorded one */
  assertCount(batches: number): void {
    if (batches === this.microBatches) return;
    throw new ShapeError('train', `${batches} micro-batches: the step was recorded for ${this.microBatches}`);
  }

  dispose(): void {
    for (const owner of [this.optimizer, this.inputs, this.total, this.#share]) owner?.dispose();
  }
}

/** @throws ShapeError naming the field */
export function assertPositive(field: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ShapeError('train', `${field} is ${value}: it must be a positive integer`);
}

function fillZero(tensor: Tensor): void {
  const kernel = tensor.gpu.kernels.get('fill');
  for (const [Y] of inRanges(tensor)) {
    recorder().dispatch(kernel, { Y: Y! }, { N: Y!.size, value: 0 }, gridFor(kernel, Y!.size));
  }
}
