import { ServeError } from './errors.js';

export interface QueueOptions {
  /** The most questions that wait or run; more are refused. */
  capacity: number;
  /** Milliseconds: questions that would probably wait longer are refused too (default: no limit). */
  longestWait?: number | undefined;
}

interface Job {
  /** Does the work; then returns what tells its outcome. */
  run: () => Promise<() => void>;
}

/** Weight of the newest time in the moving average. */
const NEWEST = 0.3;
const FIRST_GUESS_MS = 1000;
const LONGEST_WAIT_S = 60;

/**
 * Runs one question at a time, since all share one model on one device. Those that wait are run in order; beyond the
 * capacity they are refused, with the time after which there should be room.
 */
export class DecodeQueue {
  readonly #capacity: number;
  readonly #longestWait: number;
  readonly #waiting: Job[] = [];
  #running = false;
  /** Of one question, a moving average; undefined before the first. */
  #measuredMs: number | undefined;
  #onIdle: (() => void)[] = [];

  constructor({ capacity, longestWait = Infinity }: QueueOptions) {
    this.#capacity = capacity;
    this.#longestWait = longestWait;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return this.#running ? 1 : 0;
  }

  /**
   * Takes all works or none, and runs them in order, between those of others.
   *
   * @param signal ends the wait of those that have not begun, and rejects the one that runs at once; the next one begins
   *   only when that work has ended, so it should watch the signal too
   * @throws ServeError `queue-full` if there is no room for all of them
   */
  runAll<T>(works: readonly (() => Promise<T>)[], signal?: AbortSignal): Promise<T>[] {
    const size = this.waiting + this.running;
    const isFull = size + works.length > this.#capacity;
    const averageMs = this.#measuredMs ?? FIRST_GUESS_MS;
    const isLong = size > 0 && (size + works.length) * averageMs > this.#longestWait;
    if (isFull || isLong) {
      const seconds = Math.ceil((size * averageMs) / 1000);
      const retryAfter = Math.min(LONGEST_WAIT_S, Math.max(1, seconds));
      const why = isFull ? 'there is no room for more' : 'another would wait too long';
      const message = `${size} questions are waiting, and ${why}: ask again in ${retryAfter} s`;
      throw new ServeError('queue-full', message, 429, retryAfter);
    }
    const results = works.map((work) => this.#enqueue(work, signal));
    this.#next();
    return results;
  }

  /** Resolves when nothing waits or runs. */
  idle(): Promise<void> {
    if (this.waiting + this.running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #enqueue<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = {
        async run() {
          try {
            const value = await work();
            return () => resolve(value);
          } catch (error) {
            return () => reject(error as Error);
          } finally {
            signal?.removeEventListener('abort', drop);
          }
        },
      };
      const drop = (): void => {
        const at = this.#waiting.indexOf(job);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal!.reason as Error);
        this.#tellIdle();
      };
      if (signal?.aborted) return reject(signal.reason as Error);
      signal?.addEventListener('abort', drop, { once: true });
      this.#waiting.push(job);
    });
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#waiting.shift();
    if (!job) return this.#tellIdle();
    this.#running = true;
    const started = performance.now();
    void job.run().then((tellOutcome) => {
      const took = performance.now() - started;
      this.#measuredMs = took * NEWEST + (this.#measuredMs ?? took) * (1 - NEWEST);
      // There is room again before anyone hears of the outcome.
      this.#running = false;
      tellOutcome();
      this.#next();
    });
  }

  #tellIdle(): void {
    if (this.waiting + this.running > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
