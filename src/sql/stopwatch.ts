import type { Timings } from './answer.js';

/** A part of the work on one question. */
export type AnswerStage = keyof Omit<Timings, 'total'>;

/** Adds up the time spent in each part of an answer. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #parts: Record<AnswerStage, number> = { vault: 0, link: 0, decode: 0, check: 0 };

  /** @param onStart called as each part begins */
  constructor(private readonly onStart: (part: AnswerStage) => void = () => {}) {}

  time<T>(part: AnswerStage, work: () => T): T {
    this.onStart(part);
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#parts[part] += performance.now() - start;
    }
  }

  async timeAsync<T>(part: AnswerStage, work: () => Promise<T>): Promise<T> {
    this.onStart(part);
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#parts[part] += performance.now() - start;
    }
  }

  timings(): Timings {
    return { ...this.#parts, total: performance.now() - this.#start };
  }
}
