import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CheckpointError } from '../errors.js';
import { findNewestGood, openTensors, saveCheckpoint } from '../train/checkpoint.js';
import type { TensorSource } from '../train/safetensors.js';
import { inHalves, storedTensor, type ExportDType } from './half-weights.js';
import { checkpointFolder, loadConfig, saveConfig } from './model-folder.js';

/**
 * Writes a model folder that holds the newest whole checkpoint's weights alone: to ship a model, or to ask it. Training
 * does not go on from it. The folder appears once it is whole.
 *
 * @param files names of further files of the model's folder that go along, if they exist
 * @returns the step
 * @throws CheckpointError as `loadConfig`; `no-weights`; `model-exists` when `out` holds anything; `f16-overflow`
 */
export async function exportWeights(
  model: string,
  out: string,
  { dtype, files = [] }: { dtype: ExportDType; files?: readonly string[] | undefined },
): Promise<number> {
  const present = existsSync(out) ? await readdir(out) : undefined;
  if (present !== undefined && present.length > 0) {
    throw new CheckpointError('model-exists', out, 'is not empty: choose a folder that does not exist');
  }
  const config = await loadConfig(model);
  const { checkpoint } = await findNewestGood(checkpointFolder(model));
  if (!checkpoint) {
    throw new CheckpointError('no-weights', checkpointFolder(model), 'has no whole checkpoint to export');
  }
  const unfinished = join(dirname(out), `.${basename(out)}.${process.pid}.tmp`);
  const file = await openTensors(checkpoint);
  try {
    const tensors: TensorSource[] = [...file.tensors]
      .filter(([name]) => name.startsWith('weights.'))
      .map(([name, entry]) => storedTensor(file, name, entry));
    await mkdir(unfinished, { recursive: true });
    await saveConfig(unfinished, config);
    for (const name of files) {
      if (existsSync(join(model, name))) await copyFile(join(model, name), join(unfinished, name));
    }
    await saveCheckpoint(checkpointFolder(unfinished), checkpoint.step, {
      tensors: dtype === 'f16' ? tensors.map((tensor) => inHalves(tensor, file.path)) : tensors,
      meta: { config },
    });
    if (present !== undefined) await rmdir(out);
    await rename(unfinished, out);
    return checkpoint.step;
  } finally {
    await file.close();
    await rm(unfinished, { recursive: true, force: true });
  }
}
