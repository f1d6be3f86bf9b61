import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/base/files.js';
import { fillNormal } from '../../../src/engine/nn/normal.js';

function draw(count: number, seed = 1, first = 0, std = 1): Float32Array {
  const values = new Float32Array(count);
  fillNormal(values, std, seed, first);
  return values;
}

const mean = (values: ArrayLike<number>, f = (value: number): number => value): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += f(values[i]!);
  return sum / values.length;
};

/** P(|X| > x), by Simpson's rule. */
function beyond(x: number): number {
  const steps = 20_000;
  const h = 12 / steps;
  const curve = (at: number): number => Math.exp((-at * at) / 2);
  let area = 0;
  for (let i = 0; i < steps; i++) {
    const at = x + i * h;
    area += ((curve(at) + 4 * curve(at + h / 2) + curve(at + h)) * h) / 6;
  }
  return (2 * area) / Math.sqrt(2 * Math.PI);
}

/** The bounds are five standard errors of each statistic. */
describe('normal numbers', () => {
  const N = 4_000_000;
  const values = draw(N);
  const within = (variance: number): number => 5 * Math.sqrt(variance / N);

  test('have the first six moments of the normal distribution', () => {
    // Moments of N(0, 1): 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395; the variance of xᵏ is m(2k) - m(k)².
    const moments = [1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10_395];
    for (let k = 1; k <= 6; k++) {
      const error = mean(values, (x) => x ** k) - moments[k]!;
      expect(Math.abs(error), `moment ${k}`).toBeLessThan(within(moments[2 * k]! - moments[k]! ** 2));
    }
  });

  test.each([0.5, 1, 2, 3, 3.6, 3.7, 4, 4.5])(
    'as many as expected lie beyond %d, on both sides alike',
    (x) => {
      const p = beyond(x);
      const share = mean(values, (value) => Number(Math.abs(value) > x));
      expect(Math.abs(share - p)).toBeLessThan(within(p * (1 - p)));
      const right = mean(values, (value) => Number(value > x));
      expect(Math.abs(right - p / 2)).toBeLessThan(within((p / 2) * (1 - p / 2)));
    },
  );

  test('fill every small interval as expected: no layer of the ziggurat shows', () => {
    const width = 1 / 64;
    const counts = new Float64Array(4 / width);
    for (const value of values) {
      const bin = Math.floor(Math.abs(value) / width);
      if (bin < counts.length) counts[bin]!++;
    }
    const chiSquare = counts.reduce((sum, count, bin) => {
      const expected = N * (beyond(bin * width) - beyond((bin + 1) * width));
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    // Mean n and variance 2n for n = 255 degrees of freedom, about normal.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * Math.sqrt(2 * 255));
  });

  const powers = Array.from({ length: 21 }, (_, bit) => 2 ** bit);
  test.each([...powers, 3, 640, 768, 1408])('those %d places apart are independent', (lag) => {
    let products = 0;
    let squares = 0;
    for (let i = lag; i < N; i++) {
      const product = values[i]! * values[i - lag]!;
      products += product;
      squares += (values[i]! ** 2 - 1) * (values[i - lag]! ** 2 - 1);
    }
    const count = N - lag;
    expect(Math.abs(products / count)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(squares / count)).toBeLessThan(5 * Math.sqrt(4 / count));
  });

  test('two seeds give unrelated numbers, neighbours and seeds beyond 32 bits too', () => {
    const some = values.subarray(0, 100_000);
    const pairs = new Set(some.map((value, i) => value + 1000 * some[(i + 1) % some.length]!));
    for (const other of [0, 2, 3, -1, 1 + 2 ** 32, 2 ** 52]) {
      const others = draw(some.length, other);
      const product = mean(others.map((value, i) => value * some[i]!));
      expect(Math.abs(product), `seed ${other}`).toBeLessThan(5 / Math.sqrt(some.length));
      // Nor is one sequence a shifted part of the other: then they would share neighbours.
      const shared = others.filter((value, i) => pairs.has(value + 1000 * others[i + 1]!));
      expect(shared.length, `seed ${other}`).toBeLessThan(100);
    }
  });

  test('one number depends on its place alone, not on where a chunk begins', () => {
    expect(draw(1000, 1, 5000)).toEqual(values.slice(5000, 6000));
  });

  test('are scaled to the deviation', () => {
    const scaled = draw(1000, 1, 0, 0.5);
    expect(scaled).toEqual(values.slice(0, 1000).map((value) => 0.5 * value));
  });

  test('are the same bytes on every machine', () => {
    expect(sha256(new Uint8Array(values.buffer))).toBe(
      '4bdb37e8e306e80da31d8eef801fbc322ab874c2ad49202846c6fdf1d30f4979',
    );
  });
});
