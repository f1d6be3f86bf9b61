/**
 * Our decoder is a StableLM, so its weights have places in two formats of other programs. We pack queries, keys and
 * values in one matrix, and gate and up in another; StableLM keeps them apart. Each of its tensors is therefore a range
 * of rows of one of ours. Rotation pairs dimension i of a head with i + rotaryDim/2 in all three, so no row moves.
 */
import { CheckpointError } from '../errors.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { TensorSource } from '../train/safetensors.js';
import { parameterSpecs, type DecoderConfig } from './config.js';

/** One of StableLM's tensors: its names, and which rows of our tensor it is. */
export interface StableLmPlace {
  /** In transformers' `StableLmForCausalLM`. */
  transformers: string;
  /** In llama.cpp's architecture `stablelm`. */
  gguf: string;
  ours: string;
  firstRow: number;
  /** Rows, and columns unless it is a vector. */
  shape: readonly number[];
}

/** Every tensor of a StableLM of this shape, in the order of the computation. */
export function stableLmPlaces(config: DecoderConfig): StableLmPlace[] {
  const { vocabSize: V, nLayer, width: C, mlpWidth: F, tiedHead } = config;
  const norm = (transformers: string, gguf: string, ours: string): StableLmPlace[] =>
    [
      ['weight', 'gamma'],
      ['bias', 'beta'],
    ].map(([theirs, name]) => ({
      transformers: `${transformers}.${theirs}`,
      gguf: `${gguf}.${theirs}`,
      ours: `${ours}.${name}`,
      firstRow: 0,
      shape: [C],
    }));
  const matrix = (
    transformers: string,
    gguf: string,
    ours: string,
    shape: readonly [rows: number, columns: number],
    firstRow = 0,
  ): StableLmPlace => {
    return { transformers: `${transformers}.weight`, gguf: `${gguf}.weight`, ours, firstRow, shape };
  };
  const places = [matrix('model.embed_tokens', 'token_embd', 'embed', [V, C])];
  for (let layer = 0; layer < nLayer; layer++) {
    const [hf, gguf, from] = [`model.layers.${layer}`, `blk.${layer}`, `layers.${layer}`];
    places.push(
      ...norm(`${hf}.input_layernorm`, `${gguf}.attn_norm`, `${from}.attention_norm`),
      matrix(`${hf}.self_attn.q_proj`, `${gguf}.attn_q`, `${from}.qkv`, [C, C]),
      matrix(`${hf}.self_attn.k_proj`, `${gguf}.attn_k`, `${from}.qkv`, [C, C], C),
      matrix(`${hf}.self_attn.v_proj`, `${gguf}.attn_v`, `${from}.qkv`, [C, C], 2 * C),
      matrix(`${hf}.self_attn.o_proj`, `${gguf}.attn_output`, `${from}.attention_out`, [C, C]),
      ...norm(`${hf}.post_attention_layernorm`, `${gguf}.ffn_norm`, `${from}.mlp_norm`),
      matrix(`${hf}.mlp.gate_proj`, `${gguf}.ffn_gate`, `${from}.gate_up`, [F, C]),
      matrix(`${hf}.mlp.up_proj`, `${gguf}.ffn_up`, `${from}.gate_up`, [F, C], F),
      matrix(`${hf}.mlp.down_proj`, `${gguf}.ffn_down`, `${from}.down`, [C, F]),
    );
  }
  places.push(...norm('model.norm', 'output_norm', 'norm'));
  if (!tiedHead) places.push(matrix('lm_head', 'output', 'head', [V, C]));
  return places;
}

/** A tensor of f32 that can be read whole. */
export interface FloatSource {
  shape: readonly number[];
  read(): Promise<Float32Array>;
}

/** The rows of one of our tensors that a place takes. */
export function placeSource(name: string, place: StableLmPlace, ours: FloatSource): TensorSource {
  const columns = place.shape[1] ?? 1;
  const from = place.firstRow * columns;
  const read = async (): Promise<Float32Array> =>
    (await ours.read()).slice(from, from + place.shape[0]! * columns);
  return { name, dtype: 'F32', shape: place.shape, read };
}

/**
 * Our tensors, put together from StableLM's.
 *
 * @param find StableLM's tensor of a place; undefined if there is none
 * @param path named in errors
 * @throws CheckpointError `tensor-missing` or `tensor-shape`, naming the tensor
 */
export function fromStableLm(
  config: DecoderConfig,
  find: (place: StableLmPlace) => { name: string; source: FloatSource | undefined },
  path: string,
): TensorSource[] {
  const parts = stableLmPlaces(config).map((place) => {
    const { name, source } = find(place);
    if (source === undefined)
      throw new CheckpointError('tensor-missing', path, `has no tensor ${name} of floats`);
    if (!sameShape(source.shape, place.shape)) {
      throw new CheckpointError(
        'tensor-shape',
        path,
        `${name} is ${formatShape(source.shape)}, and this model needs ${formatShape(place.shape)}`,
      );
    }
    return { ours: place.ours, source };
  });
  return parameterSpecs(config).map(({ name, shape }): TensorSource => {
    const sources = parts.filter(({ ours }) => ours === name).map(({ source }) => source);
    const read = async (): Promise<Float32Array> => {
      const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
      let at = 0;
      for (const source of sources) {
        const part = await source.read();
        values.set(part, at);
        at += part.length;
      }
      return values;
    };
    return { name: `weights.${name}`, dtype: 'F32', shape, read };
  });
}
