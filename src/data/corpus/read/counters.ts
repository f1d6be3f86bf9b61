import { hash48 } from '../../../base/hash.js';

/** Counts how often each name occurs. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Sorted by name. */
  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Counts distinct texts, with 8 bytes of memory per text seen. */
export class DistinctCounter {
  private hashes = new Float64Array(1 << 10);
  private seen = 0;

  add(text: string): void {
    this.addHash(hash48(text));
  }

  addHash(hash: number): void {
    if (this.seen === this.hashes.length) {
      const larger = new Float64Array(2 * this.seen);
      larger.set(this.hashes);
      this.hashes = larger;
    }
    this.hashes[this.seen++] = hash;
  }

  count(): number {
    const sorted = this.hashes.slice(0, this.seen).sort();
    let distinct = 0;
    for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++;
    return distinct;
  }
}

export interface Spread {
  min: number;
  mean: number;
  max: number;
  /** Bin i counts the values from `i * width` to below `(i + 1) * width`. */
  bins: number[];
  width: number;
}

export class SpreadCounter {
  count = 0;
  private sum = 0;
  private min = Infinity;
  private max = 0;
  private readonly bins: number[] = [];

  constructor(private readonly width: number) {}

  add(value: number): void {
    this.count++;
    this.sum += value;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    const bin = Math.floor(value / this.width);
    while (this.bins.length <= bin) this.bins.push(0);
    this.bins[bin]!++;
  }

  spread(): Spread {
    const { bins, width } = this;
    if (this.count === 0) return { min: 0, mean: 0, max: 0, bins, width };
    return { min: this.min, mean: this.sum / this.count, max: this.max, bins, width };
  }
}
