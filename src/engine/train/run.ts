import type { Trace } from '../gpu/trace.js';
import type { Recompute } from '../nn/block.js';
import type { DecoderConfig } from '../nn/config.js';
import type { AdamWOptions } from './adamw.js';
import type { CountedBatch } from './batch.js';
import type { StepShape } from './decoder-step.js';
import type { TrainProgress } from './progress.js';
import type { ScheduleOptions } from './schedule.js';
import type { Validation, ValidationReport } from './validation.js';

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

/**
 * One line of `metrics.jsonl`. It depends on seed, corpus and settings alone: an interrupted run writes the same bytes as
 * one that was not. What depends on the clock is in `progress.jsonl` (`TrainProgress`). Fields may be added, never
 * renamed; a number that is not finite is `null`.
 */
export interface StepReport {
  /** Counted from 1. */
  step: number;
  loss: number;
  /** The loss, averaged over about the last 50 steps; see `SmoothedLoss`. */
  smoothedLoss: number;
  learningRate: number;
  gradNorm: number;
  /** Whether the step changed nothing because its gradients were not finite. */
  skipped: boolean;
  /** The factor of the loss after this step, where gradients pass through f16; see `AdamW.lossScale`. */
  lossScale?: number | undefined;
  /** Tokens of the step that are not padding. */
  tokens: number;
  /** Targets of the step that are learned. */
  lossTokens: number;
  /** In a timed run, the training time at which the step was expected to begin; it decided the learning rate. */
  seconds?: number | undefined;
  /** The later step that the run came back from before this one, because the loss was not finite there. */
  rolledBackFrom?: number | undefined;
  /** What was found after this step. */
  validation?: ValidationReport | undefined;
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
  /** Writes the folder's other files; called once the folder is locked and known to hold this run or none. */
  keepFiles?: (() => Promise<void>) | undefined;
  onStart?: ((info: TrainStart) => void) | undefined;
  onStep?: ((report: StepReport & { stepMs: number }) => void) | undefined;
  /** Called after a group of steps, with what depends on the clock; after `onStep` of the last of them. */
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Measures the model on batches that it does not train on, and keeps the best weights in the folder `best`. */
  validation?: Validation | undefined;
  /** How often a run may go back to its last checkpoint because the loss is not finite (default 3). */
  maxRollbacks?: number | undefined;
  /** Whether to stop at the first number that is not finite; several times slower. */
  checkFinite?: boolean | undefined;
  /** Ends the session after the step in progress; a checkpoint is saved. */
  signal?: AbortSignal | undefined;
  /** Ends the session after this much time as `signal` does; schedule and length of the run do not depend on it. */
  maxSeconds?: number | undefined;
  /** A second place for checkpoints: each is copied there, and a folder without them is filled from there. */
  mirror?: { folder: string; along: readonly string[] } | undefined;
  /** Names of files in the folder that belong to the model, such as its tokenizer; `best` gets copies of them. */
  modelFiles?: readonly string[] | undefined;
  /** FLOPs of a step that the model needs (default: those of the recorded step, recomputed ones included). */
  flopsPerStep?: number | undefined;
  /** FLOPs a second that the device reaches at most, for `TrainProgress.utilisation`. */
  ceilingFlops?: number | undefined;
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
