/**
 * A model as one safetensors file, in f16 or f32 and cut into parts, from which a model folder can be made again. What
 * is not a tensor (shape, step, state of the run, tokenizer) is in the file's metadata. The optimizer's moments are left
 * out: they would be four times the size of f16 weights.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, sha256File, writeFileAtomic } from '../../base/files.js';
import { CheckpointError } from '../errors.js';
import { findNewestGood, openTensors, saveCheckpoint, type CheckpointMeta } from '../train/checkpoint.js';
import { openParts, writeParts } from '../train/parts.js';
import { layOut, SafetensorsFile, type TensorSource } from '../train/safetensors.js';
import { checkConfig, type DecoderConfig } from './config.js';
import { inFloats, inHalves, storedTensor, type ExportDType } from './half-weights.js';
import { makeModelFolder } from './make-folder.js';
import { checkpointFolder, loadConfig, saveConfig } from './model-folder.js';

/** Of the parts' names. */
const STEM = 'weights';
const WEIGHTS = 'weights.';
/** Tensors of the optimizer up to this size are carried (the loss scale); larger ones, the moments, are left out. */
const SMALL_BYTES = 1024;

/** Names in the file's metadata. */
const STATE = 'openward.state';
const FILE = 'openward.file.';

interface CarriedState {
  step: number;
  config: DecoderConfig;
  meta: CheckpointMeta;
  /** Tensors that were left out, and their shapes. They start at zero again. */
  zeros: Record<string, readonly number[]>;
}

export interface PartsExport {
  dtype: ExportDType;
  /** The most bytes of a part. */
  partBytes: number;
  /** Names of further files of the model's folder that go along, such as the tokenizer, if they exist. */
  files?: readonly string[] | undefined;
}

/**
 * Writes the newest whole checkpoint of a model folder as `weights-1-of-4.part` and so on. One tensor and one part are
 * in memory at a time. The same checkpoint gives the same bytes.
 *
 * @returns the step, and the paths of the parts
 * @throws CheckpointError as `loadConfig` and `writeParts`; `no-weights`; `f16-overflow` naming a weight that f16 cannot
 *   hold
 */
export async function exportParts(
  model: string,
  out: string,
  { dtype, partBytes, files = [] }: PartsExport,
): Promise<{ step: number; parts: string[] }> {
  const config = await loadConfig(model);
  const { checkpoint } = await findNewestGood(checkpointFolder(model));
  if (!checkpoint) {
    throw new CheckpointError('no-weights', checkpointFolder(model), 'has no whole checkpoint to export');
  }
  const { step, meta, metaPath } = checkpoint;
  const file = await openTensors(checkpoint);
  try {
    const tensors: TensorSource[] = [];
    const zeros: CarriedState['zeros'] = {};
    for (const [name, entry] of file.tensors) {
      const source = storedTensor(file, name, entry);
      if (name.startsWith(WEIGHTS)) tensors.push(dtype === 'f16' ? inHalves(source, file.path) : source);
      else if (entry.bytes <= SMALL_BYTES) tensors.push(source);
      else zeros[name] = entry.shape;
    }
    const state: CarriedState = { step, config, meta, zeros };
    const metadata: Record<string, string> = { format: 'pt', [STATE]: JSON.stringify(state) };
    for (const name of files) {
      const path = join(model, name);
      if (existsSync(path)) metadata[`${FILE}${name}`] = await readFile(path, 'utf8');
    }
    const { bytes, header, chunks } = layOut(out, tensors, metadata);
    // The checkpoint's JSON has the hash of its tensors, so this names the bytes of the whole before they are made.
    const id = sha256([sha256(header), await sha256File(metaPath), partBytes].join());
    return { step, parts: await writeParts(out, STEM, { bytes, id, chunks }, partBytes) };
  } finally {
    await file.close();
  }
}

/**
 * Makes a model folder from the parts that `exportParts` wrote. Training continues from their step with moments of
 * zero. The folder appears once it is whole.
 *
 * @returns the step, and whether moments were left out
 * @throws CheckpointError as `openParts`; `model-exists` when the folder holds anything; `export-format` when the parts
 *   are no model
 */
export async function importParts(
  parts: string,
  model: string,
): Promise<{ step: number; momentsLost: boolean }> {
  return makeModelFolder(model, async (unfinished) => {
    const file = await SafetensorsFile.over(parts, await openParts(parts, STEM));
    try {
      const { step, config, meta, zeros } = carriedState(parts, file.metadata);
      const tensors = [...file.tensors].map(([name, entry]) => inFloats(storedTensor(file, name, entry)));
      for (const [name, shape] of Object.entries(zeros)) {
        const read = (): Float32Array => new Float32Array(shape.reduce((product, size) => product * size, 1));
        tensors.push({ name, dtype: 'F32', shape, read });
      }
      await saveConfig(unfinished, config);
      for (const [key, text] of Object.entries(file.metadata)) {
        if (key.startsWith(FILE)) await writeFileAtomic(join(unfinished, plainName(parts, key)), text);
      }
      await saveCheckpoint(checkpointFolder(unfinished), step, { tensors, meta });
      return { step, momentsLost: Object.keys(zeros).length > 0 };
    } finally {
      await file.close();
    }
  });
}

function carriedState(path: string, metadata: Readonly<Record<string, string>>): CarriedState {
  try {
    const state = JSON.parse(metadata[STATE] ?? 'null') as CarriedState;
    checkConfig(state.config);
    if (typeof state.zeros === 'object' && Number.isSafeInteger(state.step)) return state;
    throw new Error('step or tensors are missing');
  } catch (cause) {
    throw new CheckpointError(
      'export-format',
      path,
      `these parts are no model: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** A name from the parts is never a path that leads out of the model's folder. */
function plainName(path: string, key: string): string {
  const name = key.slice(FILE.length);
  if (/^[\w-][\w.-]*$/.test(name)) return name;
  throw new CheckpointError('export-format', path, `carries a file with the name ${JSON.stringify(name)}`);
}
