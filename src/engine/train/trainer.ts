import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError, NumericsError } from '../errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Gpu } from '../gpu/device.js';
import { lockFolder } from '../../base/lock.js';
import type { Trace } from '../gpu/trace.js';
import type { Recompute } from '../nn/block.js';
import type { DecoderConfig } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import {
  checkpointFolder,
  loadWeights,
  restoreTensors,
  saveConfig,
  tensorSources,
  weightTensors,
} from '../nn/model-folder.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AdamWOptions } from './adamw.js';
import { findNewestGood, openTensors, saveCheckpoint, type CheckpointInfo } from './checkpoint.js';
import { MetricsReader } from './metrics.js';
import { Mirror, restoreFromMirror } from './mirror.js';
import { RunSchedule, type ScheduleOptions } from './schedule.js';
import { decoderStep, type StepShape } from './decoder-step.js';
import type { Batch, CountedBatch } from './batch.js';
import type { TrainStep } from './step.js';

/** A stream of batches. Its state is plain JSON and goes into every checkpoint. */
export interface BatchSource {
  next(): CountedBatch;
  state(): unknown;
  restore(state: unknown): void;
}

export interface TrainOptions extends AdamWOptions, ScheduleOptions, StepShape {
  /** Seeds the initial weights. */
  seed: number;
  checkpointEvery: number;
  /** Also saves a checkpoint when this much time has passed since the last one. */
  checkpointSeconds?: number | undefined;
  /** See `BlockOptions.recompute` (default none). */
  recompute?: Recompute | undefined;
}

/** One line of `metrics.jsonl`, which a progress bar shows too. */
export interface StepReport {
  /** Counted from 1. */
  step: number;
  loss: number;
  learningRate: number;
  gradNorm: number;
  /** Whether the step changed nothing because its gradients were not finite. */
  skipped: boolean;
  /** Tokens of the step that are not padding. */
  tokens: number;
  /** Targets of the step that are learned. */
  lossTokens: number;
  /** In a timed run, the training time at which the step was expected to begin; it decided the learning rate. */
  seconds?: number | undefined;
}

export interface TrainStart {
  resumedFrom: number;
  /** In a timed run, the training time of earlier runs. */
  secondsBefore: number;
  /** Positions of a step, padding included. */
  positions: number;
  warnings: string[];
}

export interface TrainRun {
  config: DecoderConfig;
  options: TrainOptions;
  source: BatchSource;
  /** The model's folder: receives `model.json`, `metrics.jsonl` and `checkpoints/`. */
  folder: string;
  /** A model folder of the same shape whose weights a new run begins with; a resumed run does not read it. */
  initFrom?: string | undefined;
  onStart?: ((info: TrainStart) => void) | undefined;
  onStep?: ((report: StepReport & { stepMs: number }) => void) | undefined;
  /** Whether to stop at the first number that is not finite; several times slower. */
  checkFinite?: boolean | undefined;
  /** Ends the session after the step in progress; a checkpoint is saved. */
  signal?: AbortSignal | undefined;
  /** Ends the session after this much time as `signal` does; schedule and length of the run do not depend on it. */
  maxSeconds?: number | undefined;
  /** A second place for checkpoints: each is copied there, and a folder without them is filled from there. */
  mirror?: { folder: string; along: readonly string[] } | undefined;
  /** Receives a line about something that failed and does not stop the run. */
  onProblem?: ((line: string) => void) | undefined;
  /** Receives one step, dispatch by dispatch: the third of this run, or its last if there are fewer. */
  trace?: Trace | undefined;
  /** The clock of a timed run, in milliseconds (default `performance.now`). */
  now?: (() => number) | undefined;
}

export interface TrainResult {
  /** Steps done, including those of earlier runs. */
  step: number;
  /** In a timed run, the training time spent, including that of earlier runs. */
  seconds: number | undefined;
  finished: boolean;
}

/**
 * Trains a decoder: batches → recorded step → metrics → checkpoint. Resumes from the newest whole checkpoint in the
 * folder, if there is one: the loss curve continues to the bit as if the run had never stopped. A timed run (`seconds`)
 * ends once its time is spent, after the step in progress and a checkpoint. It continues from the exact state of its
 * checkpoint at the time spent so far; since time decides the learning rate, its curve depends on the machine.
 *
 * @throws CheckpointError when the folder has a run of another model or other options, or another run is using it
 * @throws DeviceError, ShapeError from the device and the ops
 * @throws NumericsError with `checkFinite`: the step, the op and the place of the first number that is not finite
 */
export async function train(gpu: Gpu, run: TrainRun): Promise<TrainResult> {
  const { options, folder } = run;
  const schedule = new RunSchedule(options, run.now);
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  const mirror =
    run.mirror && new Mirror(run.mirror.folder, folder, run.mirror.along, run.onProblem ?? (() => {}));
  try {
    return await trainLocked(gpu, run, schedule, mirror);
  } finally {
    await mirror?.settled();
    await unlock();
  }
}

async function trainLocked(
  gpu: Gpu,
  run: TrainRun,
  schedule: RunSchedule,
  mirror: Mirror | undefined,
): Promise<TrainResult> {
  const { config, options, source, folder, signal, trace, checkFinite = false } = run;
  const { maxSeconds = Infinity, now = () => performance.now() } = run;
  const decoder = new Decoder(gpu, config, { trainable: true, recompute: options.recompute });
  const step = await decoderStep(decoder, options, options, { checkFinite }).catch((error: unknown) => {
    decoder.dispose();
    throw error;
  });
  const metrics = new MetricsReader(gpu);
  try {
    const resumed = await resume(run, decoder, step, schedule);
    const began = now();
    const isSessionOver = (): boolean => signal?.aborted === true || now() - began >= 1000 * maxSeconds;
    const saveEvery = 1000 * (options.checkpointSeconds ?? Infinity);
    let savedAt = began;
    let done = resumed.step;
    let saved = done;
    // The first steps allocate and warm up: they are not typical.
    const traced = options.seconds ? done + 2 : Math.min(done + 2, options.steps - 1);
    const pending: Omit<StepReport, 'loss' | 'gradNorm' | 'skipped'>[] = [];

    const saveStep = async (): Promise<void> => {
      const checkpoint = await save(run, decoder, step, done, schedule);
      mirror?.copy(checkpoint);
      saved = done;
      savedAt = now();
    };

    const report = async (): Promise<void> => {
      const numbers = await metrics.read();
      schedule.caughtUp();
      const reports = pending.splice(0).map((known, i) => ({ ...known, ...numbers[i]! }));
      await appendFile(metricsFile(folder), reports.map((line) => JSON.stringify(line) + '\n').join(''));
      for (const line of reports) run.onStep?.({ ...line, stepMs: metrics.stepMs });
    };

    metrics.restartClock();
    schedule.start(resumed.seconds);
    while (!schedule.isOver(done) && !isSessionOver()) {
      const batches = Array.from({ length: options.microBatches }, () => source.next());
      const { learningRate, ...time } = schedule.next(done);
      if (trace && done === traced) await step.profile(batches, done, learningRate, trace);
      else step.submit(batches, done, learningRate);
      done++;
      if (checkFinite) await verify(step, done);
      pending.push({
        step: done,
        learningRate,
        ...time,
        tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
        lossTokens: batches.reduce((sum, { lossTokens }) => sum + lossTokens, 0),
      });
      const isTime = now() - savedAt >= saveEvery;
      const due = done % options.checkpointEvery === 0 || schedule.isLast(done) || isTime;
      if (metrics.note(step.lossTensor, step.optimizer.clip) || due || schedule.mustWait) await report();
      if (due) {
        await saveStep();
        schedule.caughtUp();
        metrics.restartClock();
      }
    }
    // A checkpoint that already exists is not rewritten: it would be incomplete while being replaced.
    if (done > saved) {
      await report();
      await saveStep();
    }
    const seconds = options.seconds === undefined ? undefined : schedule.spent;
    return { step: done, seconds, finished: schedule.isOver(done) };
  } finally {
    metrics.dispose();
    step.dispose();
    decoder.dispose();
  }
}

/** Gradients beyond f16's range are no error if the loss is scaled: the step is skipped and the scale halves. */
async function verify(step: TrainStep<Batch>, number: number): Promise<void> {
  try {
    await step.verify();
  } catch (error) {
    if (!(error instanceof NumericsError)) throw error;
    const { scalesLoss, lossScale } = step.optimizer;
    // The head's op computes its gradient in the forward pass.
    const ofGradient = error.origin && (error.origin.phase !== 'forward' || error.origin.op === 'headLoss');
    if (scalesLoss && ofGradient && (await lossScale.read())[0]! > 1) return;
    throw new NumericsError(`step ${number}: ${error.message}`, error.origin);
  }
}

const metricsFile = (folder: string): string => join(folder, 'metrics.jsonl');

/** Weights, moments and loss scale by their names in checkpoints. */
function stateTensors(decoder: Decoder, step: TrainStep<Batch>): Map<string, Tensor> {
  const tensors = weightTensors(decoder);
  step.optimizer.moments.forEach(({ m, v }, arena) => {
    tensors.set(`optimizer.${arena}.m`, m);
    tensors.set(`optimizer.${arena}.v`, v);
  });
  tensors.set('optimizer.lossScale', step.optimizer.lossScale);
  return tensors;
}

async function save(
  run: TrainRun,
  decoder: Decoder,
  step: TrainStep<Batch>,
  done: number,
  schedule: RunSchedule,
): Promise<CheckpointInfo> {
  const tensors = tensorSources(stateTensors(decoder, step));
  const { config, options, source } = run;
  // Runs of a fixed number of steps have the same bytes each time.
  const time = options.seconds === undefined ? {} : { seconds: schedule.spent };
  const phase = schedule.from === 0 ? {} : { from: schedule.from };
  const meta = { config, options, source: source.state(), ...time, ...phase };
  return await saveCheckpoint(checkpointFolder(run.folder), done, { tensors, meta });
}

/** Continues from the newest whole checkpoint, or starts from step 0 with new weights or those of `initFrom`. @returns steps done, and the time they took */
async function resume(
  run: TrainRun,
  decoder: Decoder,
  step: TrainStep<Batch>,
  schedule: RunSchedule,
): Promise<{ step: number; seconds: number }> {
  const { folder, config, options } = run;
  let { checkpoint, damaged } = await findNewestGood(checkpointFolder(folder));
  const warnings = damaged.map(({ reason }) => `skipping a damaged checkpoint: ${reason.message}`);
  if (run.mirror) {
    const mirrored = await restoreFromMirror(run.mirror.folder, folder, checkpoint?.step ?? -1);
    warnings.push(...mirrored.problems);
    if (mirrored.step !== undefined) {
      warnings.push(`step ${mirrored.step} comes from ${run.mirror.folder}`);
      ({ checkpoint, damaged } = await findNewestGood(checkpointFolder(folder)));
    }
  }
  const positions = options.batchSize * options.context * options.microBatches;
  if (!checkpoint) {
    if (run.initFrom === undefined) decoder.parameters.initialise(options.seed);
    else await loadWeights(decoder, run.initFrom);
    await saveConfig(folder, config);
    await writeFileAtomic(metricsFile(folder), '');
    run.onStart?.({ resumedFrom: 0, secondsBefore: 0, positions, warnings });
    return { step: 0, seconds: 0 };
  }
  refuseOtherRun(checkpoint.metaPath, 'config', checkpoint.meta.config, config);
  schedule.from = phaseStart(checkpoint, options);
  const changed = schedule.from === checkpoint.step ? FREE_IN_NEXT_PHASE : undefined;
  const wanted = { seconds: undefined, ...options };
  refuseOtherRun(checkpoint.metaPath, 'options', checkpoint.meta.options, wanted, changed);
  const file = await openTensors(checkpoint);
  try {
    await restoreTensors(file, stateTensors(decoder, step));
  } finally {
    await file.close();
  }
  run.source.restore(checkpoint.meta.source);
  await truncateMetrics(folder, checkpoint.step);
  const seconds = Number(checkpoint.meta['seconds'] ?? 0);
  run.onStart?.({ resumedFrom: checkpoint.step, secondsBefore: seconds, positions, warnings });
  return { step: checkpoint.step, seconds };
}

/**
 * The step at which the present phase began. A run of a fixed number of steps that has ended begins its next phase when
 * it is given more steps: then the schedule starts over for the steps that were added, as the options now say.
 */
function phaseStart({ step, meta }: CheckpointInfo, options: TrainOptions): number {
  const before = (meta['options'] ?? {}) as Partial<TrainOptions>;
  const isTimed = options.seconds !== undefined || before.seconds !== undefined;
  if (!isTimed && before.steps === step && options.steps > step) return step;
  return Number(meta['from'] ?? 0);
}

/** What the next phase of an ended run may change. */
const FREE_IN_NEXT_PHASE = new Set(['steps', 'warmupSteps', 'learningRate', 'minLearningRate']);

/** Options that may change between runs; any other change would change the loss curve. */
const FREE_OPTIONS = new Set(['checkpointEvery', 'checkpointSeconds', 'recompute']);
/** Also free in a timed run, whose curve no second run repeats. Given more time, it goes on where that time puts it. */
const FREE_IN_TIME = new Set(['seconds', 'warmupShare', 'steps', 'warmupSteps']);

function refuseOtherRun(
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
