import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Scrambles 32 bits (MurmurHash3's finaliser), so that neighbouring seeds give unrelated words. */
function scramble(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The random numbers of a corpus. Streams `(seed, stream)` are independent of each other, so sample 17 is the same
 * whether one worker draws all samples or eight share them.
 */
export class Random {
  private readonly generator: RandomGenerator;

  constructor(seed: number, stream: number) {
    const a = scramble(seed ^ 0x9e3779b9);
    const b = scramble(a ^ scramble(stream));
    const c = scramble(b + 0x6d2b79f5);
    const d = scramble(c ^ scramble(stream + 0x3c6ef372));
    this.generator = xoroshiro128plusFromState([a, b, c, d | 1]);
  }

  /** Uniform integer in [0, n). The multiply-shift bias is below n / 2^32. */
  int(n: number): number {
    return Math.floor(((this.generator.next() >>> 0) * n) / 0x1_0000_0000);
  }

  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.generator.next() >>> 0 < probability * 0x1_0000_0000;
  }

  /** @throws RangeError for an empty list: the caller must check first */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Random.pick: the list is empty');
    return items[this.int(items.length)]!;
  }

  /** `count` different items in random order, or all of them if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    const taken = Math.min(count, pool.length);
    for (let i = 0; i < taken; i++) {
      const j = i + this.int(pool.length - i);
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
    pool.length = taken;
    return pool;
  }

  /** A random index, drawn in proportion to its weight; `cumulative` holds the running sums of the weights. */
  weighted(cumulative: readonly number[]): number {
    const target = ((this.generator.next() >>> 0) / 0x1_0000_0000) * cumulative[cumulative.length - 1]!;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
