import { SingleBar } from 'cli-progress';
import type { StepReport } from '../engine/train/trainer.js';
import { formatDuration } from './format.js';
import { note } from './output.js';

/** The time between two lines where there is no terminal. */
const LINE_EVERY_MS = 10_000;

export interface ProgressTarget {
  /** @param positions of a step, padding included */
  start(total: number, done: number, positions: number): void;
  step(report: StepReport & { stepMs: number }): void;
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
  #run = { total: 0, positions: 0 };

  start(total: number, done: number, positions: number): void {
    this.#run = { total, positions };
    this.#bar.start(total, done, { state: 'compiling kernels' });
  }

  step(report: StepReport & { stepMs: number }): void {
    this.#bar.update(report.step, { state: describe(report, this.#run) });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements ProgressTarget {
  #run = { total: 0, positions: 0 };
  #printed = -Infinity;

  start(total: number, _done: number, positions: number): void {
    this.#run = { total, positions };
  }

  step(report: StepReport & { stepMs: number }): void {
    const now = performance.now();
    if (report.step !== this.#run.total && now - this.#printed < LINE_EVERY_MS) return;
    this.#printed = now;
    note(`step ${report.step}/${this.#run.total}  ${describe(report, this.#run)}`);
  }

  stop(): void {}
}

function describe(
  report: StepReport & { stepMs: number },
  { total, positions }: { total: number; positions: number },
): string {
  const { step, loss, learningRate, gradNorm, tokens, lossTokens, stepMs, skipped } = report;
  const perSecond = (count: number): number => Math.round((1000 * count) / stepMs);
  const parts = [
    `loss ${loss.toFixed(4)}`,
    `lr ${learningRate.toExponential(2)}`,
    `grad ${skipped ? 'not finite, step skipped' : gradNorm.toFixed(3)}`,
    `${perSecond(tokens)} tok/s, ${perSecond(lossTokens)} learned`,
    `rows ${Math.round((100 * tokens) / positions)}% full`,
    `${formatDuration(((total - step) * stepMs) / 1000)} left`,
  ];
  return parts.join('  ');
}
