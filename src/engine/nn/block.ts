import { attention } from '../ops/attention/attention.js';
import { projectRotated, type RotaryOptions } from '../ops/rotary.js';
import { swiglu } from '../ops/swiglu.js';
import { keepResults, recompute } from '../tensor/recompute.js';
import type { Tensor } from '../tensor/tensor.js';
import { GPT2_STD } from './initialisation.js';
import { linearLayer, linearSpec } from './linear.js';
import { normLayer, normSpecs, type NormOptions } from './norm.js';
import type { Parameters, ParameterSpec } from './parameters.js';

/**
 * What training computes again in the backward pass, to save memory: nothing; the MLP of each block, from the residual
 * stream; or the whole block, from its input. The result of attention and its log-sum-exp are kept in every case.
 */
export const RECOMPUTE = ['none', 'mlp', 'block'] as const;
export type Recompute = (typeof RECOMPUTE)[number];

export interface BlockOptions extends NormOptions {
  /** Heads, and how their queries and keys turn with the position. */
  rotary: RotaryOptions;
  /** Replaces causal attention over the batch; receives queries, keys and values [B, T, 3C] before their rotation. */
  attend?: ((qkv: Tensor) => Tensor) | undefined;
  /** Default: none. With `attend`, nothing is. */
  recompute?: Recompute | undefined;
}

/**
 * One layer of a pre-norm transformer in StableLM's layout: rotary causal attention, then a gated SiLU MLP, each added
 * to the residual stream; no bias in the linear maps.
 *
 * @param at where its parameters are, as `blockSpecs` names them: `layers.3`
 * @param x [B, T, C] f32
 * @returns [B, T, C] f32
 */
export function decoderBlock(parameters: Parameters, at: string, x: Tensor, options: BlockOptions): Tensor {
  const { rotary, attend } = options;
  const recomputed = attend ? 'none' : options.recompute;
  const linear = (name: string, input: Tensor, residual?: Tensor): Tensor =>
    linearLayer(parameters, `${at}.${name}`, input, residual);
  const attentionPart = (x: Tensor): Tensor => {
    const normed = normLayer(parameters, `${at}.attention_norm`, x, options);
    if (attend) return linear('attention_out', attend(linear('qkv', normed)), x);
    const qkv = projectRotated(normed, parameters.get(`${at}.qkv`), rotary);
    return linear(
      'attention_out',
      keepResults(() => attention(qkv, rotary)),
      x,
    );
  };
  const mlp = (x: Tensor): Tensor => {
    const gateUp = linear('gate_up', normLayer(parameters, `${at}.mlp_norm`, x, options));
    return linear('down', swiglu(gateUp), x);
  };
  if (recomputed === 'block') return recompute((x) => mlp(attentionPart(x)), x);
  const middle = attentionPart(x);
  return recomputed === 'mlp' ? recompute(mlp, middle) : mlp(middle);
}

/**
 * The parameters of one block. The two matrices that write to the residual stream start smaller by sqrt(2 · nLayer), as
 * in GPT-2.
 */
export function blockSpecs(
  at: string,
  { width, mlpWidth, nLayer }: { width: number; mlpWidth: number; nLayer: number },
): ParameterSpec[] {
  const residualStd = GPT2_STD / Math.sqrt(2 * nLayer);
  return [
    ...normSpecs(`${at}.attention_norm`, width),
    linearSpec(`${at}.qkv`, 3 * width, width, GPT2_STD),
    linearSpec(`${at}.attention_out`, width, width, residualStd),
    ...normSpecs(`${at}.mlp_norm`, width),
    linearSpec(`${at}.gate_up`, 2 * mlpWidth, width, GPT2_STD),
    linearSpec(`${at}.down`, width, mlpWidth, residualStd),
  ];
}
