import { RECOMPUTE, type Recompute } from '../engine/nn/block.js';
import { checkpointFolder } from '../engine/nn/model-folder.js';
import { listCheckpoints } from '../engine/train/checkpoint.js';
import { fitMemory } from '../engine/train/fit-memory.js';
import { newestMirrored } from '../engine/train/mirror.js';
import type { TrainOptions } from '../engine/train/trainer.js';
import type { TrainingSettings } from './training-settings.js';

export type RowSplit = Pick<TrainingSettings, 'batchSize' | 'microBatches' | 'recompute'>;

export interface RowsToSplit {
  /** The run's folder. */
  folder: string;
  /** A copy of the run, which it is restored from where the folder is lost. */
  mirror?: string | undefined;
  settings: RowSplit;
  /** Bytes that a step may take; without it the settings decide. */
  memory?: { bytes: number; recompute?: Recompute | undefined } | undefined;
}

/**
 * The split of a step's rows into micro-batches: the settings', that of the run in the folder, or one that fits.
 *
 * @param needed bytes that a step of this split takes
 * @throws ShapeError when not even one row fits, as `fitMemory`
 */
export async function splitRows(
  { folder, mirror, settings, memory }: RowsToSplit,
  needed: (split: RowSplit) => number,
): Promise<RowSplit> {
  const { batchSize, microBatches, recompute } = settings;
  if (!memory) return { batchSize, microBatches, recompute };
  const rows = batchSize * microBatches;
  const allowed = memory.recompute === undefined ? RECOMPUTE : [memory.recompute];
  const known = await splitOfRun(folder, mirror);
  if (!known || known.batchSize * known.microBatches !== rows) {
    const fit = fitMemory(rows, memory.bytes, needed, allowed);
    return { batchSize: fit.batchSize, microBatches: fit.microBatches, recompute: fit.recompute };
  }
  // The split decides which records share a row, so a resumed run keeps it; what is recomputed may change.
  const { recompute: fitting } = fitMemory(
    1,
    memory.bytes,
    ({ recompute }) => needed({ ...known, recompute }),
    allowed,
  );
  return { ...known, recompute: fitting };
}

async function splitOfRun(
  folder: string,
  mirror: string | undefined,
): Promise<Pick<RowSplit, 'batchSize' | 'microBatches'> | undefined> {
  const newest = (await listCheckpoints(checkpointFolder(folder))).findLast(({ meta }) => meta !== undefined);
  const meta = newest?.meta ?? (mirror === undefined ? undefined : await newestMirrored(mirror));
  const options = meta?.['options'] as Partial<TrainOptions> | undefined;
  if (options?.batchSize === undefined || options.microBatches === undefined) return undefined;
  return { batchSize: options.batchSize, microBatches: options.microBatches };
}
