import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { holderOf } from '../../base/lock.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { CheckpointError } from '../errors.js';
import { parameterCount } from '../nn/config.js';
import { checkpointFolder, loadConfig } from '../nn/model-folder.js';
import { readBest, type BestScore } from './best.js';
import { listCheckpoints, type ListedCheckpoint } from './checkpoint.js';
import type { StepReport, TrainOptions } from './trainer.js';

/** What a run's folder says about it. */
export interface RunSummary {
  name: string;
  parameters: number;
  steps: {
    done: number;
    /** Absent for models without a run, such as shipped ones, and for timed runs. */
    planned?: number | undefined;
  };
  /** Of the last step in `metrics.jsonl`, which may be later than the last checkpoint. */
  loss?: number | undefined;
  /** Newest first. Lengths are compared, hashes are not: that would read every byte. */
  checkpoints: ListedCheckpoint[];
  /** The best validation; its weights are in the folder `best`. */
  best?: BestScore | undefined;
  /** The process that is training in the folder. */
  training?: number | undefined;
}

/**
 * Every run in a folder and in the folders in it, by name, or the run that the folder itself is. A run in a folder of the
 * folder is named with both: `demo/model`.
 * @throws CheckpointError `runs-not-found` when the folder cannot be read, and that of `loadConfig` for a broken run
 */
export async function listRuns(folder: string): Promise<RunSummary[]> {
  const names = await foldersIn(folder).catch((cause: unknown) => {
    throw new CheckpointError('runs-not-found', folder, whyUnreadable(cause), { cause });
  });
  if (await isModel(folder)) return [await summarise(folder, basename(folder))];
  const runs: string[] = [];
  for (const name of names) {
    if (await isModel(join(folder, name))) runs.push(name);
    else {
      const inside = await foldersIn(join(folder, name)).catch(() => []);
      for (const inner of inside) if (await isModel(join(folder, name, inner))) runs.push(`${name}/${inner}`);
    }
  }
  return Promise.all(runs.sort().map((name) => summarise(join(folder, name), name)));
}

const isModel = async (folder: string): Promise<boolean> =>
  (await stat(join(folder, 'model.json')).catch(() => undefined)) !== undefined;

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function summarise(folder: string, name: string): Promise<RunSummary> {
  const config = await loadConfig(folder);
  const checkpoints = (await listCheckpoints(checkpointFolder(folder))).reverse();
  const newest = checkpoints.find(({ problem }) => problem === undefined);
  const last = await lastStep(join(folder, 'metrics.jsonl'));
  const options = (newest?.meta?.['options'] ?? {}) as Partial<TrainOptions>;
  return {
    name,
    parameters: parameterCount(config),
    steps: {
      done: Math.max(last?.step ?? 0, newest?.step ?? 0),
      planned: options.seconds === undefined ? options.steps : undefined,
    },
    loss: last?.loss,
    checkpoints: checkpoints.map(({ meta: _, ...listed }) => listed),
    best: await readBest(folder),
    training: (await holderOf(folder))?.pid,
  };
}

/** The last whole line of the metrics; a killed run may have cut its last one short. */
async function lastStep(file: string): Promise<StepReport | undefined> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n');
  for (const line of lines.slice(-2).reverse()) {
    try {
      return JSON.parse(line) as StepReport;
    } catch {
      continue;
    }
  }
  return undefined;
}
