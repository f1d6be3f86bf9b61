import type { TrainProgress } from '../train/progress.js';
import type { StepReport } from '../train/run.js';
import type { CurveBook, RunCurves } from './curves.js';
import { readRun, type RunView } from './view.js';

/** What has come since the last message: steps, and where the run stands. A page that was opened in between knows some. */
export interface LiveSteps {
  reports: StepReport[];
  totals: RunCurves['totals'];
  progress: TrainProgress;
  secondsSpent: number | undefined;
}

/** A run that is training: what its folder said when the session began, and what has come since. */
export class LiveRun {
  #waiting: StepReport[] = [];
  readonly #began = performance.now();

  private constructor(
    private readonly first: RunView,
    private readonly book: CurveBook,
  ) {}

  /** @throws CheckpointError as `readRun` */
  static async open(folder: string): Promise<LiveRun> {
    const { view, book } = await readRun(folder, { mayBeEmpty: true });
    return new LiveRun(view, book);
  }

  get view(): RunView {
    return { ...this.first, secondsSpent: this.#secondsSpent, curves: this.book.curves() };
  }

  step(report: StepReport): void {
    this.book.step(report);
    this.#waiting.push(report);
    if (report.validation?.best) this.first.best = { step: report.step };
  }

  /** What pages do not know yet. */
  at(progress: TrainProgress): LiveSteps {
    this.book.clock(progress);
    this.first.progress = progress;
    const reports = this.#waiting;
    this.#waiting = [];
    return { reports, totals: this.book.totals, progress, secondsSpent: this.#secondsSpent };
  }

  get #secondsSpent(): number | undefined {
    const { secondsSpent } = this.first;
    return secondsSpent === undefined ? undefined : secondsSpent + (performance.now() - this.#began) / 1000;
  }
}
