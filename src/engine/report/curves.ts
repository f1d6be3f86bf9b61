import { SmoothedLoss, type TrainProgress } from '../train/progress.js';
import type { StepReport } from '../train/run.js';
import type { ValidationReport } from '../train/validation.js';

/** A number of each step; null where it is not finite or not known. */
type Column = (number | null)[];

/** What a page draws of a run. Every column of a group is as long as its `step`, which rises. */
export interface RunCurves {
  steps: Record<'loss' | 'smoothedLoss' | 'learningRate' | 'gradNorm' | 'lossScale', Column> & {
    step: number[];
  };
  /** How many steps a point stands for: of their losses the mean, of their norms the highest, else the last value. */
  stepsPerPoint: number;
  clock: Record<'tokensPerSecond' | 'learnedPerSecond', Column> & { step: number[] };
  validations: (ValidationReport & { step: number })[];
  totals: { step: number; tokens: number; learned: number; skipped: number };
}

type StepLine = Partial<StepReport> & Pick<StepReport, 'step'>;
type ClockLine = Pick<TrainProgress, 'step' | 'tokensPerSecond' | 'learnedPerSecond'>;

/** More points than a screen has columns show nothing more. */
const MOST_POINTS = 4000;
/** Older validations keep their numbers only. */
const MOST_WITH_SAMPLES = 100;

/** The numbers of a run, as they come. Steps that are done again replace the earlier ones. */
export class CurveBook {
  readonly #steps: StepLine[] = [];
  readonly #clock: ClockLine[] = [];

  step(line: StepLine): void {
    dropFrom(this.#steps, line.step);
    this.#steps.push(line);
  }

  clock(line: ClockLine): void {
    dropFrom(this.#clock, line.step);
    this.#clock.push(line);
  }

  curves(most = MOST_POINTS): RunCurves {
    const lines = this.#steps;
    const stepsPerPoint = Math.max(1, Math.ceil(lines.length / most));
    const groups = grouped(lines, stepsPerPoint);
    const smoothed = smoothedLosses(lines);
    const last = (field: 'learningRate' | 'lossScale'): Column =>
      groups.map((group) => finite(group.at(-1)![field]));
    return {
      steps: {
        step: groups.map((group) => group.at(-1)!.step),
        loss: groups.map((group) => mean(group.flatMap(({ loss }) => finite(loss) ?? []))),
        smoothedLoss: grouped(smoothed, stepsPerPoint).map((group) => group.at(-1)!),
        learningRate: last('learningRate'),
        gradNorm: groups.map((group) => highest(group.flatMap(({ gradNorm }) => finite(gradNorm) ?? []))),
        lossScale: last('lossScale'),
      },
      stepsPerPoint,
      clock: clockCurves(this.#clock, most),
      validations: validationsOf(lines),
      totals: this.totals,
    };
  }

  get totals(): RunCurves['totals'] {
    const lines = this.#steps;
    return {
      step: lines.at(-1)?.step ?? 0,
      tokens: lines.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
      learned: lines.reduce((sum, { lossTokens = 0 }) => sum + lossTokens, 0),
      skipped: lines.filter(({ skipped }) => skipped).length,
    };
  }
}

function dropFrom(lines: { step: number }[], step: number): void {
  while (lines.length > 0 && lines.at(-1)!.step >= step) lines.pop();
}

function grouped<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

const finite = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const highest = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));

function clockCurves(lines: readonly ClockLine[], most: number): RunCurves['clock'] {
  const groups = grouped(lines, Math.max(1, Math.ceil(lines.length / most)));
  const means = (field: 'tokensPerSecond' | 'learnedPerSecond'): Column =>
    groups.map((group) => mean(group.flatMap((line) => finite(line[field]) ?? [])));
  return {
    step: groups.map((group) => group.at(-1)!.step),
    tokensPerSecond: means('tokensPerSecond'),
    learnedPerSecond: means('learnedPerSecond'),
  };
}

function validationsOf(lines: readonly StepLine[]): RunCurves['validations'] {
  const found = lines.flatMap(({ step, validation }) => (validation ? [{ step, ...validation }] : []));
  const first = found.length - MOST_WITH_SAMPLES;
  return found.map((one, i) => (i < first ? { ...one, samples: undefined } : one));
}

/** Runs of older versions have no smoothed loss; theirs is made here, as a run of today would. */
function smoothedLosses(lines: readonly StepLine[]): Column {
  const running = new SmoothedLoss();
  return lines.map(({ loss, smoothedLoss }) => {
    const own = running.add(finite(loss) ?? NaN);
    return smoothedLoss === undefined ? finite(own) : finite(smoothedLoss);
  });
}
