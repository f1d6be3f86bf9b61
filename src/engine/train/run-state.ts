import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.js';
import { CheckpointError } from '../errors.js';
import type { Decoder } from '../nn/decoder.js';
import {
  checkpointFolder,
  loadWeights,
  restoreTensors,
  saveConfig,
  weightTensors,
} from '../nn/model-folder.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AdamW } from './adamw.js';
import type { Batch } from './batch.js';
import { findNewestGood, openTensors, saveCheckpoint, type CheckpointInfo } from './checkpoint.js';
import { restoreFromMirror } from './mirror.js';
import { PROGRESS_FILE, type SmoothedLoss } from './progress.js';
import type { StepReport, TrainOptions, TrainRun } from './run.js';
import { snapshot, type Captured } from './saver.js';
import { decayStart, type RunSchedule } from './schedule.js';
import type { TrainStep } from './step.js';

/** What a run's checkpoints save and restore. */
export interface RunState {
  decoder: Decoder;
  step: TrainStep<Batch>;
  schedule: RunSchedule;
  smoothed: SmoothedLoss;
}

export const metricsFile = (folder: string): string => join(folder, 'metrics.jsonl');

/** Weights, moments and loss scale by their names in checkpoints. */
export function stateTensors(
  decoder: Decoder,
  step: { optimizer: Pick<AdamW, 'moments' | 'lossScale'> },
): Map<string, Tensor> {
  const tensors = weightTensors(decoder);
  step.optimizer.moments.forEach(({ m, v }, arena) => {
    tensors.set(`optimizer.${arena}.m`, m);
    tensors.set(`optimizer.${arena}.v`, v);
  });
  tensors.set('optimizer.lossScale', step.optimizer.lossScale);
  return tensors;
}

/**
 * Takes the state of a run at a step.
 * @param onSaved called when its checkpoint is whole
 */
export async function captureRun(
  run: TrainRun,
  state: RunState,
  done: number,
  onSaved: (checkpoint: CheckpointInfo) => void,
): Promise<Captured> {
  const { decoder, step, schedule, smoothed } = state;
  const { config, options, source } = run;
  // Runs of a fixed number of steps have the same bytes each time.
  const time = options.seconds === undefined ? {} : { seconds: schedule.spent };
  const phase = schedule.from === 0 ? {} : { from: schedule.from };
  const meta = structuredClone({
    ...{ config, options, source: source.state(), smoothed: smoothed.state },
    ...time,
    ...phase,
  });
  const { sources: tensors, isHeld } = await snapshot(stateTensors(decoder, step));
  const write = async (): Promise<void> =>
    onSaved(await saveCheckpoint(checkpointFolder(run.folder), done, { tensors, meta }));
  return { write, isHeld };
}

/**
 * Puts the weights, moments and loss scale of the newest whole checkpoint back, or those that a new run begins with. The
 * source stays where it is, so the steps that are done again read other records.
 *
 * @param scaleFactor by which the restored loss scale is lower than it was
 * @returns the step of that checkpoint, or 0
 */
export async function rollBack(run: TrainRun, state: RunState, scaleFactor: number): Promise<number> {
  const { decoder, step, smoothed } = state;
  const { checkpoint } = await findNewestGood(checkpointFolder(run.folder));
  const { lossScale, moments } = step.optimizer;
  if (checkpoint) {
    await restoreState(checkpoint, state);
  } else {
    await initialise(run, decoder);
    for (const { m, v } of moments) {
      decoder.gpu.clear(m.storage);
      decoder.gpu.clear(v.storage);
    }
    smoothed.restore(undefined);
  }
  const [scale] = await lossScale.read();
  lossScale.write(Float32Array.of(Math.max(1, scale! * scaleFactor), 0));
  step.weightsChanged();
  const done = checkpoint?.step ?? 0;
  await truncateMetrics(run.folder, done);
  return done;
}

async function restoreState(
  checkpoint: CheckpointInfo,
  { decoder, step, smoothed }: RunState,
): Promise<void> {
  const file = await openTensors(checkpoint);
  try {
    await restoreTensors(file, stateTensors(decoder, step));
  } finally {
    await file.close();
  }
  smoothed.restore(checkpoint.meta['smoothed']);
}

async function initialise({ initFrom, options }: TrainRun, decoder: Decoder): Promise<void> {
  if (initFrom === undefined) decoder.parameters.initialise(options.seed);
  else await loadWeights(decoder, initFrom);
}

/**
 * Continues from the newest whole checkpoint, or starts from step 0 with new weights or those of `initFrom`. Nothing is
 * written before the checkpoint is known to be of this run.
 *
 * @returns steps done, and the time they took
 * @throws CheckpointError `other-run`
 */
export async function resumeRun(run: TrainRun, state: RunState): Promise<{ step: number; seconds: number }> {
  const { folder, config, options } = run;
  const { decoder, schedule } = state;
  let { checkpoint, damaged } = await findNewestGood(checkpointFolder(folder));
  const warnings = damaged.map(({ reason }) => `skipping a damaged checkpoint: ${reason.message}`);
  if (checkpoint) refuseOtherRun(checkpoint, run);
  if (run.mirror) {
    const after = checkpoint?.step ?? -1;
    const check = (found: FoundState): void => refuseOtherRun(found, run);
    const mirrored = await restoreFromMirror(run.mirror.folder, folder, after, check);
    warnings.push(...mirrored.problems);
    if (mirrored.step !== undefined) {
      warnings.push(`step ${mirrored.step} comes from ${run.mirror.folder}`);
      ({ checkpoint, damaged } = await findNewestGood(checkpointFolder(folder)));
    }
  }
  const positions = options.batchSize * options.context * options.microBatches;
  if (!checkpoint) {
    await initialise(run, decoder);
    await run.keepFiles?.();
    await saveConfig(folder, config);
    await writeFileAtomic(metricsFile(folder), '');
    await writeFileAtomic(join(folder, PROGRESS_FILE), '');
    run.onStart?.({ resumedFrom: 0, secondsBefore: 0, positions, warnings });
    return { step: 0, seconds: 0 };
  }
  schedule.from = phaseStart(checkpoint, options);
  await restoreState(checkpoint, state);
  run.source.restore(checkpoint.meta.source);
  await run.keepFiles?.();
  await truncateMetrics(folder, checkpoint.step);
  const seconds = Number(checkpoint.meta['seconds'] ?? 0);
  run.onStart?.({ resumedFrom: checkpoint.step, secondsBefore: seconds, positions, warnings });
  return { step: checkpoint.step, seconds };
}

/** A checkpoint's JSON, here or in a mirror. */
type FoundState = Pick<CheckpointInfo, 'step' | 'meta' | 'metaPath'>;

/** @throws CheckpointError `other-run` when the checkpoint is of another model, or of options that would give another curve */
function refuseOtherRun(found: FoundState, { config, options }: TrainRun): void {
  const { metaPath, meta, step } = found;
  refuseOther(metaPath, 'config', meta['config'], config);
  const isNextPhase = phaseStart(found, options) === step;
  const free = isNextPhase ? FREE_IN_NEXT_PHASE : freeBeforeDecay(found, options);
  refuseOther(metaPath, 'options', meta['options'], { seconds: undefined, ...options }, free);
}

/**
 * The step at which the present phase began. A run of a fixed number of steps that has ended begins its next phase when
 * it is given more steps: then the schedule starts over for the steps that were added, as the options now say.
 */
function phaseStart({ step, meta }: FoundState, options: TrainOptions): number {
  const before = (meta['options'] ?? {}) as Partial<TrainOptions>;
  const isTimed = options.seconds !== undefined || before.seconds !== undefined;
  if (!isTimed && before.steps === step && options.steps > step) return step;
  return Number(meta['from'] ?? 0);
}

/** What the next phase of an ended run may change. */
const FREE_IN_NEXT_PHASE = new Set([
  'steps',
  'warmupSteps',
  'learningRate',
  'minLearningRate',
  'schedule',
  'decayShare',
]);

/** What a `wsd` run may change while its rate has not begun to fall: no step so far would have been another. */
function freeBeforeDecay({ step, meta }: FoundState, options: TrainOptions): ReadonlySet<string> {
  const before = (meta['options'] ?? {}) as TrainOptions;
  const isStable = ({ schedule, warmupSteps, ...length }: TrainOptions): boolean =>
    schedule === 'wsd' && step <= decayStart({ ...length, warmupSteps });
  const may = Number(meta['from'] ?? 0) === 0 && isStable(before) && isStable(options);
  return new Set(may ? ['steps', 'decayShare', 'minLearningRate'] : []);
}

/** Options that may change between runs; any other change would change the loss curve. */
const FREE_OPTIONS = new Set(['checkpointEvery', 'checkpointSeconds', 'recompute']);
/** Also free in a timed run, whose curve no second run repeats. Given more time, it goes on where that time puts it. */
const FREE_IN_TIME = new Set(['seconds', 'warmupShare', 'steps', 'warmupSteps']);

function refuseOther(
  file: string,
  kind: string,
  stored: unknown,
  wanted: object,
  free: ReadonlySet<string> = new Set(),
): void {
  const known = (stored ?? {}) as Record<string, unknown>;
  const timed = 'seconds' in wanted && wanted.seconds !== undefined && known['seconds'] !== undefined;
  for (const [field, value] of Object.entries(wanted)) {
    if (FREE_OPTIONS.has(field) || free.has(field) || known[field] === value) continue;
    if (timed && FREE_IN_TIME.has(field)) continue;
    if (field === 'seconds') {
      const [before, now] = value === undefined ? ['for a time', 'by steps'] : ['by steps', 'for a time'];
      throw new CheckpointError(
        'other-run',
        file,
        `the run was started to train ${before} (--for), and is now to train ${now}; ` +
          'continue it as it was started, or use another folder to start over',
      );
    }
    if (known[field] === undefined && !FREE_IN_TIME.has(field)) {
      throw new CheckpointError(
        'other-run',
        file,
        `was saved by an older version, without ${kind}.${field}, and cannot be continued; train into another folder`,
      );
    }
    throw new CheckpointError(
      'other-run',
      file,
      `was saved with ${kind}.${field} = ${JSON.stringify(known[field])}, and this run has ${JSON.stringify(value)}; ` +
        'use the same settings to continue, or another folder to start over',
    );
  }
}

/** Drops the lines of steps after the checkpoint, which a killed run left: they are done again. */
async function truncateMetrics(folder: string, step: number): Promise<void> {
  const text = await readFile(metricsFile(folder), 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => {
    try {
      return (JSON.parse(line) as StepReport).step <= step;
    } catch {
      return false; // the end of the file, or a line cut short
    }
  });
  await writeFileAtomic(metricsFile(folder), kept.map((line) => line + '\n').join(''));
}
