import { CheckpointError } from '../errors.js';
import type { TensorSource } from '../train/safetensors.js';
import type { DecoderConfig } from './config.js';
import { writeGgufFile, type GgufTensor, type GgufValue } from './gguf-write.js';
import { inHalves } from './half-weights.js';
import { openWeights } from './open-weights.js';
import { Q8_BLOCK, toQ8 } from './q8.js';
import { placeSource, stableLmPlaces, type FloatSource } from './stable-lm.js';

export type GgufDType = 'f32' | 'f16' | 'q8_0';

/** What llama.cpp needs to turn text into the ids that a model was trained on. */
export interface GgufVocabulary {
  /** By id, in the byte-level alphabet. */
  tokens: readonly string[];
  /** By id: 1 an ordinary token, 3 a control token, 4 a token that is always whole, 5 unused. */
  types: readonly number[];
  /** `left right`, in order of rank. */
  merges: readonly string[];
  /** The name of the rule by which llama.cpp cuts a text into pieces. */
  pre: string;
  /** Ends a text. */
  endId: number;
  padId: number;
}

export interface GgufExport {
  dtype: GgufDType;
  name: string;
  vocabulary: GgufVocabulary;
  /** Texts that go along under `openward.file.NAME`, which other programs skip. */
  files?: Readonly<Record<string, string>> | undefined;
}

/** Of `general.file_type`: what most tensors are. */
const FILE_TYPES = { f32: 0, f16: 1, q8_0: 7 } as const;
const QUANTISATION_VERSION = 2;

/**
 * Writes the newest whole checkpoint of a model folder as one GGUF file for llama.cpp, architecture `stablelm`. Norms stay
 * f32; with q8_0, so that llama.cpp can read it, a matrix whose rows are no multiple of 32 is f16. One tensor is in
 * memory at a time.
 *
 * @returns the step
 * @throws CheckpointError as `openWeights`; `f16-overflow` naming a weight that the dtype cannot hold; `vocabulary-size`
 *   when there are more tokens than the model has rows
 */
export async function exportGguf(model: string, path: string, options: GgufExport): Promise<number> {
  const weights = await openWeights(model);
  try {
    await writeStableLm(path, weights, options);
    return weights.step;
  } finally {
    await weights.close();
  }
}

/** A decoder's weights by their names. */
interface NamedWeights {
  config: DecoderConfig;
  tensors: ReadonlyMap<string, FloatSource>;
  /** Named in errors. */
  path: string;
}

/** As `exportGguf`, for weights that lie elsewhere. */
export async function writeStableLm(
  path: string,
  { config, tensors, path: from }: NamedWeights,
  { dtype, name, vocabulary, files = {} }: GgufExport,
): Promise<void> {
  const places = stableLmPlaces(config).map((place) => ({
    name: place.gguf,
    place,
    ours: tensors.get(place.ours)!,
  }));
  if (config.tiedHead) {
    const place = places[0]!;
    // llama.cpp's stablelm wants the head as a tensor of its own.
    places.push({ ...place, name: 'output.weight' });
  }
  const metadata = [
    ...shapeMetadata(config, name, dtype),
    ...vocabularyMetadata(config, vocabulary, from),
    ...Object.entries(files).map(([file, value]) => entry(`${GGUF_FILE}${file}`, { type: 'string', value })),
  ];
  await writeGgufFile(
    path,
    metadata,
    places.map((one) => stored(one.name, placeSource(one.name, one.place, one.ours), dtype, from)),
  );
}

/** Before the names of files that go along. */
export const GGUF_FILE = 'openward.file.';
/** Whether the head was the embedding: in this file both are there. */
export const TIED_HEAD = 'openward.tied_head';

function stored(name: string, source: TensorSource, dtype: GgufDType, path: string): GgufTensor {
  const { shape } = source;
  if (dtype === 'f32' || shape.length === 1) return { name, type: 'F32', shape, read: source.read };
  if (dtype === 'f16' || shape[1]! % Q8_BLOCK !== 0) {
    return { name, type: 'F16', shape, read: inHalves(source, path).read };
  }
  const read = async (): Promise<Uint8Array> => {
    const bytes = toQ8((await source.read()) as Float32Array);
    if (bytes) return bytes;
    throw new CheckpointError(
      'f16-overflow',
      path,
      `${name} holds a weight that q8_0 cannot hold: export with --dtype f32`,
    );
  };
  return { name, type: 'Q8_0', shape, read };
}

function entry(key: string, value: GgufValue): readonly [string, GgufValue] {
  return [key, value];
}

function shapeMetadata(
  config: DecoderConfig,
  name: string,
  dtype: GgufDType,
): (readonly [string, GgufValue])[] {
  const { vocabSize, context, nLayer, nHead, width, mlpWidth, tiedHead } = config;
  const { rotaryDim = width / nHead, rotaryBase = 10_000, layernormEps = 1e-5 } = config;
  const whole = (key: string, value: number): readonly [string, GgufValue] =>
    entry(key, { type: 'u32', value });
  const real = (key: string, value: number): readonly [string, GgufValue] =>
    entry(key, { type: 'f32', value });
  return [
    entry('general.architecture', { type: 'string', value: 'stablelm' }),
    entry('general.name', { type: 'string', value: name }),
    whole('general.file_type', FILE_TYPES[dtype]),
    ...(dtype === 'q8_0' ? [whole('general.quantization_version', QUANTISATION_VERSION)] : []),
    whole('stablelm.context_length', context),
    whole('stablelm.embedding_length', width),
    whole('stablelm.block_count', nLayer),
    whole('stablelm.feed_forward_length', mlpWidth),
    whole('stablelm.attention.head_count', nHead),
    whole('stablelm.attention.head_count_kv', nHead),
    real('stablelm.attention.layer_norm_epsilon', layernormEps),
    whole('stablelm.rope.dimension_count', rotaryDim),
    real('stablelm.rope.freq_base', rotaryBase),
    entry('stablelm.use_parallel_residual', { type: 'bool', value: false }),
    whole('stablelm.vocab_size', vocabSize),
    entry(TIED_HEAD, { type: 'bool', value: tiedHead }),
  ];
}

const UNUSED = 5;

function vocabularyMetadata(
  { vocabSize }: DecoderConfig,
  { tokens, types, merges, pre, endId, padId }: GgufVocabulary,
  path: string,
): (readonly [string, GgufValue])[] {
  if (tokens.length > vocabSize) {
    throw new CheckpointError(
      'vocabulary-size',
      path,
      `the model knows ${vocabSize} tokens, and its tokenizer has ${tokens.length}`,
    );
  }
  const unused = Array.from({ length: vocabSize - tokens.length }, (_, i) => `<|unused_${i}|>`);
  const id = (key: string, value: number): readonly [string, GgufValue] =>
    entry(`tokenizer.ggml.${key}`, { type: 'u32', value });
  return [
    entry('tokenizer.ggml.model', { type: 'string', value: 'gpt2' }),
    entry('tokenizer.ggml.pre', { type: 'string', value: pre }),
    entry('tokenizer.ggml.tokens', { type: 'strings', value: [...tokens, ...unused] }),
    entry('tokenizer.ggml.token_type', { type: 'i32s', value: [...types, ...unused.map(() => UNUSED)] }),
    entry('tokenizer.ggml.merges', { type: 'strings', value: merges }),
    // Our texts have no token that begins them; llama.cpp wants the number of one.
    id('bos_token_id', endId),
    id('eos_token_id', endId),
    id('padding_token_id', padId),
    entry('tokenizer.ggml.add_bos_token', { type: 'bool', value: false }),
    entry('tokenizer.ggml.add_eos_token', { type: 'bool', value: false }),
  ];
}
