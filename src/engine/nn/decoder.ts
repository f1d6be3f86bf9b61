import { ALIGNMENT } from '../tensor/storage.js';
import type { Gpu } from '../gpu/device.js';
import { recorder } from '../tensor/recorder.js';
import { attention } from '../ops/attention/attention.js';
import { embedding, type TokenBatch } from '../ops/embedding.js';
import { headLoss, type HeadLossOptions } from '../ops/head-loss.js';
import { layernorm } from '../ops/layernorm.js';
import { dispatchMatmul } from '../ops/matmul/dispatch.js';
import { matmul, operandRead } from '../ops/matmul/matmul.js';
import { projectRotated, rotary, type RotaryOptions } from '../ops/rotary.js';
import { inRows } from '../tensor/split.js';
import { swiglu } from '../ops/swiglu.js';
import { HALVES_PER_READ } from '../tensor/dtype.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { parameterSpecs, type DecoderConfig } from './config.js';
import { Parameters } from './parameters.js';

export type Attend = (layer: number, qkv: Tensor) => Tensor;

/** y = x · Wᵀ (+ residual), W [out, in]. */
const linear = (x: Tensor, weight: Tensor, residual?: Tensor): Tensor =>
  matmul(x, weight, { transposeB: true, ...(residual && { residual }) });

/** Whether products take a weight in f16: see `dispatchMatmul`. */
const canBeHalf = (shape: Shape): boolean => shape.every((extent) => extent % HALVES_PER_READ === 0);

/**
 * A decoder-only language model in StableLM's layout: pre-norm blocks of rotary causal attention and a gated SiLU
 * MLP, LayerNorm with bias, no bias in the linear maps.
 *
 * On the paths f16 and tensor products read a copy of the weights in f16, and in training what lies between a norm and
 * the next residual sum is f16 as well; the residual stream itself, norms, softmax and loss are f32, and so are the
 * weights.
 */
export class Decoder {
  readonly parameters: Parameters;
  /** Of activations between norm and residual. */
  readonly dtype: 'f32' | 'f16';

  /** @throws ShapeError for a configuration that does not fit together */
  constructor(
    readonly gpu: Gpu,
    readonly config: DecoderConfig,
    options: { trainable: boolean },
  ) {
    const specs = parameterSpecs(config);
    const { trainable } = options;
    const mixed = gpu.path !== 'f32';
    this.dtype = trainable && mixed ? 'f16' : 'f32';
    // Training says which extent does not fit; what only decodes does without.
    const halves = mixed && (trainable || specs.every(({ shape, decay }) => !decay || canBeHalf(shape)));
    this.parameters = new Parameters(gpu, specs, { trainable, halves });
  }

  /** The head's weight [V, C]: its own, or the embedding's. */
  get head(): Tensor {
    return this.parameters.get(this.config.tiedHead ? 'embed' : 'head');
  }

  /**
   * Tokens [B, T] to the hidden states [B, T, C] that the head reads. Runs inside `record`.
   *
   * @param attend a layer's attention, from packed queries, keys and values [B, T, 3C] before rotation to [B, T, C];
   *   causal over the batch unless told (decoding attends to a cache)
   */
  hidden(batch: TokenBatch, attend?: Attend): Tensor {
    let x = embedding(this.parameters.get('embed'), batch);
    for (let layer = 0; layer < this.config.nLayer; layer++) {
      x = recorder().within(`layers.${layer}`, () => this.block(x, layer, attend));
    }
    return this.norm('norm', x);
  }

  private block(x: Tensor, layer: number, attend?: Attend): Tensor {
    const normed = this.norm(`layers.${layer}.attention_norm`, x);
    const weight = this.weight(layer, 'qkv');
    const attended = attend
      ? attend(layer, linear(normed, weight))
      : attention(projectRotated(normed, weight, this.rotaryOptions), this.config);
    const middle = linear(attended, this.weight(layer, 'attention_out'), x);
    const gateUp = linear(this.norm(`layers.${layer}.mlp_norm`, middle), this.weight(layer, 'gate_up'));
    return linear(swiglu(gateUp), this.weight(layer, 'down'), middle);
  }

  get rotaryOptions(): RotaryOptions {
    const { nHead, rotaryDim, rotaryBase, context } = this.config;
    return {
      nHead,
      maxT: context,
      ...(rotaryDim !== undefined && { rotaryDim }),
      ...(rotaryBase !== undefined && { base: rotaryBase }),
    };
  }

  /** Turns queries and keys by their positions, counted from `starts` [B] u32, or from 0. */
  rotate(qkv: Tensor, starts?: Tensor): Tensor {
    return rotary(qkv, { ...this.rotaryOptions, ...(starts && { starts }) });
  }

  /** Mean cross-entropy [1] of the next tokens; see `headLoss` for targets and scale. */
  loss(batch: TokenBatch, targets: Tensor, scale: Tensor, options?: HeadLossOptions): Tensor {
    return headLoss(this.hidden(batch), this.head, targets, scale, options);
  }

  /**
   * Logits [..., V] of hidden states [..., C]. A head that one binding cannot hold serves one row at a time, and no
   * gradient: that is what decoding needs, and training has `loss`.
   */
  logits(hidden: Tensor): Tensor {
    const head = operandRead(hidden, this.head);
    // Parts of the one row of logits begin where a binding may.
    const parts = inRows(head, { multiple: ALIGNMENT / 4 });
    if (parts.length === 1 || hidden.rows > 1 || hidden.dtype !== 'f32' || this.head.requiresGrad)
      return linear(hidden, this.head);
    const logits = recorder().tensor([...hidden.shape.slice(0, -1), head.rows], 'logits');
    for (const { first, rows: part } of parts) {
      const problem = { batch: 1, M: 1, N: part.rows, K: part.columns, transposeA: false, transposeB: true };
      const tensor = logits.view([1, part.rows], first);
      dispatchMatmul(problem, hidden, part, { tensor, accumulate: false });
    }
    return logits;
  }

  norm(name: string, x: Tensor): Tensor {
    const { parameters, config, dtype } = this;
    const [gamma, beta] = ['gamma', 'beta'].map((part) => parameters.get(`${name}.${part}`));
    return layernorm(x, gamma!, beta!, config.layernormEps, dtype);
  }

  weight(layer: number, name: string): Tensor {
    return this.parameters.get(`layers.${layer}.${name}`);
  }

  dispose(): void {
    this.parameters.dispose();
  }
}
