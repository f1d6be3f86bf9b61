import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic, writeJsonAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { CheckpointError } from '../errors.js';
import { SafetensorsFile, writeSafetensors, type TensorSource } from '../train/safetensors.js';
import { checkConfig, type DecoderConfig } from './config.js';
import { asFloats, inHalves, storedTensor, type ExportDType } from './half-weights.js';
import { openWeights } from './open-weights.js';
import { fromStableLm, placeSource, stableLmPlaces } from './stable-lm.js';

const MODEL_TYPE = 'stablelm';
const CONFIG_FILE = 'config.json';
const WEIGHTS_FILE = 'model.safetensors';

/** Ids that transformers wants to know, and files that go along. */
export interface HuggingFaceExport {
  dtype: ExportDType;
  /** Ends a text. */
  endId?: number | undefined;
  padId?: number | undefined;
  /** Content by file name: the tokenizer and its settings. */
  files?: Readonly<Record<string, string>> | undefined;
}

/** The configuration with which transformers' `StableLmForCausalLM` gives the same results as our decoder. */
function stableLmConfig(
  config: DecoderConfig,
  { dtype, endId, padId }: HuggingFaceExport,
): Record<string, unknown> {
  const { vocabSize, context, nLayer, nHead, width, mlpWidth, tiedHead } = config;
  const { rotaryBase = 10_000, layernormEps = 1e-5, rotaryDim = width / nHead } = config;
  return {
    architectures: ['StableLmForCausalLM'],
    model_type: MODEL_TYPE,
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
    // The library's defaults are ids of another vocabulary.
    bos_token_id: null,
    eos_token_id: endId ?? null,
    pad_token_id: padId ?? null,
  };
}

/**
 * Writes the newest whole checkpoint of a model folder for transformers' `from_pretrained`: `config.json`,
 * `generation_config.json`, `model.safetensors` and the given files. One tensor is in memory at a time.
 *
 * @returns the step
 * @throws CheckpointError as `openWeights`; `f16-overflow` with dtype f16, naming a weight that f16 cannot hold
 */
export async function exportStableLm(
  model: string,
  folder: string,
  settings: HuggingFaceExport,
): Promise<number> {
  const { dtype, endId, padId, files = {} } = settings;
  const weights = await openWeights(model);
  try {
    const { config, step, tensors } = weights;
    const sources = stableLmPlaces(config).map((place): TensorSource => {
      const source = placeSource(place.transformers, place, tensors.get(place.ours)!);
      return dtype === 'f16' ? inHalves(source, weights.path) : source;
    });
    await writeSafetensors(join(folder, WEIGHTS_FILE), sources, { format: 'pt' });
    for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(folder, name), text);
    await writeJsonAtomic(join(folder, 'generation_config.json'), {
      do_sample: false,
      max_length: config.context,
      eos_token_id: endId ?? null,
      pad_token_id: padId ?? null,
    });
    await writeJsonAtomic(join(folder, CONFIG_FILE), stableLmConfig(config, settings));
    return step;
  } finally {
    await weights.close();
  }
}

/** A model of another format, opened to be imported. The caller closes it. */
export interface ForeignModel {
  config: DecoderConfig;
  /** Under the names of our checkpoints. */
  tensors: TensorSource[];
  close(): Promise<void>;
}

/**
 * Opens a StableLM of transformers, whose weights are one safetensors file in f32 or f16.
 *
 * @throws CheckpointError `foreign-model` for a model that our decoder cannot be, naming the setting; `tensor-missing` or
 *   `tensor-shape`, naming the tensor; as `SafetensorsFile.open`
 */
export async function openStableLm(folder: string): Promise<ForeignModel> {
  const path = join(folder, CONFIG_FILE);
  const config = decoderConfig(await readConfig(path), path);
  const file = await SafetensorsFile.open(join(folder, WEIGHTS_FILE));
  try {
    const find = ({ transformers: name }: { transformers: string }) => {
      const entry = file.tensors.get(name);
      const isFloat = entry?.dtype === 'F32' || entry?.dtype === 'F16';
      return { name, source: isFloat ? asFloats(storedTensor(file, name, entry)) : undefined };
    };
    return { config, tensors: fromStableLm(config, find, file.path), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw new Error('it is not an object');
  } catch (cause) {
    throw new CheckpointError('foreign-model', path, whyUnreadable(cause), {
      cause,
    });
  }
}

/** What our decoder does not have, and the value that stands for not having it. */
const FIXED: Readonly<Record<string, unknown>> = {
  model_type: MODEL_TYPE,
  hidden_act: 'silu',
  use_qkv_bias: false,
  qk_layernorm: false,
  use_parallel_residual: false,
};

function decoderConfig(stored: Record<string, unknown>, path: string): DecoderConfig {
  const fail = (field: string, reason: string): CheckpointError =>
    new CheckpointError('foreign-model', path, `${field} is ${JSON.stringify(stored[field])}: ${reason}`);
  for (const [field, expected] of Object.entries(FIXED)) {
    const found = stored[field] ?? (typeof expected === 'boolean' ? false : undefined);
    if (found !== expected) throw fail(field, `only models with ${JSON.stringify(expected)} can be imported`);
  }
  for (const field of ['rope_scaling', 'rope_parameters']) {
    if (stored[field] !== undefined && stored[field] !== null)
      throw fail(field, 'only rope_theta and partial_rotary_factor are read');
  }
  const number = (field: string, otherwise?: number): number => {
    const value = stored[field] ?? otherwise;
    if (typeof value === 'number') return value;
    throw fail(field, 'it must be a number');
  };
  const nHead = number('num_attention_heads');
  if (number('num_key_value_heads', nHead) !== nHead) {
    throw fail('num_key_value_heads', `only as many as heads, ${nHead}, can be imported`);
  }
  const width = number('hidden_size');
  const config: DecoderConfig = {
    vocabSize: number('vocab_size'),
    context: number('max_position_embeddings'),
    nLayer: number('num_hidden_layers'),
    nHead,
    width,
    mlpWidth: number('intermediate_size'),
    // transformers' own defaults.
    ...shapeSettings({
      rotaryDim: Math.trunc((width / nHead) * number('partial_rotary_factor', 0.25)),
      headDim: width / nHead,
      rotaryBase: number('rope_theta', 10_000),
      layernormEps: number('layer_norm_eps', 1e-5),
    }),
    tiedHead: stored['tie_word_embeddings'] === true,
  };
  return checkedConfig(config, path);
}

/** The settings that are not our decoder's defaults: a model that comes back has the `model.json` that it left with. */
export function shapeSettings(found: {
  rotaryDim: number;
  headDim: number;
  rotaryBase: number;
  layernormEps: number;
}): Pick<DecoderConfig, 'rotaryDim' | 'rotaryBase' | 'layernormEps'> {
  const { rotaryDim, headDim, rotaryBase, layernormEps } = found;
  return {
    ...(rotaryDim !== headDim && { rotaryDim }),
    ...(rotaryBase !== 10_000 && { rotaryBase }),
    ...(Math.fround(layernormEps) !== Math.fround(1e-5) && { layernormEps }),
  };
}

/** @throws CheckpointError `foreign-model` for a shape that our decoder cannot have */
export function checkedConfig(config: DecoderConfig, path: string): DecoderConfig {
  try {
    checkConfig(config);
    return config;
  } catch (cause) {
    throw new CheckpointError('foreign-model', path, (cause as Error).message, { cause });
  }
}
