import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { TokenBatch } from '../ops/embedding.js';
import { IGNORE_INDEX } from '../ops/ignore-index.js';
import { recorder } from '../tensor/recorder.js';
import type { HostArray } from '../tensor/dtype.js';
import { formatShape, sizeOf, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Rows of tokens and, for each token, the one that follows. */
export interface Batch {
  /** [B, T] */
  inputs: Uint32Array;
  /** [B, T], `IGNORE_INDEX` where nothing is to be learned. */
  targets: Uint32Array;
  /** Inputs that are not padding, for reports (default: all). */
  tokens?: number | undefined;
  /** Targets that are learned (default: counted). */
  lossTokens?: number | undefined;
}

/** A batch whose source has counted its tokens. */
export interface CountedBatch extends Batch {
  tokens: number;
  lossTokens: number;
}

const countLearned = (targets: Uint32Array): number =>
  targets.reduce((count, target) => count + Number(target !== IGNORE_INDEX), 0);

/** A tensor of a batch: its shape alone, for f32, or its shape and dtype. */
export type BatchField = Shape | { shape: Shape; dtype?: 'f32' | 'u32' | 'i32' | undefined };

/** The inputs of a loss: `[B, T]` for a language model, or tensors by name. */
export type BatchSpec = readonly [B: number, T: number] | Readonly<Record<string, BatchField>>;

/** The argument of a loss, for a `BatchSpec`. */
export type BatchTensors<S extends BatchSpec> = S extends readonly [number, number]
  ? LanguageBatch
  : { readonly [K in keyof S]: Tensor };

/** The argument of `TrainStep.run`, for a `BatchSpec`: the numbers of one micro-batch. */
export type BatchData<S extends BatchSpec> = S extends readonly [number, number]
  ? Batch
  : { readonly [K in keyof S]: HostArray };

/** The tensors on the device from which a training step reads its batches. */
export interface BatchInputs<Tensors, Data> {
  /** The argument of the loss. */
  readonly tensors: Tensors;
  /** Whether the loss itself applies the loss scale and its share of the step. */
  readonly isScaledByLoss: boolean;
  /** Called before the first micro-batch of a step. */
  begin(batches: readonly Data[]): void;
  write(batch: Data): void;
  dispose(): void;
}

/** A language model's batch on the device. */
export class LanguageBatch implements BatchInputs<LanguageBatch, Batch> {
  /** [B · T] u32, `IGNORE_INDEX` where nothing is to be learned. */
  readonly targets: Tensor;
  readonly #scale: Tensor;
  readonly #gpu: Gpu;
  #vocabSize = Infinity;
  #tokens: TokenBatch | undefined;
  #isScaledByLoss = false;

  constructor(
    gpu: Gpu,
    /** [B, T] */
    readonly shape: readonly [B: number, T: number],
    /** [1]: a factor of all gradients, which the optimizer divides by; see `AdamW.lossScale`. */
    private readonly lossScale?: Tensor | undefined,
  ) {
    this.#gpu = gpu;
    this.targets = gpu.tensor([sizeOf(shape)], undefined, { dtype: 'u32', label: 'targets' });
    this.#scale = gpu.tensor([1], undefined, { label: 'mean over targets' });
  }

  get tensors(): this {
    return this;
  }

  get isScaledByLoss(): boolean {
    return this.#isScaledByLoss;
  }

  /**
   * The inputs, for `embedding`.
   *
   * @param vocabSize tokens at or beyond it are refused
   * @param rows of the embedding's table, where it is padded
   */
  tokens(vocabSize: number, rows = vocabSize): TokenBatch {
    this.#vocabSize = vocabSize;
    return (this.#tokens ??= new TokenBatch(this.#gpu, this.shape, rows));
  }

  /**
   * For `headLoss`: the mean over all targets of the step, and the scale of its gradients. A loss that asks for them
   * must use them, since the step then neither averages over micro-batches nor applies the loss scale. Runs inside
   * `record`.
   */
  meanOverTargets(): { scale: Tensor; gradientScale: Tensor | undefined } {
    this.#isScaledByLoss = true;
    const scale = this.#scale;
    return { scale, gradientScale: this.lossScale && product(scale, this.lossScale) };
  }

  /** @throws ShapeError for inputs or targets that are not [B, T] */
  begin(batches: readonly Batch[]): void {
    for (const { inputs, targets } of batches) {
      this.#assertShape('inputs', inputs);
      this.#assertShape('targets', targets);
    }
    const lossTokens = batches.reduce(
      (sum, { targets, lossTokens: counted }) => sum + (counted ?? countLearned(targets)),
      0,
    );
    this.#scale.write(Float32Array.of(1 / Math.max(1, lossTokens)));
  }

  #assertShape(field: 'inputs' | 'targets', tokens: Uint32Array): void {
    const size = sizeOf(this.shape);
    if (tokens.length === size) return;
    throw new ShapeError(
      'batch',
      `${field} hold ${tokens.length} tokens, and the step was recorded for [B,T] = ${formatShape(this.shape)} (${size})`,
    );
  }

  /** @throws ShapeError for a token or target outside the vocabulary */
  write({ inputs, targets }: Batch): void {
    const isOutside = (token: number): boolean => token >= this.#vocabSize && token !== IGNORE_INDEX;
    const outside = inputs.find((token) => token >= this.#vocabSize) ?? targets.find(isOutside);
    if (outside !== undefined) {
      throw new ShapeError('batch', `token ${outside} is outside the vocabulary of ${this.#vocabSize}`);
    }
    this.#tokens?.write(inputs);
    this.targets.write(targets);
  }

  dispose(): void {
    this.#tokens?.dispose();
    this.targets.dispose();
    this.#scale.dispose();
  }
}

/** Tensors by name. */
export class NamedBatch<Name extends string> implements BatchInputs<
  Readonly<Record<Name, Tensor>>,
  Readonly<Record<Name, HostArray>>
> {
  readonly tensors: Readonly<Record<Name, Tensor>>;
  readonly isScaledByLoss = false;

  constructor(gpu: Gpu, fields: Readonly<Record<Name, BatchField>>) {
    const entries = Object.entries<BatchField>(fields).map(([label, field]) => {
      const { shape, dtype } = 'shape' in field ? field : { shape: field, dtype: undefined };
      return [label, gpu.tensor(shape, undefined, { dtype, label })];
    });
    this.tensors = Object.fromEntries(entries) as Record<Name, Tensor>;
  }

  begin(): void {}

  /** @throws ShapeError when a field is missing, unknown or of another length */
  write(batch: Readonly<Record<Name, HostArray>>): void {
    const names = Object.keys(this.tensors) as Name[];
    const unknown = Object.keys(batch).find((name) => !(name in this.tensors));
    const missing = names.find((name) => !(name in batch));
    if (missing ?? unknown) {
      const fault = missing === undefined ? `${unknown} is unknown` : `${missing} is missing`;
      throw new ShapeError('batch', `${fault}; the step was recorded with ${names.join(', ')}`);
    }
    for (const name of names) this.tensors[name].write(batch[name]);
  }

  dispose(): void {
    for (const tensor of Object.values<Tensor>(this.tensors)) tensor.dispose();
  }
}

/** a[0] · b[0], [1]. Runs inside `record`. */
export function product(a: Tensor, b: Tensor): Tensor {
  const result = recorder().tensor([1], 'gradient scale');
  const kernel = a.gpu.kernels.get('scale_by', { flags: { ACCUMULATE: false, F16: false } });
  recorder().dispatch(kernel, { X: a, factor: b, Y: result }, { N: 1 }, [1]);
  return result;
}
