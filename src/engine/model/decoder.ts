import type { Gpu } from '../gpu/device.js';
import { add } from '../ops/add.js';
import { attention } from '../ops/attention.js';
import { embedding, type TokenBatch } from '../ops/embedding.js';
import { headLoss, type HeadLossOptions } from '../ops/head-loss.js';
import { layernorm } from '../ops/layernorm.js';
import { matmul } from '../ops/matmul.js';
import { rotary } from '../ops/rotary.js';
import { swiglu } from '../ops/swiglu.js';
import type { Tensor } from '../tensor.js';
import { parameterSpecs, type DecoderConfig } from './config.js';
import { Parameters } from './parameters.js';

/** y = x · Wᵀ, W [out, in]. */
const linear = (x: Tensor, weight: Tensor): Tensor => matmul(x, weight, { transposeB: true });

/**
 * A decoder-only language model in StableLM's layout: pre-norm blocks of rotary causal attention and a gated SiLU
 * MLP, LayerNorm with bias, no bias in the linear maps.
 */
export class Decoder {
  readonly parameters: Parameters;

  /** @throws ShapeError for a configuration that does not fit together */
  constructor(
    readonly gpu: Gpu,
    readonly config: DecoderConfig,
    options: { trainable: boolean },
  ) {
    this.parameters = new Parameters(gpu, parameterSpecs(config), options);
  }

  /** The head's weight [V, C]: its own, or the embedding's. */
  get head(): Tensor {
    return this.parameters.get(this.config.tiedHead ? 'embed' : 'head');
  }

  /**
   * Tokens [B, T] to the hidden states [B, T, C] that the head reads. Runs inside `record`.
   *
   * @param onKeysAndValues called with each layer's rotated qkv [B, T, 3C], from which a cache may be filled
   */
  hidden(batch: TokenBatch, onKeysAndValues?: (layer: number, qkv: Tensor) => void): Tensor {
    const { nLayer, nHead } = this.config;
    let x = embedding(this.parameters.get('embed'), batch);
    for (let layer = 0; layer < nLayer; layer++) {
      const normed = this.norm(`layers.${layer}.attention_norm`, x);
      const qkv = rotary(linear(normed, this.weight(layer, 'qkv')), this.rotaryOptions());
      onKeysAndValues?.(layer, qkv);
      x = add(x, linear(attention(qkv, { nHead }), this.weight(layer, 'attention_out')));
      x = add(x, this.mlp(layer, this.norm(`layers.${layer}.mlp_norm`, x)));
    }
    return this.norm('norm', x);
  }

  /** Mean cross-entropy [1] of the next tokens; see `headLoss` for targets and scale. */
  loss(batch: TokenBatch, targets: Tensor, scale: Tensor, options?: HeadLossOptions): Tensor {
    return headLoss(this.hidden(batch), this.head, targets, scale, options);
  }

  /** Logits [..., V] of hidden states [..., C]. */
  logits(hidden: Tensor): Tensor {
    return linear(hidden, this.head);
  }

  mlp(layer: number, x: Tensor): Tensor {
    return linear(swiglu(linear(x, this.weight(layer, 'gate_up'))), this.weight(layer, 'down'));
  }

  norm(name: string, x: Tensor): Tensor {
    const { parameters, config } = this;
    return layernorm(x, parameters.get(`${name}.gamma`), parameters.get(`${name}.beta`), config.layernormEps);
  }

  weight(layer: number, name: string): Tensor {
    return this.parameters.get(`layers.${layer}.${name}`);
  }

  rotaryOptions(): { nHead: number; rotaryDim: number; base: number } {
    const { nHead, width, rotaryDim = width / nHead, rotaryBase = 10_000 } = this.config;
    return { nHead, rotaryDim, base: rotaryBase };
  }

  dispose(): void {
    this.parameters.dispose();
  }
}
