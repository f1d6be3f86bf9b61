import { join } from 'node:path';
import { writeJsonAtomic } from '../../base/files.js';
import { writeSafetensors, type TensorSource } from '../train/safetensors.js';
import type { DecoderConfig } from './config.js';
import type { Decoder } from './decoder.js';
import { inHalves, type ExportDType } from './half-weights.js';

/** The configuration with which transformers' `StableLmForCausalLM` gives the same results as our decoder. */
function stableLmConfig(config: DecoderConfig, dtype: ExportDType): Record<string, unknown> {
  const { vocabSize, context, nLayer, nHead, width, mlpWidth, tiedHead } = config;
  const { rotaryBase = 10_000, layernormEps = 1e-5, rotaryDim = width / nHead } = config;
  return {
    architectures: ['StableLmForCausalLM'],
    model_type: 'stablelm',
    torch_dtype: dtype === 'f16' ? 'float16' : 'float32',
    vocab_size: vocabSize,
    max_position_embeddings: context,
    num_hidden_layers: nLayer,
    num_attention_heads: nHead,
    num_key_value_heads: nHead,
    hidden_size: width,
    intermediate_size: mlpWidth,
    hidden_act: 'silu',
    layer_norm_eps: layernormEps,
    rope_theta: rotaryBase,
    partial_rotary_factor: rotaryDim / (width / nHead),
    tie_word_embeddings: tiedHead,
    use_qkv_bias: false,
    qk_layernorm: false,
    use_parallel_residual: false,
    attention_dropout: 0,
    hidden_dropout: 0,
  };
}

/**
 * The weights under StableLM's names. Ours pack queries, keys and values in one matrix, and gate and up in another, so each
 * of StableLM's is a range of rows.
 */
function stableLmTensors({ config, parameters }: Decoder): TensorSource[] {
  const { nLayer, width: C, mlpWidth: F, tiedHead } = config;
  const part = (name: string, ours: string, row: number, rows: number): TensorSource => {
    const tensor = parameters.get(ours);
    const columns = tensor.shape[1];
    const stride = columns ?? 1;
    const shape = columns === undefined ? [rows] : [rows, columns];
    const read = async (): Promise<Float32Array> =>
      (await tensor.read()).slice(row * stride, (row + rows) * stride);
    return { name, dtype: 'F32', shape, read };
  };
  const whole = (name: string, ours: string): TensorSource =>
    part(name, ours, 0, parameters.get(ours).shape[0]!);
  const norm = (name: string, ours: string): TensorSource[] => [
    whole(`${name}.weight`, `${ours}.gamma`),
    whole(`${name}.bias`, `${ours}.beta`),
  ];
  const sources = [whole('model.embed_tokens.weight', 'embed')];
  for (let layer = 0; layer < nLayer; layer++) {
    const [to, from] = [`model.layers.${layer}`, `layers.${layer}`];
    sources.push(
      ...norm(`${to}.input_layernorm`, `${from}.attention_norm`),
      part(`${to}.self_attn.q_proj.weight`, `${from}.qkv`, 0, C),
      part(`${to}.self_attn.k_proj.weight`, `${from}.qkv`, C, C),
      part(`${to}.self_attn.v_proj.weight`, `${from}.qkv`, 2 * C, C),
      whole(`${to}.self_attn.o_proj.weight`, `${from}.attention_out`),
      ...norm(`${to}.post_attention_layernorm`, `${from}.mlp_norm`),
      part(`${to}.mlp.gate_proj.weight`, `${from}.gate_up`, 0, F),
      part(`${to}.mlp.up_proj.weight`, `${from}.gate_up`, F, F),
      whole(`${to}.mlp.down_proj.weight`, `${from}.down`),
    );
  }
  sources.push(...norm('model.norm', 'norm'));
  if (!tiedHead) sources.push(whole('lm_head.weight', 'head'));
  return sources;
}

/**
 * Writes `config.json` and `model.safetensors`, which transformers' `from_pretrained` reads.
 *
 * @throws CheckpointError `f16-overflow` with dtype f16, naming a weight that f16 cannot hold
 */
export async function exportStableLm(
  decoder: Decoder,
  folder: string,
  dtype: ExportDType = 'f32',
): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const tensors = stableLmTensors(decoder);
  const stored = dtype === 'f16' ? tensors.map((tensor) => inHalves(tensor, path)) : tensors;
  await writeSafetensors(path, stored, { format: 'pt' });
  await writeJsonAtomic(join(folder, 'config.json'), stableLmConfig(decoder.config, dtype));
}
