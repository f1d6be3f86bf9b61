import { join } from 'node:path';
import { currentCommit } from '../../base/commit.js';
import { sha256File } from '../../base/files.js';
import { TOKENIZER_FILE } from '../../data/corpus/files.js';
import { loadRecordFormat } from '../../data/record-format.js';
import { valuesFileIn } from '../../data/values/open-values.js';
import { checkpointFolder, loadConfig } from '../../engine/nn/model-folder.js';
import { findNewestGood } from '../../engine/train/checkpoint.js';
import { loadCalibration } from '../answerable/load.js';
import type { SetQuestion } from './question-set.js';

/** What answers depend on besides question, adapter and kernels. */
export interface PlannedAnswers {
  /** The model's folder. */
  model: string;
  candidates: number;
  batch: number;
  constrain: boolean;
  refuse: boolean;
  /** A folder with values of databases. */
  values?: string | undefined;
}

/**
 * Everything that the answers to some questions depend on, as text: hashes instead of paths, since another machine has
 * the same files elsewhere. The version of the program counts too.
 *
 * @returns that text, and the step of the model's newest whole checkpoint, undefined if it has none
 * @throws CheckpointError, DataError for a model folder that cannot be read
 */
export async function answerPlan(
  { model, values, ...options }: PlannedAnswers,
  questions: readonly SetQuestion[],
): Promise<{ plan: string; step: number | undefined }> {
  const { checkpoint } = await findNewestGood(checkpointFolder(model));
  const threshold = options.refuse ? (await loadCalibration()).threshold : null;
  const plan = {
    ...options,
    threshold,
    commit: currentCommit(),
    weights: checkpoint?.sha256,
    config: await loadConfig(model),
    format: await loadRecordFormat(model),
    tokenizer: await sha256File(join(model, TOKENIZER_FILE)),
    values: values === undefined ? [] : await hashesOf(values, questions),
  };
  return { plan: JSON.stringify(plan), step: checkpoint?.step };
}

async function hashesOf(folder: string, questions: readonly SetQuestion[]): Promise<string[]> {
  const bundles = new Set(questions.map(({ index }) => index.bundle));
  const files = new Set([...bundles].map((bundle) => valuesFileIn(folder, bundle)));
  return Promise.all(
    [...files]
      .filter((file) => file !== undefined)
      .sort()
      .map(sha256File),
  );
}
