import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { fromHalf, packHalves, toHalf, unpackHalves } from '../../../src/engine/tensor/half.js';
import { testGpu } from '../test-gpu.js';

describe('f16 on the host', () => {
  test('every f16 survives a round trip', () => {
    for (let half = 0; half < 2 ** 16; half++) {
      const value = fromHalf(half);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else expect(toHalf(value), `${half}`).toBe(half);
    }
  });

  test('a value is rounded to the nearest f16, ties to even', () => {
    const finite = (half: number): boolean => (half & 0x7c00) !== 0x7c00;
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -70000, max: 70000 }), (value) => {
        const half = toHalf(value);
        if (!finite(half)) return Math.abs(value) >= 65520;
        const error = Math.abs(fromHalf(half) - value);
        return [half - 1, half + 1]
          .filter((other) => other >= 0 && finite(other))
          .every((other) => {
            const distance = Math.abs(fromHalf(other) - value);
            return distance > error || (distance === error && half % 2 === 0);
          });
      }),
      { numRuns: 5000, seed: 3 },
    );
  });

  test.each([
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -14, 0x0400],
    [-0, 0x8000],
  ])('%f is %i', (value, half) => expect(toHalf(value)).toBe(half));
});

test('the device rounds to one of the two neighbouring f16 values, and keeps exact ones', async () => {
  const gpu = await testGpu();
  const values = Float32Array.from({ length: 512 }, (_, i) => (i - 256) ** 3 / 257 + 1 / (i + 1));
  const x = gpu.tensor([512], values);
  const program = await record(gpu, () => {
    const y = recorder().tensor([512], 'halves', 'f16');
    recorder().dispatch(gpu.kernels.get('to_half'), { X: x, Y: y }, { N: 128 }, [2]);
    return y;
  });
  program.run();
  const halves = await program.outputs.read();
  values.forEach((value, i) => {
    const nearest = toHalf(value);
    expect([nearest - 1, nearest, nearest + 1].map(fromHalf)).toContain(halves[i]);
  });
  const exact = unpackHalves(packHalves(values));
  x.write(exact);
  program.run();
  expect(await program.outputs.read()).toEqual(exact);
  program.dispose();
  x.dispose();
});
