import { expect, test, vi } from 'vitest';

test('kernel.ts runs its own kernel beside a built-in one, within the rounding of f32', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/kernel.js');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines).toHaveLength(1);
  const error = /largest error of 10000 values: (\S+)/.exec(lines[0]!)![1]!;
  expect(Number(error)).toBeGreaterThan(0);
  expect(Number(error)).toBeLessThan(3e-7);
});
