import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../base/files.js';
import type { Decoder } from '../nn/decoder.js';
import { checkpointFolder, saveModel } from '../nn/model-folder.js';
import { listCheckpoints } from './checkpoint.js';
import type { ValidationReport } from './validation.js';

/** The best validation of a run. */
export interface BestScore extends Pick<ValidationReport, 'loss' | 'right' | 'asked'> {
  step: number;
}

/** A step that is done again is measured against the steps before it only, as it was the first time. */
interface KeptScore extends BestScore {
  before?: BestScore[] | undefined;
}

/** In a run's folder: a model folder of its own, with the weights that did best and without an optimizer's state. */
export const BEST_FOLDER = 'best';
const BEST_FILE = 'best.json';

/** The best validation so far, or undefined. */
export async function readBest(folder: string): Promise<BestScore | undefined> {
  const score = await readScores(folder);
  delete score?.before;
  return score;
}

/** The best score's file: with what was best before it, oldest first. */
async function readScores(folder: string): Promise<KeptScore | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, BEST_FOLDER, BEST_FILE), 'utf8')) as KeptScore;
  } catch {
    return undefined; // Without a readable score the next validation is the best one.
  }
}

/** More right answers are better; among equals, and where nothing was asked, a lower loss is. */
export function isBetter(found: ValidationReport, best: BestScore | undefined): boolean {
  if (!best) return true;
  const share = ({ right = 0, asked = 0 }: Pick<BestScore, 'right' | 'asked'>): number =>
    asked === 0 ? 0 : right / asked;
  if (share(found) !== share(best)) return share(found) > share(best);
  return (found.loss ?? Infinity) < (best.loss ?? Infinity);
}

/**
 * Keeps a model's weights as the best of the run if they are.
 *
 * @param modelFiles names of files in the run's folder that the model needs besides
 * @returns whether they were kept
 */
export async function keepBest(
  folder: string,
  decoder: Decoder,
  { step, report, modelFiles }: { step: number; report: ValidationReport; modelFiles: readonly string[] },
): Promise<boolean> {
  const last = await readScores(folder);
  const { before: older = [], ...newest } = last ?? { step: Infinity };
  const before = [...older, newest].filter((score) => score.step < step);
  if (!isBetter(report, before.at(-1))) return false;
  const best = join(folder, BEST_FOLDER);
  await saveModel(decoder, best, step);
  for (const name of modelFiles) await copyFile(join(folder, name), join(best, name));
  const { loss, right, asked } = report;
  await writeJsonAtomic(join(best, BEST_FILE), { step, loss, right, asked, before } satisfies KeptScore);
  // Later weights, of steps that are done again, would otherwise be taken for the newest.
  for (const other of await listCheckpoints(checkpointFolder(best))) {
    if (other.step <= step) continue;
    const stem = join(checkpointFolder(best), `checkpoint-${String(other.step).padStart(8, '0')}`);
    for (const suffix of ['.json', '.safetensors']) await rm(stem + suffix, { force: true });
  }
  return true;
}

/** Names of the files of the best model, with `/`, for a mirror. */
export async function bestFiles(folder: string, modelFiles: readonly string[]): Promise<string[]> {
  const score = await readBest(folder);
  if (!score) return [];
  const stem = `checkpoints/checkpoint-${String(score.step).padStart(8, '0')}`;
  const names = ['model.json', BEST_FILE, ...modelFiles, `${stem}.safetensors`, `${stem}.json`];
  return names.map((name) => `${BEST_FOLDER}/${name}`);
}
