import { describe, expect, test } from 'vitest';
import { DeviceError } from '../../../src/engine/errors.js';
import { isBetter } from '../../../src/engine/train/best.js';
import { FiniteWatch } from '../../../src/engine/train/finite-watch.js';
import { fitMemory } from '../../../src/engine/train/fit-memory.js';
import { SmoothedLoss } from '../../../src/engine/train/progress.js';
import { decayStart, learningRateAt, learningRateAtShare } from '../../../src/engine/train/schedule.js';

describe('the loss is smoothed', () => {
  test('as a plain mean at first, then forgetting; what is not finite does not count', () => {
    const smoothed = new SmoothedLoss();
    expect([4, 2, NaN, 3].map((loss) => smoothed.add(loss))).toEqual([4, 3, 3, 3]);
    for (let i = 0; i < 500; i++) smoothed.add(1);
    expect(smoothed.add(1)).toBeCloseTo(1, 3);
  });

  test('and goes on from a saved state to the bit', () => {
    const [a, b] = [new SmoothedLoss(), new SmoothedLoss()];
    for (let i = 1; i < 80; i++) a.add(1 / i);
    b.restore(JSON.parse(JSON.stringify(a.state)));
    expect(b.add(0.3)).toBe(a.add(0.3));
  });
});

describe('a run is lost', () => {
  const after = (steps: readonly { loss: number; skipped: boolean }[]): FiniteWatch => {
    const watch = new FiniteWatch();
    steps.forEach((step) => watch.note(step));
    return watch;
  };
  const bad = { loss: NaN, skipped: true };
  const skipped = { loss: 1, skipped: true };
  const good = { loss: 1, skipped: false };

  test('after three losses in a row that are not finite, and doubtful after one', () => {
    expect(after([bad, bad])).toMatchObject({ isLost: false, isDoubtful: true });
    expect(after([bad, bad, bad]).isLost).toBe(true);
    expect(after([bad, bad, good, bad])).toMatchObject({ isLost: false, isDoubtful: true });
  });

  test('after more skipped steps than a loss scale needs to fall from its highest to 1', () => {
    expect(after(Array.from({ length: 25 }, () => skipped))).toMatchObject({
      isLost: false,
      isDoubtful: false,
    });
    expect(after(Array.from({ length: 40 }, () => skipped)).isLost).toBe(true);
  });
});

test('more right answers are better than a lower loss, which decides among equals', () => {
  const best = { step: 1, loss: 1, right: 2, asked: 4 };
  expect(isBetter({ loss: 9, right: 3, asked: 4 }, best)).toBe(true);
  expect(isBetter({ loss: 0.1, right: 1, asked: 4 }, best)).toBe(false);
  expect(isBetter({ loss: 0.9, right: 2, asked: 4 }, best)).toBe(true);
  expect(isBetter({ loss: 1, right: 2, asked: 4 }, best)).toBe(false);
  expect(isBetter({ loss: 2 }, { step: 1, loss: 3 })).toBe(true);
});

describe('warm-up, stable, decay', () => {
  const options = {
    learningRate: 1,
    minLearningRate: 0.2,
    warmupSteps: 4,
    steps: 20,
    schedule: 'wsd' as const,
    decayShare: 0.25,
  };

  test('rises along a line, stays, and falls along a line over the last quarter', () => {
    const rates = Array.from({ length: 20 }, (_, step) => learningRateAt(step, options));
    expect(rates.slice(0, 4)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(new Set(rates.slice(4, 16))).toEqual(new Set([1]));
    expect(decayStart(options)).toBe(15);
    expect(rates[17]).toBeCloseTo(0.2 + 0.8 * 0.6, 12);
    expect(learningRateAt(20, options)).toBeCloseTo(0.2, 12);
  });

  test('follows the clock in a timed run', () => {
    expect([0.5, 0.75, 1].map((share) => learningRateAtShare(share, options))).toEqual([1, 1, 0.2]);
  });
});

describe('the rows of a step are split to fit', () => {
  const cost = { none: 100, mlp: 60, block: 20 };
  const needed = ({ batchSize, recompute }: { batchSize: number; recompute: keyof typeof cost }): number =>
    1000 + batchSize * cost[recompute];

  test('into the fewest micro-batches, with the least recomputation', () => {
    expect(fitMemory(12, 1450, needed)).toEqual({
      batchSize: 4,
      microBatches: 3,
      recompute: 'none',
      bytes: 1400,
    });
    expect(fitMemory(12, 1070, needed)).toMatchObject({ batchSize: 1, recompute: 'mlp' });
    expect(fitMemory(12, 1070, needed, ['block'])).toMatchObject({ batchSize: 3, microBatches: 4 });
    expect(fitMemory(7, 9999, needed)).toMatchObject({ batchSize: 7, microBatches: 1 });
  });

  test('and are refused when not even one fits; a tensor that is too large does not fit', () => {
    expect(() => fitMemory(4, 1010, needed)).toThrow(/one row needs/);
    const tooLarge = (): number => {
      throw new DeviceError('tensor-too-large', 'x');
    };
    expect(() => fitMemory(4, 1e9, tooLarge)).toThrow(DeviceError);
  });
});
