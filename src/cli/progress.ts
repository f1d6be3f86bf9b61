import { SingleBar } from 'cli-progress';
import type { StepReport } from '../engine/train/trainer.js';
import { formatDuration } from './format.js';
import { note } from './output.js';

/** The time between two lines where there is no terminal. */
const LINE_EVERY_MS = 10_000;

type TimedReport = StepReport & { stepMs: number };

/** A run ends after a number of steps, or if `seconds` is given after that time. */
export interface RunLength {
  steps: number;
  seconds?: number | undefined;
}

export interface ProgressTarget {
  /** @param done steps of earlier runs */
  start(length: RunLength, done: number): void;
  step(report: TimedReport): void;
  stop(): void;
}

/** Shows a training run on stderr: as a bar in a terminal, otherwise as a line now and then. */
export function trainingProgress(): ProgressTarget {
  return process.stderr.isTTY ? new Bar() : new Lines();
}

export interface CountingProgress {
  /** Names the work that is counted. */
  stage(name: string): void;
  done(count: number): void;
  stop(): void;
}

/** Shows on stderr how many of `total` items are done: as a bar in a terminal, otherwise as a line now and then. */
export function countingProgress(total: number): CountingProgress {
  const started = performance.now();
  let name = '';
  let printed = started;
  const describe = (count: number): string => {
    const seconds = (performance.now() - started) / 1000;
    const left = count > 0 ? `${formatDuration(((total - count) * seconds) / count)} left` : '';
    return `${name}  ${count > 0 ? `${Math.round(count / seconds)}/s  ${left}` : ''}`;
  };
  if (!process.stderr.isTTY) {
    return {
      stage: (next) => note((name = next)),
      done(count) {
        if (count !== total && performance.now() - printed < LINE_EVERY_MS) return;
        printed = performance.now();
        note(`${count}/${total}  ${describe(count)}`);
      },
      stop() {},
    };
  }
  const bar = new SingleBar(BAR);
  bar.start(total, 0, { state: '' });
  return {
    stage: (next) => bar.update(0, { state: (name = next) }),
    done: (count) => bar.update(count, { state: describe(count) }),
    stop: () => bar.stop(),
  };
}

const BAR = {
  format: '{bar} {value}/{total}  {state}',
  barCompleteChar: '█',
  barIncompleteChar: '░',
  barsize: 24,
  hideCursor: true,
  stream: process.stderr,
};

class Bar implements ProgressTarget {
  readonly #bar = new SingleBar(BAR);
  #length: RunLength = { steps: 0 };

  start(length: RunLength, done: number): void {
    this.#length = length;
    const { steps, seconds } = length;
    this.#bar.start(seconds ?? steps, seconds === undefined ? done : 0, { state: 'compiling kernels' });
  }

  step(report: TimedReport): void {
    const { step, seconds } = report;
    const state = describe(report, this.#length);
    if (seconds === undefined) this.#bar.update(step, { state });
    else this.#bar.update(Math.round(seconds), { state: `step ${step}  ${state}` });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements ProgressTarget {
  #length: RunLength = { steps: 0 };
  #printed = -Infinity;

  start(length: RunLength): void {
    this.#length = length;
  }

  step(report: TimedReport): void {
    const now = performance.now();
    const { steps, seconds } = this.#length;
    const isLast = seconds === undefined && report.step === steps;
    if (!isLast && now - this.#printed < LINE_EVERY_MS) return;
    this.#printed = now;
    const total = seconds === undefined ? `/${steps}` : '';
    note(`step ${report.step}${total}  ${describe(report, this.#length)}`);
  }

  stop(): void {}
}

function describe(report: TimedReport, length: RunLength): string {
  const { step, loss, learningRate, gradNorm, tokens, stepMs, skipped, seconds = 0 } = report;
  const left =
    length.seconds === undefined ? ((length.steps - step) * stepMs) / 1000 : length.seconds - seconds;
  const parts = [
    `loss ${loss.toFixed(4)}`,
    `lr ${learningRate.toExponential(2)}`,
    `grad ${skipped ? 'not finite, step skipped' : gradNorm.toFixed(3)}`,
    `${Math.round((1000 * tokens) / stepMs)} tok/s`,
    `${formatDuration(left)} left`,
  ];
  return parts.join('  ');
}
