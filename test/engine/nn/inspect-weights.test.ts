import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parameterCount } from '../../../src/engine/nn/config.js';
import { inspectWeights, figuresOf } from '../../../src/engine/nn/inspect-weights.js';
import { TINY } from '../tiny-model.js';
import { saveRandomModel } from './random-model.js';

const root = mkdtempSync(join(tmpdir(), 'inspect-'));
afterAll(() => rmSync(root, { recursive: true }));

test('figures of a list that can be checked by hand', () => {
  const { histogram, ...figures } = figuresOf(Float32Array.of(-1, 0, 0, 3, 4, NaN, Infinity));
  expect(figures).toEqual({
    elements: 7,
    norm: Math.sqrt(26),
    mean: 1.2,
    std: Math.sqrt((2.2 ** 2 + 2 * 1.2 ** 2 + 1.8 ** 2 + 2.8 ** 2) / 5),
    min: -1,
    max: 4,
    zeros: 2,
    notFinite: 2,
  });
  // 24 ranges of 5/24: 0 is in the fifth, 3 in the twentieth, the largest in the last.
  expect(histogram.flatMap((count, bin) => Array.from({ length: count }, () => bin))).toEqual([
    0, 4, 4, 19, 23,
  ]);
});

test('equal values, no values and no finite values have figures too', () => {
  expect(figuresOf(Float32Array.of(2, 2))).toMatchObject({ mean: 2, std: 0, min: 2, max: 2 });
  expect(figuresOf(new Float32Array())).toMatchObject({ elements: 0, norm: 0 });
  expect(figuresOf(Float32Array.of(NaN))).toMatchObject({ elements: 1, notFinite: 1, max: 0 });
});

test('a small spread around a large mean keeps its digits', () => {
  expect(figuresOf(Float32Array.of(10_000, 10_001)).std).toBeCloseTo(0.5, 10);
});

test('every tensor of a model is counted, and a name chooses among them', async () => {
  const model = join(root, 'model');
  const weights = await saveRandomModel(model, TINY, { step: 9 });
  const { step, parameters, tensors } = await inspectWeights(model);
  expect(step).toBe(9);
  expect(parameters).toBe(parameterCount(TINY));
  expect(tensors.map(({ name }) => name)).toEqual([...weights.keys()]);
  for (const { name, max, elements, histogram } of tensors) {
    const values = weights.get(name)!;
    expect(max).toBe(Math.max(...values));
    expect(elements).toBe(values.length);
    expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(values.length);
  }
  const chosen = await inspectWeights(model, 'layers.1.');
  expect(chosen.parameters).toBe(parameters);
  expect(chosen.tensors.every(({ name }) => name.startsWith('layers.1.'))).toBe(true);
  await expect(inspectWeights(model, 'nowhere')).rejects.toMatchObject({ code: 'shape' });
});
