import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import { findNewestGood, openTensors, saveCheckpoint } from '../train/checkpoint.js';
import type { TensorSource } from '../train/safetensors.js';
import { inHalves, storedTensor, type ExportDType } from './half-weights.js';
import { makeModelFolder } from './make-folder.js';
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
  return makeModelFolder(out, async (unfinished) => {
    const config = await loadConfig(model);
    const { checkpoint } = await findNewestGood(checkpointFolder(model));
    if (!checkpoint) {
      throw new CheckpointError('no-weights', checkpointFolder(model), 'has no whole checkpoint to export');
    }
    const file = await openTensors(checkpoint);
    try {
      const tensors: TensorSource[] = [...file.tensors]
        .filter(([name]) => name.startsWith('weights.'))
        .map(([name, entry]) => storedTensor(file, name, entry));
      await saveConfig(unfinished, config);
      for (const name of files) {
        if (existsSync(join(model, name))) await copyFile(join(model, name), join(unfinished, name));
      }
      await saveCheckpoint(checkpointFolder(unfinished), checkpoint.step, {
        tensors: dtype === 'f16' ? tensors.map((tensor) => inHalves(tensor, file.path)) : tensors,
        meta: { config },
      });
      return checkpoint.step;
    } finally {
      await file.close();
    }
  });
}
