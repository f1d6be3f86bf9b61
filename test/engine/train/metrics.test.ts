import { expect, test } from 'vitest';
import { usualStepMs } from '../../../src/engine/train/metrics.js';

/** A step's time as the host measures it: it sleeps for most of the usual time before it looks. */
function measured(work: number, usual: number): number {
  return Math.max(work, 0.9 * usual);
}

test('one slow step on a busy machine does not slow the steps after it', () => {
  let usual = 100;
  usual = usualStepMs(usual, 5000);
  expect(usual).toBeCloseTo(105);
  for (let step = 0; step < 3; step++) usual = usualStepMs(usual, measured(100, usual));
  expect(usual).toBeLessThanOrEqual(101);
});

test('steps that stay slower are found to be so, and faster ones at once', () => {
  let usual = 100;
  for (let step = 0; step < 30; step++) usual = usualStepMs(usual, measured(300, usual));
  expect(usual).toBe(300);
  expect(usualStepMs(usual, 20)).toBe(20);
});
