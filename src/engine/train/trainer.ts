import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError, NumericsError, ShapeError } from '../errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Gpu } from '../gpu/device.js';
import { lockFolder } from '../../base/lock.js';
import type { Trace } from '../gpu/trace.js';
import type { Recompute } from '../nn/block.js';
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
}

export interface TrainRun {
  config: DecoderConfig;
  options: TrainOptions;
  source: BatchSource;
  /** The model's folder: receives `model.json`, `metrics.jsonl` and `checkpoints/`. */
  folder: string;
  onStart?: ((info: { resumedFrom: number; warnings: string[] }) => void) | undefined;
  onStep?: ((report: StepReport & { stepMs: number }) => void) | undefined;
  /** Whether to stop at the first number that is not finite; several times slower. */
  checkFinite?: boolean | undefined;
  /** Ends the run after the step in progress; a checkpoint is saved. */
  signal?: AbortSignal | undefined;
  /** Receives one step, dispatch by dispatch: the third of this run, or its last if there are fewer. */
  trace?: Trace | undefined;
}

export interface TrainResult {
  /** Steps done, including those of earlier runs. */
  step: number;
  finished: boolean;
}

/**
 * Trains a decoder: batches → recorded step → metrics → checkpoint. Resumes from the newest whole checkpoint in the
 * folder, if there is one: the loss curve continues to the bit as if the run had never stopped.
 *
 * @throws CheckpointError when the folder has a run of another model or other options, or another run is using it
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
  const decoder = new Decoder(gpu, config, { trainable: true, recompute: options.recompute });
  const step = await decoderStep(decoder, options, options, { checkFinite }).catch((error: unknown) => {
    decoder.dispose();
    throw error;
  });
  const metrics = new MetricsReader(gpu);
  try {
    let done = await resume(run, decoder, step);
    let saved = done;
    // The first steps allocate and warm up: they are not typical.
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
      else step.submit(batches, done, learningRate);
      done++;
      if (checkFinite) await verify(step, done);
      pending.push({
        step: done,
        learningRate,
        tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
      });
      const due = done % options.checkpointEvery === 0 || done === options.steps;
      if (metrics.note(step.lossTensor, step.optimizer.clip) || due) await report();
      if (due) {
        await save(run, decoder, step, done);
        saved = done;
        metrics.restartClock();
      }
    }
    // A checkpoint that already exists is not rewritten: it would be incomplete while being replaced.
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

async function save(run: TrainRun, decoder: Decoder, step: TrainStep<Batch>, done: number): Promise<void> {
  const tensors = tensorSources(stateTensors(decoder, step));
  const meta = { config: run.config, options: run.options, source: run.source.state() };
  await saveCheckpoint(checkpointFolder(run.folder), done, { tensors, meta });
}

/** Continues from the newest whole checkpoint, or starts from step 0. @returns steps done */
async function resume(run: TrainRun, decoder: Decoder, step: TrainStep<Batch>): Promise<number> {
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

/** Options that may change between runs; any other change would change the loss curve. */
const FREE_OPTIONS = new Set(['checkpointEvery', 'recompute']);

function refuseOtherRun(file: string, kind: string, stored: unknown, wanted: object): void {
  const known = (stored ?? {}) as Record<string, unknown>;
  for (const [field, value] of Object.entries(wanted)) {
    if (FREE_OPTIONS.has(field) || known[field] === value) continue;
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
