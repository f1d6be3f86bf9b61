import type { Timings } from './answer.js';

type Part = keyof Omit<Timings, 'total'>;

/** Adds up the time spent in each part of an answer. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #parts: Record<Part, number> = { vault: 0, link: 0, decode: 0, check: 0 };

  time<T>(part: Part, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#parts[part] += performance.now() - start;
    }
  }

  async timeAsync<T>(part: Part, work: () => Promise<T>): Promise<T> {
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
