import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { loadConfig } from '../nn/model-folder.js';
import { parameterCount, type DecoderConfig } from '../nn/config.js';
import { readBest } from '../train/best.js';
import { CheckpointError } from '../errors.js';
import { PROGRESS_FILE, type TrainProgress } from '../train/progress.js';
import { metricsFile } from '../train/run-state.js';
import type { StepReport } from '../train/run.js';
import { CurveBook, type RunCurves } from './curves.js';
import { readSessions, wholeLines, type RunSession } from './sessions.js';

/** Everything that a run's page shows. */
export interface RunView {
  name: string;
  /** Names and values; a run of an older version may lack some. */
  model: Readonly<Record<string, unknown>>;
  settings: Readonly<Record<string, unknown>>;
  sessions: RunSession[];
  best?: { step: number } | undefined;
  /** The last line of `progress.jsonl`. */
  progress?: TrainProgress | undefined;
  /** Time spent on training, in all sessions; absent where it was not recorded. */
  secondsSpent?: number | undefined;
  /** The share of that time in which training waited for checkpoints; absent where it was not recorded. */
  savingShare?: number | undefined;
  curves: RunCurves;
}

/**
 * Reads what a run's folder says, whether it is training or not.
 * @param mayBeEmpty whether a run without a step is one too
 * @throws CheckpointError that of `loadConfig`, or `run-not-found` for a model without a run
 */
export async function readRun(
  folder: string,
  { mayBeEmpty = false }: { mayBeEmpty?: boolean | undefined } = {},
): Promise<{ view: RunView; book: CurveBook }> {
  const config = await loadConfig(folder);
  const reports = await wholeLines<StepReport>(metricsFile(folder));
  if (reports.length === 0 && !mayBeEmpty) {
    throw new CheckpointError(
      'run-not-found',
      metricsFile(folder),
      'has no step: the model was imported or shipped, or its first step is not done',
    );
  }
  const book = new CurveBook();
  for (const report of reports) book.step(report);
  const progress = await wholeLines<TrainProgress>(join(folder, PROGRESS_FILE));
  for (const line of progress) book.clock(line);
  return { view: await viewOf(folder, { config, progress, book }), book };
}

async function viewOf(
  folder: string,
  { config, progress, book }: { config: DecoderConfig; progress: TrainProgress[]; book: CurveBook },
): Promise<RunView> {
  const sessions = await readSessions(folder);
  const best = await readBest(folder);
  return {
    name: basename(resolve(folder)),
    model: { parameters: parameterCount(config), ...config },
    settings: await readSettingsFile(folder),
    sessions,
    best: best && { step: best.step },
    progress: progress.at(-1),
    secondsSpent: secondsSpent(sessions, progress),
    savingShare: savingShare(progress),
    curves: book.curves(),
  };
}

async function readSettingsFile(folder: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return {}; // A run of an older version: the page says that it was not recorded.
  }
}

/** The last line of progress of each session: the seconds of a session begin again at 0. */
function sessionEnds(progress: readonly TrainProgress[]): TrainProgress[] {
  return progress.filter(
    (line, i) => !(progress[i + 1] && progress[i + 1]!.sessionSeconds > line.sessionSeconds),
  );
}

function savingShare(progress: readonly TrainProgress[]): number | undefined {
  const known = sessionEnds(
    progress.filter((line: Partial<TrainProgress>) => line.sessionSeconds !== undefined),
  );
  const sum = (field: 'sessionSeconds' | 'savingSeconds'): number =>
    known.reduce((total, line) => total + line[field], 0);
  return sum('sessionSeconds') > 0 ? sum('savingSeconds') / sum('sessionSeconds') : undefined;
}

/** From the start of each session to its last line of progress. */
function secondsSpent(
  sessions: readonly RunSession[],
  progress: readonly TrainProgress[],
): number | undefined {
  // The first sessions of a run of an older version were not noted.
  if (sessions[0]?.resumedFrom !== 0) return undefined;
  const steady = progress.every((line: Partial<TrainProgress>) => line.sessionSeconds !== undefined);
  if (steady) return sessionEnds(progress).reduce((sum, line) => sum + line.sessionSeconds, 0);
  // An older version did not write the seconds of a session: the clock of the day has to do.
  const starts = sessions.map(({ time }) => Date.parse(time));
  const lines = progress.map(({ time }) => Date.parse(time));
  return starts.reduce((sum, start, i) => {
    const end = starts[i + 1] ?? Infinity;
    const last = lines.filter((time) => time >= start && time < end).at(-1);
    return sum + (last === undefined ? 0 : (last - start) / 1000);
  }, 0);
}
