import { SingleBar } from 'cli-progress';
import { formatBytes } from '../base/format-bytes.js';
import type { TrainProgress } from '../engine/train/progress.js';
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
  /** Of a step, padding included. */
  positions: number;
}

export interface ProgressTarget {
  /** @param done steps of earlier runs */
  start(length: RunLength, done: number): void;
  /** Remembers the step; what it found in validation is shown at once. */
  step(report: TimedReport): void;
  /** Shows the step remembered last. */
  at(progress: TrainProgress): void;
  /** Writes a line of its own. */
  note(line: string): void;
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
  #length: RunLength = { steps: 0, positions: 0 };
  #last: TimedReport | undefined;
  #isShown = false;

  start(length: RunLength, done: number): void {
    this.#length = length;
    const { steps, seconds } = length;
    this.#bar.start(seconds ?? steps, seconds === undefined ? done : 0, { state: 'compiling kernels' });
    this.#isShown = true;
  }

  step(report: TimedReport): void {
    this.#last = report;
    validationLines(report).forEach((line) => this.note(line));
  }

  at(progress: TrainProgress): void {
    if (!this.#last) return;
    const { step, seconds } = this.#last;
    const state = describeProgress(this.#last, progress, this.#length);
    if (seconds === undefined) this.#bar.update(step, { state });
    else this.#bar.update(Math.round(seconds), { state: `step ${step}  ${state}` });
  }

  note(line: string): void {
    // The bar has no line end: what follows begins on a line of its own, and the bar is drawn below it.
    note(this.#isShown ? `\n${line}` : line);
  }

  stop(): void {
    this.#isShown = false;
    this.#bar.stop();
  }
}

class Lines implements ProgressTarget {
  #length: RunLength = { steps: 0, positions: 0 };
  #last: TimedReport | undefined;
  #printed = -Infinity;

  start(length: RunLength): void {
    this.#length = length;
  }

  step(report: TimedReport): void {
    this.#last = report;
    validationLines(report).forEach(note);
  }

  at(progress: TrainProgress): void {
    if (!this.#last) return;
    const now = performance.now();
    const { steps, seconds } = this.#length;
    const { step } = this.#last;
    const isLast = seconds === undefined && step === steps;
    if (!isLast && now - this.#printed < LINE_EVERY_MS) return;
    this.#printed = now;
    const total = seconds === undefined ? `/${steps}` : '';
    note(`step ${step}${total}  ${describeProgress(this.#last, progress, this.#length)}`);
  }

  note(line: string): void {
    note(line);
  }

  stop(): void {}
}

/** Where a run stands, in one line. */
export function describeProgress(
  report: StepReport,
  progress: TrainProgress,
  { positions }: Pick<RunLength, 'positions'>,
): string {
  const { loss, smoothedLoss, learningRate, gradNorm, tokens, skipped, lossScale } = report;
  const {
    utilisation,
    sessionSecondsLeft: session,
    secondsLeft,
    checkpointSeconds,
    checkpointStep,
  } = progress;
  const perSecond = (rate: number): string => (rate < 100 ? rate.toFixed(1) : String(Math.round(rate)));
  const parts = [
    `loss ${loss.toFixed(4)}, smoothed ${smoothedLoss.toFixed(4)}`,
    `lr ${learningRate.toExponential(2)}`,
    `grad ${skipped ? 'not finite, step skipped' : gradNorm.toFixed(3)}`,
    lossScale === undefined ? '' : `scale 2^${Math.log2(lossScale)}`,
    `${perSecond(progress.tokensPerSecond)} tok/s, ${perSecond(progress.learnedPerSecond)} learned`,
    utilisation === undefined ? '' : `MFU ${(100 * utilisation).toFixed(1)}%`,
    `rows ${Math.round((100 * tokens) / positions)}% full`,
    `mem ${formatBytes(progress.memoryBytes)}`,
    checkpointStep === 0 ? 'not saved yet' : `saved ${formatDuration(checkpointSeconds)} ago`,
    session === undefined ? '' : `session ${formatDuration(session)} left`,
    `${formatDuration(secondsLeft)} left`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** Questions and answers are cut to a line of a terminal. */
const MOST_CHARACTERS = 160;

/** What a validation found: its loss, and each question with its answer. */
export function validationLines({ step, validation }: StepReport): string[] {
  if (!validation) return [];
  const { loss, right, asked, samples = [], best } = validation;
  const parts = [
    loss === undefined ? '' : `loss ${loss.toFixed(4)}`,
    asked === undefined ? '' : `${right} of ${asked} answers right`,
    best ? 'the best so far' : '',
  ];
  const line = (label: string, text: string): string => {
    const flat = text.replace(/\s+/g, ' ');
    const cut = flat.length > MOST_CHARACTERS ? `${flat.slice(0, MOST_CHARACTERS)}…` : flat;
    return `  ${label.padEnd(9)} ${cut}`;
  };
  return [
    `step ${step}: validation: ${parts.filter((part) => part !== '').join(', ')}`,
    ...samples.flatMap(({ question, answer, verdict = '' }) => [
      line('asked', question),
      ...(answer === undefined ? [] : [line('wrote', answer)]),
      ...(verdict === '' ? [] : [line('verdict', verdict)]),
    ]),
  ];
}
