/** Losses that are not finite, one after another, after which the weights themselves must be at fault. */
const LOSSES = 3;
/**
 * Skipped steps, one after another, that no loss scale explains: halved with each of them, it has fallen from 2^24 to 1
 * after 24.
 */
const SKIPS = 40;

/** Watches whether a run still learns. A step whose gradients are not finite changes nothing, and often the next one is fine. */
export class FiniteWatch {
  #losses = 0;
  #skips = 0;

  note({ loss, skipped }: { loss: number; skipped: boolean }): void {
    this.#losses = Number.isFinite(loss) ? 0 : this.#losses + 1;
    this.#skips = skipped ? this.#skips + 1 : 0;
  }

  /** Whether the latest loss was not finite: the weights may be at fault and should not be saved. */
  get isDoubtful(): boolean {
    return this.#losses > 0;
  }

  /** Whether it has gone on for so long that the next step will not mend it. */
  get isLost(): boolean {
    return this.#losses >= LOSSES || this.#skips >= SKIPS;
  }

  reset(): void {
    this.#losses = this.#skips = 0;
  }
}
