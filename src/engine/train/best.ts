import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../base/files.js';
import type { Decoder } from '../nn/decoder.js';
import type { DecoderConfig } from '../nn/config.js';
import { checkpointFolder, saveConfig, weightTensors } from '../nn/model-folder.js';
import { listCheckpoints, saveCheckpoint } from './checkpoint.js';
import type { TensorSource } from './safetensors.js';
import { snapshot, type Captured } from './saver.js';
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
 * Takes a model's weights as the best of the run if they are.
 *
 * @param modelFiles names of files in the run's folder that the model needs besides
 * @returns what is to be written, or undefined if there are better ones
 */
export async function captureBest(
  folder: string,
  decoder: Decoder,
  { step, report, modelFiles }: { step: number; report: ValidationReport; modelFiles: readonly string[] },
): Promise<Captured | undefined> {
  const last = await readScores(folder);
  const { before: older = [], ...newest } = last ?? { step: Infinity };
  const before = [...older, newest].filter((score) => score.step < step);
  if (!isBetter(report, before.at(-1))) return undefined;
  const { loss, right, asked } = report;
  const score: KeptScore = { step, loss, right, asked, before };
  const { sources, isHeld } = await snapshot(weightTensors(decoder));
  const { config } = decoder;
  return { write: () => writeBest(folder, { config, sources, score, modelFiles }), isHeld };
}

interface BestWeights {
  config: DecoderConfig;
  sources: TensorSource[];
  score: KeptScore;
  modelFiles: readonly string[];
}

async function writeBest(folder: string, { config, sources, score, modelFiles }: BestWeights): Promise<void> {
  const best = join(folder, BEST_FOLDER);
  const { step } = score;
  await saveConfig(best, config);
  await saveCheckpoint(checkpointFolder(best), step, { tensors: sources, meta: { config } });
  for (const name of modelFiles) await copyFile(join(folder, name), join(best, name));
  await writeJsonAtomic(join(best, BEST_FILE), score);
  // Later weights, of steps that are done again, would otherwise be taken for the newest.
  for (const other of await listCheckpoints(checkpointFolder(best))) {
    if (other.step <= step) continue;
    const stem = join(checkpointFolder(best), `checkpoint-${String(other.step).padStart(8, '0')}`);
    for (const suffix of ['.json', '.safetensors']) await rm(stem + suffix, { force: true });
  }
}

/** Names of the files of the best model, with `/`, for a mirror. */
export async function bestFiles(folder: string, modelFiles: readonly string[]): Promise<string[]> {
  const score = await readBest(folder);
  if (!score) return [];
  const stem = `checkpoints/checkpoint-${String(score.step).padStart(8, '0')}`;
  const names = ['model.json', BEST_FILE, ...modelFiles, `${stem}.safetensors`, `${stem}.json`];
  return names.map((name) => `${BEST_FOLDER}/${name}`);
}
