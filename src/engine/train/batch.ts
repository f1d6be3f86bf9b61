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
  /**
   * [B, T, 2], where rows are packed: for each position, the first position of its record in this row, and one past the
   * last. It attends to its record alone. A position of padding is a record of its own. (Default: a row is a record.)
   */
  spans?: Uint32Array | undefined;
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

export interface LanguageBatchOptions {
  /** [1]: a factor of all gradients, which the optimizer divides by; see `AdamW.lossScale`. */
  lossScale?: Tensor | undefined;
  /** Whether rows hold several records each, which need spans (default false). */
  packed?: boolean | undefined;
  /**
   * R, the most targets of a batch that are learned: the loss reads the hidden states of these positions and of no others
   * (default: it may read all).
   */
  learnedRows?: number | undefined;
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
  /** [R] u32, one for each row that the head reads; `IGNORE_INDEX` where nothing is to be learned. */
  readonly targets: Tensor;
  /** Which positions the head reads, for `gatherRows`; undefined if it reads all. */
  readonly learned: { readonly rows: Tensor; readonly places: Tensor } | undefined;
  readonly #options: LanguageBatchOptions;
  readonly #scale: Tensor;
  readonly #gpu: Gpu;
  #vocabSize = Infinity;
  #tokens: TokenBatch | undefined;
  #isScaledByLoss = false;

  constructor(
    gpu: Gpu,
    /** [B, T] */
    readonly shape: readonly [B: number, T: number],
    options: LanguageBatchOptions = {},
  ) {
    this.#gpu = gpu;
    this.#options = options;
    const { learnedRows: R } = options;
    const positions = sizeOf(shape);
    const numbers = (size: number, label: string): Tensor =>
      gpu.tensor([size], undefined, { dtype: 'u32', label });
    this.targets = numbers(R ?? positions, 'targets');
    this.learned =
      R === undefined
        ? undefined
        : { rows: numbers(R, 'learned rows'), places: numbers(positions, 'places of learned rows') };
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
    const { packed } = this.#options;
    return (this.#tokens ??= new TokenBatch(this.#gpu, this.shape, rows, { packed }));
  }

  /**
   * For `headLoss`: the mean over all targets of the step, and the scale of its gradients. A loss that asks for them
   * must use them, since the step then neither averages over micro-batches nor applies the loss scale. Runs inside
   * `record`.
   */
  meanOverTargets(): { scale: Tensor; gradientScale: Tensor | undefined } {
    this.#isScaledByLoss = true;
    const scale = this.#scale;
    const { lossScale } = this.#options;
    return { scale, gradientScale: lossScale && product(scale, lossScale) };
  }

  /** @throws ShapeError for a batch that is not [B, T], has wrong spans, or learns more targets than were provided for */
  begin(batches: readonly Batch[]): void {
    let lossTokens = 0;
    for (const { inputs, targets, spans } of batches) {
      this.#assertShape('inputs', inputs);
      this.#assertShape('targets', targets);
      this.#assertSpans(spans);
      const learned = countLearned(targets);
      const { learnedRows = learned } = this.#options;
      if (learned > learnedRows) {
        throw new ShapeError(
          'batch',
          `${learned} targets are learned, and the step was recorded for learnedRows = ${learnedRows}`,
        );
      }
      lossTokens += learned;
    }
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

  #assertSpans(spans: Uint32Array | undefined): void {
    if (spans === undefined) return;
    if (!this.#options.packed) {
      throw new ShapeError('batch', 'it has spans, and the step was recorded for one record per row');
    }
    const [, T] = this.shape;
    const size = 2 * sizeOf(this.shape);
    if (spans.length !== size) {
      throw new ShapeError('batch', `spans hold ${spans.length} numbers: they must be [B,T,2] (${size})`);
    }
    for (let at = 0; at < size; at += 2) {
      const t = (at / 2) % T;
      const [first, end] = [spans[at]!, spans[at + 1]!];
      // The positions of a span are side by side and agree on it.
      const isWhole =
        first <= t &&
        t < end &&
        end <= T &&
        (t === first || (spans[at - 2] === first && spans[at - 1] === end)) &&
        (t > first || t === 0 || spans[at - 1] === t);
      if (isWhole) continue;
      throw new ShapeError(
        'batch',
        `the span of position ${t} in row ${Math.floor(at / 2 / T)} is ${first} to ${end}, which is not the whole record`,
      );
    }
  }

  /** @throws ShapeError for a token or target outside the vocabulary */
  write({ inputs, targets, spans }: Batch): void {
    const isOutside = (token: number): boolean => token >= this.#vocabSize && token !== IGNORE_INDEX;
    const outside = inputs.find((token) => token >= this.#vocabSize) ?? targets.find(isOutside);
    if (outside !== undefined) {
      throw new ShapeError('batch', `token ${outside} is outside the vocabulary of ${this.#vocabSize}`);
    }
    const whole = spans ?? (this.#options.packed ? wholeRows(this.shape) : undefined);
    // Only with learned rows is it known that the loss depends on nothing else.
    const hasGradient = this.learned && reachesLoss(targets, this.shape, whole);
    this.#tokens?.write(inputs, { spans: whole, hasGradient });
    if (this.learned) this.#writeLearned(this.learned, targets);
    else this.targets.write(targets);
  }

  #writeLearned({ rows, places }: { rows: Tensor; places: Tensor }, targets: Uint32Array): void {
    const read = new Uint32Array(rows.size).fill(IGNORE_INDEX);
    const learned = new Uint32Array(rows.size).fill(IGNORE_INDEX);
    const found = new Uint32Array(places.size).fill(IGNORE_INDEX);
    let place = 0;
    targets.forEach((target, n) => {
      if (target === IGNORE_INDEX) return;
      read[place] = n;
      learned[place] = target;
      found[n] = place++;
    });
    rows.write(read);
    places.write(found);
    this.targets.write(learned);
  }

  dispose(): void {
    this.#tokens?.dispose();
    this.targets.dispose();
    this.learned?.rows.dispose();
    this.learned?.places.dispose();
    this.#scale.dispose();
  }
}

/** Spans of rows that are one record each. */
function wholeRows([B, T]: readonly [number, number]): Uint32Array {
  return Uint32Array.from({ length: 2 * B * T }, (_, i) => (i % 2) * T);
}

/**
 * By position, whether the loss depends on it: whether it or a later position of its record is learned. Padding and the
 * ends of records have no gradient, and no kernel need add up their zeros.
 */
function reachesLoss(
  targets: Uint32Array,
  [B, T]: readonly [number, number],
  spans: Uint32Array | undefined,
): Uint8Array {
  const reaches = new Uint8Array(B * T);
  for (let n = B * T - 1; n >= 0; n--) {
    const isLast = (n % T) + 1 === (spans?.[2 * n + 1] ?? T);
    const reachesLater = !isLast && reaches[n + 1] === 1;
    reaches[n] = Number(targets[n] !== IGNORE_INDEX || reachesLater);
  }
  return reaches;
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
