import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRuns, compareTimings, DRIFT } from '../../../src/engine/bench/compare.js';
import { quantile, summarise } from '../../../src/engine/bench/statistics.js';
import { Random } from '../numerics.js';

const timing = fc.record({
  medianMs: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
  spread: fc.double({ min: 0, max: 2, noNaN: true }),
  samples: fc.integer({ min: 1, max: 100 }),
});

/** Times around a median, skewed to the slow side like real ones. */
function run(random: Random, medianMs: number, noise: number, samples = 12): ReturnType<typeof summarise> {
  return summarise(
    Array.from({ length: samples }, () => medianMs * (1 + noise * random.uniform() * random.uniform())),
  );
}

describe('quantiles', () => {
  test('of a few values are interpolated', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.25)).toBe(7);
    expect(summarise([4, 1, 3, 2, 5])).toEqual({ medianMs: 3, spread: 2 / 3, samples: 5 });
  });
});

describe('the noise rule', () => {
  test('a run does not differ from itself', () => {
    fc.assert(fc.property(timing, (one) => compareTimings(one, one).verdict === 'same'));
  });

  test('swapping the two runs swaps better and worse', () => {
    const opposite = { better: 'worse', worse: 'better', same: 'same' };
    fc.assert(
      fc.property(timing, timing, (a, b) => {
        expect(compareTimings(b, a).verdict).toBe(opposite[compareTimings(a, b).verdict]);
      }),
    );
  });

  test('does not depend on the unit of time', () => {
    fc.assert(
      fc.property(timing, timing, fc.constantFrom(0.25, 2, 1024), (a, b, factor) => {
        const scaled = [a, b].map((one) => ({ ...one, medianMs: one.medianMs * factor }));
        expect(compareTimings(scaled[0]!, scaled[1]!).verdict).toBe(compareTimings(a, b).verdict);
      }),
    );
  });

  test('two runs of the same program rarely differ; a run that is 30% slower is detected', () => {
    const random = new Random(7);
    let falseAlarms = 0;
    let found = 0;
    const trials = 500;
    for (let i = 0; i < trials; i++) {
      const before = run(random, 10, 0.4);
      if (compareTimings(before, run(random, 10, 0.4)).verdict !== 'same') falseAlarms++;
      if (compareTimings(before, run(random, 13, 0.4)).verdict === 'worse') found++;
    }
    expect(falseAlarms / trials).toBeLessThan(0.05);
    expect(found / trials).toBeGreaterThan(0.9);
  });

  test('drift between runs is tolerated even without any spread', () => {
    const before = { medianMs: 100, spread: 0, samples: 12 };
    const slower = (share: number) =>
      compareTimings(before, { ...before, medianMs: 100 * (1 + share) }).verdict;
    expect(slower(DRIFT * 0.9)).toBe('same');
    expect(slower(DRIFT * 1.1)).toBe('worse');
  });

  test('compares the results that both runs have and names the rest', () => {
    const one = { medianMs: 10, spread: 0.01, samples: 12 };
    const { compared, onlyBefore, onlyNow } = compareRuns(
      [
        { name: 'gone', ...one },
        { name: 'kept', ...one },
      ],
      [
        { name: 'kept', ...one, medianMs: 5 },
        { name: 'new', ...one },
      ],
    );
    expect(compared).toMatchObject([{ name: 'kept', verdict: 'better', speedup: 2 }]);
    expect([onlyBefore, onlyNow]).toEqual([['gone'], ['new']]);
  });
});
