import { continueText, type ContinueOptions } from '../decode/continue-text.js';
import type { SessionModel } from '../decode/session-state.js';
import type { Gpu } from '../gpu/device.js';
import { embedding, TokenBatch, type TokenBatchOptions } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import { headLoss } from '../ops/head-loss.js';
import { maskColumns } from '../ops/mask-columns.js';
import { dispatchMatmul } from '../ops/matmul/dispatch.js';
import { matmul, operandRead } from '../ops/matmul/matmul.js';
import { rotary, type RotaryOptions } from '../ops/rotary.js';
import { HALVES_PER_READ } from '../tensor/dtype.js';
import { recorder } from '../tensor/recorder.js';
import type { Shape } from '../tensor/shape.js';
import { inRows } from '../tensor/split.js';
import { ALIGNMENT } from '../tensor/storage.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LanguageBatch } from '../train/batch.js';
import { decoderBlock, type Recompute } from './block.js';
import { completeConfig, parameterSpecs, type DecoderConfig, type DecoderShape } from './config.js';
import { normLayer, type NormOptions } from './norm.js';
import { Parameters } from './parameters.js';

/** A layer's attention: packed queries, keys and values [B, T, 3C] before rotation, to [B, T, C]. */
export type Attend = (layer: number, qkv: Tensor) => Tensor;

export interface DecoderOptions {
  /** Draws the initial weights at once; without it call `parameters.initialise`, or load a checkpoint. */
  seed?: number | undefined;
  /** Whether the model keeps gradients; one that only decodes takes half the memory (default true). */
  trainable?: boolean | undefined;
  /** Computes part of each block again in the backward pass: less memory, more time, the same numbers (default none). */
  recompute?: Recompute | undefined;
}

/** Whether products can read a weight in f16: see `dispatchMatmul`. */
const canBeHalf = (shape: Shape): boolean => shape.every((extent) => extent % HALVES_PER_READ === 0);

/**
 * A decoder-only language model in StableLM's layout: pre-norm blocks of rotary causal attention and a gated SiLU MLP,
 * LayerNorm with bias, no bias in the linear maps.
 *
 * On the f16 and tensor paths, products read an f16 copy of the weights, and training keeps the activations between a
 * norm and the next residual sum in f16. The residual stream, norms, softmax, loss and the weights themselves are f32.
 *
 * @example
 * const model = new Decoder(gpu, { vocabSize: 96, context: 64, nLayer: 4, nHead: 4, width: 128 }, { seed: 1 });
 */
export class Decoder implements SessionModel {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  /** Of activations between norm and residual, in training. */
  readonly dtype: 'f32' | 'f16';
  readonly recompute: Recompute;

  /** @throws ShapeError for a configuration that does not fit together */
  constructor(
    readonly gpu: Gpu,
    shape: DecoderShape,
    options: DecoderOptions = {},
  ) {
    const { trainable = true, seed, recompute = 'none' } = options;
    this.recompute = recompute;
    this.config = completeConfig(shape);
    const isMixed = gpu.path !== 'f32';
    this.dtype = trainable && isMixed ? 'f16' : 'f32';
    const specs = parameterSpecs(this.config);
    // In training an op says which extent does not fit. A decode-only model falls back to f32 weights.
    const halves = isMixed && (trainable || specs.every(({ shape, decay }) => !decay || canBeHalf(shape)));
    // f16 needs rows of logits in multiples of 8. The caller's vocabulary may be of any size.
    const isTable = (name: string): boolean => name === 'embed' || name === 'head';
    const padded = specs.map((spec) =>
      halves && isTable(spec.name) ? { ...spec, rowMultiple: HALVES_PER_READ } : spec,
    );
    this.parameters = new Parameters(gpu, padded, { trainable, halves, seed, label: 'decoder' });
  }

  /** The head's weight, which may be the embedding's. [V, C], with V rounded up to a multiple of 8 for f16. */
  get head(): Tensor {
    return this.parameters.padded(this.config.tiedHead ? 'embed' : 'head');
  }

  get #table(): Tensor {
    return this.parameters.padded('embed');
  }

  /** A place for tokens [B, T] of this model's vocabulary, for `hidden`. The caller disposes of it. */
  tokenBatch(shape: Shape, options?: TokenBatchOptions): TokenBatch {
    return new TokenBatch(this.gpu, shape, this.#table.rows, options);
  }

  /** The inputs of a training batch, for `hidden`. */
  tokensOf(batch: LanguageBatch): TokenBatch {
    return batch.tokens(this.config.vocabSize, this.#table.rows);
  }

  /**
   * Tokens [B, T] to the hidden states [B, T, C] that the head reads. In a packed batch, each position sees the earlier
   * ones of its record alone. Runs inside `record`.
   *
   * @param attend replaces causal attention over the batch, for decoding from a cache, which is f32 whatever the path
   */
  hidden(batch: TokenBatch, attend?: Attend): Tensor {
    return normLayer(this.parameters, 'norm', this.#residual(batch, attend), this.#norms(attend));
  }

  /** What the blocks leave on the residual stream, [B, T, C] f32. */
  #residual(batch: TokenBatch, attend?: Attend): Tensor {
    let x = embedding(this.#table, batch);
    for (let layer = 0; layer < this.config.nLayer; layer++) {
      const at = `layers.${layer}`;
      const options = {
        ...this.#norms(attend),
        rotary: { ...this.rotaryOptions, spans: batch.spans },
        recompute: this.recompute,
        attend: attend && ((qkv: Tensor) => attend(layer, qkv)),
      };
      x = recorder().within(at, () => decoderBlock(this.parameters, at, x, options));
    }
    return x;
  }

  #norms(attend: Attend | undefined): NormOptions {
    return { eps: this.config.layernormEps, dtype: attend ? 'f32' : this.dtype };
  }

  get rotaryOptions(): RotaryOptions {
    const { nHead, rotaryDim, rotaryBase: base, context: maxT } = this.config;
    return { nHead, rotaryDim, base, maxT };
  }

  /** Rotates queries and keys by their positions, counted from `starts` [B] u32, or from 0. */
  rotate(qkv: Tensor, starts?: Tensor): Tensor {
    return rotary(qkv, { ...this.rotaryOptions, starts });
  }

  /**
   * Mean cross-entropy [1] of the next tokens, over all targets of the step. Runs inside `record`.
   *
   * @param options `forwardOnly` leaves out what the backward pass needs
   */
  loss(batch: LanguageBatch, { forwardOnly }: { forwardOnly?: boolean } = {}): Tensor {
    const { scale, gradientScale } = batch.meanOverTargets();
    const { vocabSize } = this.config;
    const residual = this.#residual(this.tokensOf(batch));
    const { learned } = batch;
    const read = learned ? gatherRows(residual, learned.rows, learned.places) : residual;
    const hidden = normLayer(this.parameters, 'norm', read, this.#norms(undefined));
    return headLoss(hidden, this.head, batch.targets, scale, { gradientScale, vocabSize, forwardOnly });
  }

  /**
   * Logits of hidden states [..., C], one column per row of the head; those beyond the vocabulary are the lowest f32. A
   * head too large for one binding takes one row at a time and has no gradient: decoding needs no more, and training
   * uses `loss`.
   *
   * @returns [..., V], with V rounded up as the head's rows are
   * @throws EngineError `uninitialised` when a parameter has no values
   * @throws ShapeError for f16 hidden states of a vocabulary that is padded
   */
  logits(hidden: Tensor): Tensor {
    this.parameters.assertInitialised();
    const logits = this.#allLogits(hidden);
    maskColumns(logits, this.config.vocabSize);
    return logits;
  }

  #allLogits(hidden: Tensor): Tensor {
    const head = operandRead(hidden, this.head);
    // Parts of the one row of logits begin where a binding may.
    const parts = inRows(head, { multiple: ALIGNMENT / 4 });
    if (parts.length === 1 || hidden.rows > 1 || hidden.dtype !== 'f32') {
      return matmul(hidden, this.head, { transposeB: true });
    }
    const logits = recorder().tensor([...hidden.shape.slice(0, -1), head.rows], 'logits');
    for (const { first, rows: part } of parts) {
      const problem = { batch: 1, M: 1, N: part.rows, K: part.columns, transposeA: false, transposeB: true };
      const tensor = logits.view([1, part.rows], first);
      dispatchMatmul(problem, hidden, part, { tensor, accumulate: false });
    }
    return logits;
  }

  /** One of a layer's matrices, by its name in `blockSpecs`. */
  weight(layer: number, name: string): Tensor {
    return this.parameters.get(`layers.${layer}.${name}`);
  }

  /**
   * Continues a prompt with the weights as they are now. A text longer than the context is continued from its latest
   * tokens.
   *
   * @returns the new tokens, without the prompt
   * @throws EngineError `uninitialised` when a parameter has no values
   * @throws ShapeError for an empty prompt, or a token outside the vocabulary
   */
  generate(prompt: ArrayLike<number>, options: ContinueOptions = {}): Promise<number[]> {
    return continueText(this, prompt, options);
  }

  dispose(): void {
    this.parameters.dispose();
  }
}
