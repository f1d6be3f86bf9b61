import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.js';
import { CheckpointError } from '../errors.js';
import { saveCheckpoint } from '../train/checkpoint.js';
import type { DecoderConfig } from './config.js';
import { GGUF_FILE, TIED_HEAD } from './export-gguf.js';
import { GgufFile } from './gguf-read.js';
import { checkedConfig, shapeSettings, type ForeignModel } from './hugging-face.js';
import { makeModelFolder } from './make-folder.js';
import { checkpointFolder, saveConfig } from './model-folder.js';
import { fromStableLm } from './stable-lm.js';

/**
 * Makes a model folder, of step 0, from another format's model. The folder appears once it is whole.
 *
 * @param files content by name of further files, such as the tokenizer
 * @throws CheckpointError `model-exists`, and what reading the tensors throws
 */
export async function importModel(
  foreign: ForeignModel,
  folder: string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await makeModelFolder(folder, async (unfinished) => {
    const { config, tensors } = foreign;
    await saveConfig(unfinished, config);
    for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(unfinished, name), text);
    await saveCheckpoint(checkpointFolder(unfinished), 0, { tensors, meta: { config } });
  });
}

/** A GGUF file's model, and the texts that went along with it. */
export interface OpenGguf extends ForeignModel {
  files: Readonly<Record<string, string>>;
}

/**
 * Opens a StableLM in GGUF whose weights are f32, f16 or q8_0; those of q8_0 come back rounded.
 *
 * @throws CheckpointError `foreign-model` for a model that our decoder cannot be, naming the key; as `GgufFile.open` and
 *   `fromStableLm`
 */
export async function openGguf(path: string): Promise<OpenGguf> {
  const file = await GgufFile.open(path);
  try {
    const config = configOf(file);
    const find = ({ gguf: name }: { gguf: string }) => ({ name, source: file.source(name) });
    const files: Record<string, string> = {};
    for (const [key, value] of file.metadata) {
      const name = key.slice(GGUF_FILE.length);
      // A name from a file is never a path that leads out of the model's folder.
      if (!key.startsWith(GGUF_FILE) || typeof value !== 'string' || !/^[\w-][\w.-]*$/.test(name)) continue;
      files[name] = value;
    }
    return { config, files, tensors: fromStableLm(config, find, path), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function configOf(file: GgufFile): DecoderConfig {
  const { metadata, path, tensors } = file;
  const fail = (key: string, reason: string): CheckpointError =>
    new CheckpointError('foreign-model', path, `${key} is ${String(metadata.get(key))}: ${reason}`);
  if (metadata.get('general.architecture') !== 'stablelm') {
    throw fail('general.architecture', 'only stablelm can be imported');
  }
  if (metadata.get('stablelm.use_parallel_residual') !== false) {
    throw fail('stablelm.use_parallel_residual', 'only false can be imported');
  }
  const scaling = metadata.get('stablelm.rope.scaling.type') ?? 'none';
  if (scaling !== 'none') throw fail('stablelm.rope.scaling.type', 'only none can be imported');
  const unknown = ['attn_q.bias', 'attn_q_norm.weight'].find((name) => tensors.has(`blk.0.${name}`));
  if (unknown !== undefined) {
    throw new CheckpointError('foreign-model', path, `has ${unknown}, which our decoder does not have`);
  }
  const number = (key: string, otherwise?: number): number => {
    const value = metadata.get(`stablelm.${key}`) ?? otherwise;
    if (typeof value === 'number') return value;
    throw fail(`stablelm.${key}`, 'it must be a number');
  };
  const nHead = number('attention.head_count');
  if (number('attention.head_count_kv', nHead) !== nHead) {
    throw fail('stablelm.attention.head_count_kv', `only as many as heads, ${nHead}, can be imported`);
  }
  const width = number('embedding_length');
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw new CheckpointError('tensor-missing', path, 'has no tensor token_embd.weight');
  const config: DecoderConfig = {
    vocabSize: embedding.shape[0]!,
    context: number('context_length'),
    nLayer: number('block_count'),
    nHead,
    width,
    mlpWidth: number('feed_forward_length'),
    ...shapeSettings({
      rotaryDim: number('rope.dimension_count'),
      headDim: width / nHead,
      rotaryBase: number('rope.freq_base', 10_000),
      layernormEps: number('attention.layer_norm_epsilon'),
    }),
    tiedHead: metadata.get(TIED_HEAD) === true,
  };
  return checkedConfig(config, path);
}
