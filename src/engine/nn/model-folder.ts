import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import { writeJsonAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import type { Gpu } from '../gpu/device.js';
import {
  findNewestGood,
  openTensors,
  saveCheckpoint,
  type CheckpointInfo,
  type DamagedCheckpoint,
} from '../train/checkpoint.js';
import type { TensorSource, SafetensorsFile } from '../train/safetensors.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkConfig, type DecoderConfig } from './config.js';
import { Decoder, type DecoderOptions } from './decoder.js';
import { inFloats, storedTensor } from './half-weights.js';

/** A model's folder: `model.json` (its shape), `checkpoints/`, and other files, such as a tokenizer. */
const MODEL_FILE = 'model.json';
const FORMAT = 'openward-model';

export const checkpointFolder = (folder: string): string => join(folder, 'checkpoints');

export async function saveConfig(folder: string, config: DecoderConfig): Promise<void> {
  await writeJsonAtomic(join(folder, MODEL_FILE), { format: FORMAT, version: 1, config });
}

/** @throws CheckpointError when `model.json` is missing, broken or does not describe a decoder */
export async function loadConfig(folder: string): Promise<DecoderConfig> {
  const file = join(folder, MODEL_FILE);
  let stored: { format?: unknown; version?: unknown; config?: DecoderConfig };
  try {
    stored = JSON.parse(await readFile(file, 'utf8')) as typeof stored;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!/^(?:ENOENT|ENOTDIR)$/.test(code))
      throw new CheckpointError('model-format', file, whyUnreadable(error));
    if (code === 'ENOTDIR')
      throw new CheckpointError('model-not-found', folder, "is a file: name a model's folder");
    throw existsSync(folder)
      ? new CheckpointError('model-not-found', file, 'is not there: this is not a model folder')
      : new CheckpointError('model-not-found', folder, 'there is no such folder');
  }
  if (stored.format !== FORMAT || stored.version !== 1 || !stored.config) {
    throw new CheckpointError(
      'model-format',
      file,
      `format is ${JSON.stringify(stored.format)}, not "${FORMAT}"`,
    );
  }
  try {
    checkConfig(stored.config);
  } catch (error) {
    throw new CheckpointError('model-format', file, `config: ${(error as Error).message}`, { cause: error });
  }
  return stored.config;
}

export interface LoadedDecoder {
  decoder: Decoder;
  checkpoint: CheckpointInfo;
  /** Newer checkpoints that were skipped because they are damaged. */
  damaged: DamagedCheckpoint[];
}

/**
 * A decoder with the weights of the newest whole checkpoint.
 *
 * @param options `trainable` is false by default
 * @throws CheckpointError when the folder is not a model or has no whole checkpoint
 */
export async function loadDecoder(
  gpu: Gpu,
  folder: string,
  { trainable = false }: Pick<DecoderOptions, 'trainable'> = {},
): Promise<LoadedDecoder> {
  const config = await loadConfig(folder);
  const decoder = new Decoder(gpu, config, { trainable });
  const { checkpoint, damaged } = await loadWeights(decoder, folder);
  return { decoder, checkpoint, damaged };
}

/**
 * Fills a decoder with the weights of the newest whole checkpoint.
 *
 * @throws CheckpointError `no-weights` when the folder has none, `tensor-shape` when they are of another decoder
 */
export async function loadWeights(decoder: Decoder, folder: string): Promise<Omit<LoadedDecoder, 'decoder'>> {
  const { checkpoint, damaged } = await findNewestGood(checkpointFolder(folder));
  if (!checkpoint) {
    if (damaged[0]) throw damaged[0].reason;
    const reason = 'has no checkpoint: the model has no weights';
    throw new CheckpointError('no-weights', checkpointFolder(folder), reason);
  }
  const file = await openTensors(checkpoint);
  try {
    await restoreTensors(file, weightTensors(decoder));
  } finally {
    await file.close();
  }
  return { checkpoint, damaged };
}

/**
 * A decoder with the weights of the newest whole checkpoint in a folder that `saveModel` or `engine train` wrote.
 *
 * @param options `trainable` is false by default: the model then keeps no gradients
 * @throws CheckpointError when the folder is not a model or has no whole checkpoint
 */
export async function loadModel(
  gpu: Gpu,
  folder: string,
  options: Pick<DecoderOptions, 'trainable'> = {},
): Promise<Decoder> {
  return (await loadDecoder(gpu, folder, options)).decoder;
}

/**
 * Writes `model.json` and a checkpoint of the weights, atomically; older checkpoints but one are removed. The state of
 * an optimizer is not stored.
 *
 * @param step of training, which orders the checkpoints (default 0)
 * @throws EngineError `uninitialised` when a parameter has no values
 */
export async function saveModel(decoder: Decoder, folder: string, step = 0): Promise<void> {
  decoder.parameters.assertInitialised();
  await saveConfig(folder, decoder.config);
  const tensors = tensorSources(weightTensors(decoder));
  await saveCheckpoint(checkpointFolder(folder), step, { tensors, meta: { config: decoder.config } });
}

/** The weights under the names that checkpoints use. */
export function weightTensors(decoder: Decoder): Map<string, Tensor> {
  return new Map([...decoder.parameters.tensors].map(([name, tensor]) => [`weights.${name}`, tensor]));
}

/** Tensors in the form that a checkpoint takes: each is read from the GPU when it is written. */
export function tensorSources(tensors: ReadonlyMap<string, Tensor>): TensorSource[] {
  return [...tensors].map(([name, tensor]) => ({
    name,
    dtype: 'F32',
    shape: tensor.shape,
    read: () => tensor.read(),
  }));
}

/** Writes a file's tensors, of f32 or f16, to the GPU. @throws CheckpointError when one is missing or of another shape */
export async function restoreTensors(
  file: SafetensorsFile,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  for (const [name, tensor] of tensors) {
    const entry = file.tensors.get(name);
    const isFloat = entry?.dtype === 'F32' || entry?.dtype === 'F16';
    if (entry && !(isFloat && sameShape(entry.shape, tensor.shape))) {
      throw new CheckpointError(
        'tensor-shape',
        file.path,
        `${name} is ${entry.dtype} ${formatShape(entry.shape)}, and the model needs F32 ${formatShape(tensor.shape)}`,
      );
    }
    if (entry?.dtype === 'F16') {
      tensor.write((await inFloats(storedTensor(file, name, entry)).read()) as Float32Array);
    } else {
      tensor.write(new Float32Array((await file.read(name)).buffer));
    }
  }
}
