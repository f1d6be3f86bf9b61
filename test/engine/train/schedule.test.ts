import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../../src/engine/errors.js';
import { learningRateAt, learningRateAtShare, RunSchedule } from '../../../src/engine/train/schedule.js';

const SHAPE = { learningRate: 1, minLearningRate: 0.1, warmupSteps: 5, steps: 100, warmupShare: 0.05 };

describe('the learning rate', () => {
  test('is the same curve over the share of the time as over the share of the steps', () => {
    const many = { ...SHAPE, steps: 100_000, warmupSteps: 5000 };
    for (const share of [0.01, 0.049, 0.05, 0.3, 0.525, 0.99]) {
      expect(learningRateAtShare(share, many)).toBeCloseTo(learningRateAt(share * 100_000, many), 3);
    }
  });

  test('starts at 0, peaks where the warm-up ends, and stays at its end after the time is over', () => {
    const at = (share: number): number => learningRateAtShare(share, SHAPE);
    expect([at(0), at(0.025), at(0.05), at(1), at(1.2)]).toEqual([0, 0.5, 1, 0.1, 0.1]);
    expect(learningRateAtShare(0, { ...SHAPE, warmupShare: 0 })).toBe(1);
    expect(learningRateAtShare(1, { ...SHAPE, warmupShare: 1 })).toBe(0.1);
  });
});

/**
 * A host that submits in no time, and a device that takes `stepMs` per step. The host waits when the schedule says so, and
 * after a second's worth of steps, as `MetricsReader` does.
 */
function simulate(stepMs: (step: number) => number, { most = 64, seconds = 10 } = {}) {
  let ms = 0;
  const schedule = new RunSchedule({ ...SHAPE, seconds }, () => ms);
  schedule.start();
  const begun: number[] = [];
  const expected: number[] = [];
  const rates: number[] = [];
  let deviceMs = 0;
  let inFlight = 0;
  let group = 1;
  const wait = (): void => {
    const measured = Math.max(0, deviceMs - ms) / inFlight;
    ms = Math.max(ms, deviceMs);
    schedule.caughtUp();
    inFlight = 0;
    group = Math.min(most, Math.max(1, Math.floor(1000 / measured)));
  };
  let step = 0;
  for (; !schedule.isOver(step); step++) {
    const next = schedule.next(step);
    expected.push(next.seconds!);
    rates.push(next.learningRate);
    deviceMs = Math.max(deviceMs, ms);
    begun.push(deviceMs / 1000);
    deviceMs += stepMs(step);
    if (++inFlight >= group || schedule.mustWait) wait();
  }
  if (inFlight > 0) wait();
  return { begun, expected, rates, seconds: ms / 1000 };
}

describe('a schedule by time', () => {
  test('knows when steps in flight begin, though the host submits them ahead of the device', () => {
    const { begun, expected, rates } = simulate(() => 20);
    expect(begun).toHaveLength(500);
    expected.forEach((seconds, i) => expect(seconds).toBeCloseTo(begun[i]!, 9));
    expect(rates.at(-1)! - 0.1).toBeLessThan(1e-4);
  });

  test.each([
    ['short steps', () => 1.7],
    ['steps longer than half of the time', () => 6000],
    ['steps that become slower', (step: number) => 10 + step],
    ['steps that become faster', (step: number) => 400 / (1 + step / 10)],
    ['steps of which every tenth is slow', (step: number) => (step % 10 === 9 ? 300 : 20)],
  ])('is over after its seconds and at most one step more: %s', (_name, stepMs) => {
    for (const most of [1, 64, 1000]) {
      const { begun, seconds } = simulate(stepMs, { most });
      const longest = Math.max(...begun.map((_, i) => stepMs(i))) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(10);
      expect(seconds).toBeLessThanOrEqual(10 + longest);
    }
  });

  test('counts the time of earlier runs', () => {
    let ms = 500;
    const schedule = new RunSchedule({ ...SHAPE, seconds: 10 }, () => ms);
    ms = 2000; // compiling
    schedule.start(4);
    expect(schedule.next(0)).toEqual({ learningRate: learningRateAtShare(0.4, SHAPE), seconds: 4 });
    ms = 7999;
    expect(schedule.isOver(1)).toBe(false);
    ms = 8000;
    expect([schedule.spent, schedule.isOver(1)]).toEqual([10, true]);
  });

  test('refuses times and shares that make no schedule', () => {
    const make =
      (options: object): (() => RunSchedule) =>
      () =>
        new RunSchedule({ ...SHAPE, ...options });
    for (const seconds of [0, -1, NaN, Infinity]) expect(make({ seconds })).toThrow(ShapeError);
    expect(make({ seconds: 10, warmupShare: 1.5 })).toThrow(/warmupShare is 1\.5/);
    expect(make({ steps: 0 })).toThrow(/steps is 0: it must be positive/);
  });
});
