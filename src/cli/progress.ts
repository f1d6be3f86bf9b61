import { SingleBar } from 'cli-progress';
import type { StepReport } from '../engine/train/trainer.js';
import { formatDuration } from './format.js';
import { note } from './output.js';

/** Without a terminal a line is printed this often, rather than one for every step. */
const LINE_EVERY_MS = 10_000;

export interface ProgressTarget {
  start(total: number, done: number): void;
  step(report: StepReport & { stepMs: number }): void;
  stop(): void;
}

/** Shows a training run on stderr: a bar in a terminal; where there is none, a line now and then. */
export function trainingProgress(): ProgressTarget {
  return process.stderr.isTTY ? new Bar() : new Lines();
}

class Bar implements ProgressTarget {
  readonly #bar = new SingleBar({
    format: '{bar} {value}/{total}  {state}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    stream: process.stderr,
  });
  #total = 0;

  start(total: number, done: number): void {
    this.#total = total;
    this.#bar.start(total, done, { state: 'compiling kernels' });
  }

  step(report: StepReport & { stepMs: number }): void {
    this.#bar.update(report.step, { state: describe(report, this.#total) });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements ProgressTarget {
  #total = 0;
  #printed = -Infinity;

  start(total: number): void {
    this.#total = total;
  }

  step(report: StepReport & { stepMs: number }): void {
    const now = performance.now();
    if (report.step !== this.#total && now - this.#printed < LINE_EVERY_MS) return;
    this.#printed = now;
    note(`step ${report.step}/${this.#total}  ${describe(report, this.#total)}`);
  }

  stop(): void {}
}

function describe(report: StepReport & { stepMs: number }, total: number): string {
  const { step, loss, learningRate, gradNorm, tokens, stepMs, skipped } = report;
  const parts = [
    `loss ${loss.toFixed(4)}`,
    `lr ${learningRate.toExponential(2)}`,
    `grad ${skipped ? 'not finite, step skipped' : gradNorm.toFixed(3)}`,
    `${Math.round((1000 * tokens) / stepMs)} tok/s`,
    `${formatDuration(((total - step) * stepMs) / 1000)} left`,
  ];
  return parts.join('  ');
}
