import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError, NumericsError, ShapeError } from '../errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Gpu } from '../gpu/device.js';
import { lockFolder } from '../../base/lock.js';
import type { Trace } from '../gpu/trace.js';
import type { DecoderConfig } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import {
  checkpointFolder,
  restoreTensors,
  saveConfig,
  tensorSources,
  weightTensors,
} from '../nn/model-folder.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AdamWOptions } from './adamw.js';
import { findNewestGood, openTensors, saveCheckpoint } from './checkpoint.js';
import { MetricsReader } from './metrics.js';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import { TrainStep, type Batch, type StepShape } from './step.js';

/** Where batches come from. Its state is plain JSON and goes into every checkpoint. */
export interface BatchSource {
  next(): Batch;
  state(): unknown;
  restore(state: unknown): void;
}

export interface TrainOptions extends AdamWOptions, ScheduleOptions, StepShape {
  /** Seeds the initial weights. */
  seed: number;
  checkpointEvery: number;
}

/** One line of `metrics.jsonl`, and what a progress bar shows. */
export interface StepReport {
  /** Counted from 1. */
  step: number;
  loss: number;
  learningRate: number;
  gradNorm: number;
  /** Whether the gradients were not finite, so that the step changed nothing. */
  skipped: boolean;
  /** Tokens of the step that are not padding. */
  tokens: number;
}

export interface TrainRun {
  config: DecoderConfig;
  options: TrainOptions;
  source: BatchSource;
  /** The model's folder: receives `model.json`, `metrics.jsonl` and `checkpoints/`. */
  folder: string;
  onStart?: (info: { resumedFrom: number; warnings: string[] }) => void;
  onStep?: (report: StepReport & { stepMs: number }) => void;
  /** Look at every number of every step, and stop at the first that is not finite; several times as slow. */
  checkFinite?: boolean;
  /** Asks for an end: the run saves a checkpoint and stops after the step in progress. */
  signal?: AbortSignal;
  /** Receives one step, dispatch by dispatch: the third of this run, or its last where it has fewer. */
  trace?: Trace | undefined;
}

export interface TrainResult {
  /** Steps done, those of earlier runs included. */
  step: number;
  finished: boolean;
}

/**
 * Trains a decoder: batches → recorded step → metrics → checkpoint. Begins at the newest whole checkpoint in the
 * folder, if there is one; the loss curve then goes on as if the run had never stopped, to the bit.
 *
 * @throws CheckpointError when the folder holds a run of another model or other options, or another run is at work in it
 * @throws DeviceError, ShapeError from the device and the ops
 * @throws NumericsError with `checkFinite`: the step, the op and the place of the first number that is not finite
 */
export async function train(gpu: Gpu, run: TrainRun): Promise<TrainResult> {
  const { options, folder } = run;
  if (options.steps < 1) throw new ShapeError('train', `steps is ${options.steps}: it must be positive`);
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    return await trainLocked(gpu, run);
  } finally {
    await unlock();
  }
}

async function trainLocked(gpu: Gpu, run: TrainRun): Promise<TrainResult> {
  const { config, options, source, folder, signal, trace, checkFinite = false } = run;
  const decoder = new Decoder(gpu, config, { trainable: true });
  const step = await TrainStep.create(decoder, options, options, { checkFinite }).catch((error: unknown) => {
    decoder.dispose();
    throw error;
  });
  const metrics = new MetricsReader(gpu);
  try {
    let done = await resume(run, decoder, step);
    let saved = done;
    // The first steps allocate and warm up, and are not like the rest.
    const traced = Math.min(done + 2, options.steps - 1);
    const pending: Omit<StepReport, 'loss' | 'gradNorm' | 'skipped'>[] = [];

    const report = async (): Promise<void> => {
      const numbers = await metrics.read();
      const reports = pending.splice(0).map((known, i) => ({ ...known, ...numbers[i]! }));
      await appendFile(metricsFile(folder), reports.map((line) => JSON.stringify(line) + '\n').join(''));
      for (const line of reports) run.onStep?.({ ...line, stepMs: metrics.stepMs });
    };

    metrics.restartClock();
    while (done < options.steps && !signal?.aborted) {
      const batches = Array.from({ length: options.microBatches }, () => source.next());
      const learningRate = learningRateAt(done, options);
      if (trace && done === traced) await step.profile(batches, done, learningRate, trace);
      else step.run(batches, done, learningRate);
      done++;
      if (checkFinite) await verify(step, done);
      pending.push({
        step: done,
        learningRate,
        tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
      });
      const due = done % options.checkpointEvery === 0 || done === options.steps;
      if (metrics.note(step.loss, step.optimizer.clip) || due) await report();
      if (due) {
        await save(run, decoder, step, done);
        saved = done;
        metrics.restartClock();
      }
    }
    // A generation that stands is not written again: while it is replaced, it would not be whole.
    if (done > saved) {
      await report();
      await save(run, decoder, step, done);
    }
    return { step: done, finished: done >= options.steps };
  } finally {
    metrics.dispose();
    step.dispose();
    decoder.dispose();
  }
}

/** Gradients that a loss scale drove out of f16's range are its own business: the step is skipped, and it falls. */
async function verify(step: TrainStep, number: number): Promise<void> {
  try {
    await step.verify();
  } catch (error) {
    if (!(error instanceof NumericsError)) throw error;
    const { scalesLoss, lossScale } = step.optimizer;
    // The head's op computes its gradient on the way forward.
    const ofGradient = error.origin && (error.origin.phase !== 'forward' || error.origin.op === 'headLoss');
    if (scalesLoss && ofGradient && (await lossScale.read())[0]! > 1) return;
    throw new NumericsError(`step ${number}: ${error.message}`, error.origin);
  }
}

const metricsFile = (folder: string): string => join(folder, 'metrics.jsonl');

/** Weights, moments and loss scale, under the names they have in checkpoints. */
function stateTensors(decoder: Decoder, step: TrainStep): Map<string, Tensor> {
  const tensors = weightTensors(decoder);
  step.optimizer.moments.forEach(({ m, v }, arena) => {
    tensors.set(`optimizer.${arena}.m`, m);
    tensors.set(`optimizer.${arena}.v`, v);
  });
  tensors.set('optimizer.lossScale', step.optimizer.lossScale);
  return tensors;
}

async function save(run: TrainRun, decoder: Decoder, step: TrainStep, done: number): Promise<void> {
  const tensors = tensorSources(stateTensors(decoder, step));
  const meta = { config: run.config, options: run.options, source: run.source.state() };
  await saveCheckpoint(checkpointFolder(run.folder), done, { tensors, meta });
}

/** Continues from the newest whole checkpoint, or starts anew. @returns steps done */
async function resume(run: TrainRun, decoder: Decoder, step: TrainStep): Promise<number> {
  const { folder, config, options } = run;
  const { checkpoint, damaged } = await findNewestGood(checkpointFolder(folder));
  const warnings = damaged.map(({ reason }) => `skipping a damaged checkpoint: ${reason.message}`);
  if (!checkpoint) {
    decoder.parameters.initialise(options.seed);
    await saveConfig(folder, config);
    await writeFileAtomic(metricsFile(folder), '');
    run.onStart?.({ resumedFrom: 0, warnings });
    return 0;
  }
  refuseOtherRun(checkpoint.metaPath, 'config', checkpoint.meta.config, config);
  refuseOtherRun(checkpoint.metaPath, 'options', checkpoint.meta.options, options);
  const file = await openTensors(checkpoint);
  try {
    await restoreTensors(file, stateTensors(decoder, step));
  } finally {
    await file.close();
  }
  run.source.restore(checkpoint.meta.source);
  await truncateMetrics(folder, checkpoint.step);
  run.onStart?.({ resumedFrom: checkpoint.step, warnings });
  return checkpoint.step;
}

/** How often to save is free to change; anything else would break the promise of the same loss curve. */
const FREE_OPTIONS = new Set(['checkpointEvery']);

function refuseOtherRun(file: string, kind: string, stored: unknown, wanted: object): void {
  const known = (stored ?? {}) as Record<string, unknown>;
  for (const [field, value] of Object.entries(wanted)) {
    if (FREE_OPTIONS.has(field) || known[field] === value) continue;
    throw new CheckpointError(
      'other-run',
      file,
      `was saved with ${kind}.${field} = ${JSON.stringify(known[field])}, and this run has ${JSON.stringify(value)}; ` +
        'use the same settings to go on, or another folder to start anew',
    );
  }
}

/** Drops the lines of steps that a killed run did after its last checkpoint: they are done again. */
async function truncateMetrics(folder: string, step: number): Promise<void> {
  const text = await readFile(metricsFile(folder), 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => {
    try {
      return (JSON.parse(line) as StepReport).step <= step;
    } catch {
      return false; // the empty end, or a line cut short
    }
  });
  await writeFileAtomic(metricsFile(folder), kept.map((line) => line + '\n').join(''));
}
