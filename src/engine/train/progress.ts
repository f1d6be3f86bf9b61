import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterCutLine } from '../../base/files.js';

/** Steps over which a loss is averaged, about. */
const SMOOTHED_STEPS = 50;

/** A running mean of the loss: plain over the first 50 steps, exponential after that. Its state goes into checkpoints. */
export class SmoothedLoss {
  #mean = 0;
  #count = 0;

  /** Adds the loss of a step; one that is not finite changes nothing. @returns the mean so far */
  add(loss: number): number {
    if (Number.isFinite(loss)) {
      this.#count++;
      this.#mean += (loss - this.#mean) / Math.min(this.#count, SMOOTHED_STEPS);
    }
    return this.#mean;
  }

  get state(): [mean: number, count: number] {
    return [this.#mean, this.#count];
  }

  /** @param state undefined for a checkpoint that has none: the mean starts anew */
  restore(state: unknown): void {
    [this.#mean, this.#count] = Array.isArray(state) ? (state as [number, number]) : [0, 0];
  }
}

/** A line of `progress.jsonl`: where a run stands by the clock. Fields may be added, never renamed. */
export interface TrainProgress {
  step: number;
  /** Of the day, in ISO 8601. */
  time: string;
  /** Milliseconds per step, over the latest group of steps. */
  stepMs: number;
  /** Tokens that are not padding, and targets that are learned. */
  tokensPerSecond: number;
  learnedPerSecond: number;
  /** FLOPs that the model needs, without those that compute activations again. */
  flopsPerSecond: number;
  /** Their share of what the device can do (MFU), where that was measured. */
  utilisation?: number | undefined;
  /** Bytes on the device, now and at the most. */
  memoryBytes: number;
  peakMemoryBytes: number;
  /** Until the session ends (`--max-time`). */
  sessionSecondsLeft?: number | undefined;
  /** The newest checkpoint that is whole; 0 if there is none. */
  checkpointStep: number;
  /** Since the last checkpoint, or since the session began. */
  checkpointSeconds: number;
  /** Since the session began, and the part of it in which training waited for checkpoints and best weights. */
  sessionSeconds: number;
  savingSeconds: number;
  /** Until the run ends, if it goes on like this. */
  secondsLeft: number;
}

/** What a step says about its size; see `StepReport`. */
interface StepCounts {
  step: number;
  tokens: number;
  lossTokens: number;
}

type KnownProgress = Pick<TrainProgress, 'stepMs' | 'secondsLeft' | 'savingSeconds' | 'checkpointStep'>;

/** The least time between two lines of `progress.jsonl`: two weeks of training then take about 40 MB. */
const LINE_EVERY_MS = 10_000;

export interface ProgressFacts {
  folder: string;
  /** FLOPs of a step that the model needs. */
  flopsPerStep: number;
  ceilingFlops?: number | undefined;
  memory: { liveBytes: number; peakBytes: number };
  maxSeconds: number;
  now: () => number;
}

/** Says where a run stands by the clock, and appends it to `progress.jsonl` now and then. */
export class ProgressLog {
  readonly #began: number;
  #savedAt: number;
  #writtenAt = -Infinity;

  constructor(private readonly facts: ProgressFacts) {
    this.#began = this.#savedAt = facts.now();
  }

  saved(): void {
    this.#savedAt = this.facts.now();
  }

  /** @param group the steps since the last call; not empty */
  async note(
    group: readonly StepCounts[],
    { isLast, ...known }: KnownProgress & { isLast: boolean },
  ): Promise<TrainProgress> {
    const { folder, flopsPerStep, ceilingFlops, memory, maxSeconds } = this.facts;
    const now = this.facts.now();
    const { stepMs } = known;
    const perSecond = (count: number): number => (stepMs > 0 ? (1000 * count) / stepMs : 0);
    const mean = (field: 'tokens' | 'lossTokens'): number =>
      group.reduce((sum, report) => sum + report[field], 0) / group.length;
    const flopsPerSecond = perSecond(flopsPerStep);
    const progress: TrainProgress = {
      step: group.at(-1)!.step,
      time: new Date().toISOString(),
      ...known,
      tokensPerSecond: perSecond(mean('tokens')),
      learnedPerSecond: perSecond(mean('lossTokens')),
      flopsPerSecond,
      utilisation: ceilingFlops === undefined ? undefined : flopsPerSecond / ceilingFlops,
      memoryBytes: memory.liveBytes,
      peakMemoryBytes: memory.peakBytes,
      sessionSecondsLeft:
        maxSeconds === Infinity ? undefined : Math.max(0, maxSeconds - (now - this.#began) / 1000),
      checkpointSeconds: (now - this.#savedAt) / 1000,
      sessionSeconds: (now - this.#began) / 1000,
      secondsLeft: Math.max(0, known.secondsLeft),
    };
    if (isLast || now - this.#writtenAt >= LINE_EVERY_MS) {
      const file = join(folder, PROGRESS_FILE);
      const start = this.#writtenAt === -Infinity ? afterCutLine(file) : '';
      this.#writtenAt = now;
      await appendFile(file, start + JSON.stringify(progress) + '\n');
    }
    return progress;
  }
}

/** In a run's folder. */
export const PROGRESS_FILE = 'progress.jsonl';
