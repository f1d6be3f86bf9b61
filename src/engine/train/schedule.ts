import { ShapeError } from '../errors.js';

export interface ScheduleOptions {
  /** Peak learning rate. */
  learningRate: number;
  /** Learning rate at the end. */
  minLearningRate: number;
  /** Ignored in a timed run, as are `steps`. */
  warmupSteps: number;
  /** Steps of the whole run. */
  steps: number;
  /** Makes the run a timed one: it ends after this much training time, and the schedule follows the clock. */
  seconds?: number | undefined;
  /** The share of a timed run until the peak (default 0.05). */
  warmupShare?: number | undefined;
  /** The curve after the warm-up (default `cosine`). */
  schedule?: ScheduleName | undefined;
  /** With `wsd`, the share of the run, at its end, in which the rate falls (default 0.2). */
  decayShare?: number | undefined;
}

/**
 * `cosine` falls along half a cosine (SGDR, arXiv:1608.03983, without restarts). `wsd` (warm-up, stable, decay:
 * MiniCPM, arXiv:2404.06395) stays at the peak and falls along a line at the end, so a run can be made longer until then.
 */
export const SCHEDULES = ['cosine', 'wsd'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

export const WARMUP_SHARE = 0.05;
export const DECAY_SHARE = 0.2;

/** Learning rate of a step, counted from 0: linear warm-up, then the curve of the schedule. */
export function learningRateAt(step: number, options: ScheduleOptions): number {
  const { learningRate, warmupSteps, steps } = options;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  if (options.schedule === 'wsd') return stableThenLine(step / steps, options);
  return cosine((step - warmupSteps) / Math.max(1, steps - warmupSteps), options);
}

/** The first step at which a `wsd` run's rate falls: until then its length may change. */
export function decayStart({ steps, decayShare = DECAY_SHARE }: ScheduleOptions): number {
  return Math.ceil(steps * (1 - decayShare));
}

/** Learning rate of a timed run when a share of its time, from 0 to 1, is spent: the same curve over time. */
export function learningRateAtShare(share: number, options: ScheduleOptions): number {
  const { learningRate, warmupShare = WARMUP_SHARE } = options;
  if (share < warmupShare) return (learningRate * share) / warmupShare;
  if (options.schedule === 'wsd') return stableThenLine(share, options);
  return cosine(warmupShare < 1 ? (share - warmupShare) / (1 - warmupShare) : 1, options);
}

function cosine(progress: number, { learningRate, minLearningRate }: ScheduleOptions): number {
  const share = Math.min(1, progress);
  return minLearningRate + (learningRate - minLearningRate) * 0.5 * (1 + Math.cos(Math.PI * share));
}

/** @param share of the whole run */
function stableThenLine(
  share: number,
  { learningRate, minLearningRate, decayShare = DECAY_SHARE }: ScheduleOptions,
): number {
  const left = decayShare === 0 ? 1 : Math.min(1, Math.max(0, 1 - share) / decayShare);
  return minLearningRate + (learningRate - minLearningRate) * left;
}

/** What the schedule says about the step that comes next. */
export interface NextStep {
  learningRate: number;
  /** In a timed run, the training time in seconds at which the step is expected to begin. */
  seconds?: number | undefined;
}

/**
 * Says when a run ends and at which learning rate each step is done. A run of a fixed number of steps follows their
 * count. A timed run follows a clock, in which earlier runs of the same model count: since the host submits steps
 * ahead of the device, a step's time is the last known one plus the expected duration of the steps still in flight.
 */
export class RunSchedule {
  /** The step at which the curve of a run by steps begins; later than 0 in the second phase of a run that was extended. */
  from = 0;
  #before = 0;
  #started: number;
  /** Training time when the device had last done everything that was submitted. */
  #knownAt = 0;
  #inFlight = 0;
  /** Seconds of a step, as last measured. */
  #stepSeconds = 0;

  /**
   * @param now milliseconds on any steady clock
   * @throws ShapeError for steps, seconds or a share of warm-up that make no schedule
   */
  constructor(
    readonly options: ScheduleOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { steps, seconds, warmupShare = WARMUP_SHARE } = options;
    if (seconds === undefined ? steps < 1 : !(seconds > 0 && seconds < Infinity)) {
      const [name, value] = seconds === undefined ? ['steps', steps] : ['seconds', seconds];
      throw new ShapeError('train', `${name} is ${value}: it must be positive`);
    }
    if (!(warmupShare >= 0 && warmupShare <= 1)) {
      throw new ShapeError('train', `warmupShare is ${warmupShare}: it must be from 0 to 1`);
    }
    this.#started = now();
  }

  /** Starts the clock. @param before seconds of training that earlier runs spent */
  start(before = 0): void {
    this.#started = this.now();
    this.#before = this.#knownAt = before;
    this.#inFlight = this.#stepSeconds = 0;
  }

  /** Seconds of training so far, earlier runs included. */
  get spent(): number {
    return this.#before + (this.now() - this.#started) / 1000;
  }

  isOver(done: number): boolean {
    const { steps, seconds } = this.options;
    return seconds === undefined ? done >= steps : this.spent >= seconds;
  }

  /** Whether a step is known beforehand to be the last one. In a timed run none is. */
  isLast(done: number): boolean {
    return this.options.seconds === undefined && done === this.options.steps;
  }

  /** @param step counted from 0 */
  next(step: number): NextStep {
    const { seconds } = this.options;
    if (seconds === undefined) {
      const steps = this.options.steps - this.from;
      return { learningRate: learningRateAt(step - this.from, { ...this.options, steps }) };
    }
    const begins = Math.max(this.spent, this.#knownAt + this.#inFlight * this.#stepSeconds);
    this.#inFlight++;
    return { learningRate: learningRateAtShare(begins / seconds, this.options), seconds: begins };
  }

  /**
   * Whether the host should wait for the device before it submits more: the steps in flight are expected to take a
   * quarter of the time that was left. The nearer the end, the more often the host learns how much time is left, and
   * steps may take four times as long as expected without passing the end.
   */
  get mustWait(): boolean {
    const { seconds } = this.options;
    return seconds !== undefined && this.#inFlight * this.#stepSeconds >= (seconds - this.#knownAt) / 4;
  }

  /** The device has done everything that was submitted. */
  caughtUp(): void {
    const spent = this.spent;
    if (this.#inFlight > 0) this.#stepSeconds = (spent - this.#knownAt) / this.#inFlight;
    this.#knownAt = spent;
    this.#inFlight = 0;
  }
}
