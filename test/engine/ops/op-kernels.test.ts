import { describe, expect, test } from 'vitest';
import type { KernelFlags } from '../../../src/engine/gpu/template.js';
import { dropoutReference } from '../../../src/engine/ops/dropout.js';
import { geluReference } from '../../../src/engine/ops/gelu.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { softmaxReference } from '../../../src/engine/ops/softmax.js';
import { sumReference } from '../../../src/engine/ops/sum.js';
import { relativeError } from '../numerics.js';
import { blank, dispatch, GRIDS, MARGIN, N, x, y, type Data } from './dispatch.js';

/** Kernel and case, flags, buffers, parameters, the buffer that it writes, and its expected content. */
type ElementCase = [
  string,
  KernelFlags,
  Record<string, Data>,
  Record<string, number>,
  string,
  ArrayLike<number>,
];
const range = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));
const C = 10;
const ROWS = N / C;
const step = Uint32Array.of(3);
const ELEMENT_CASES: ElementCase[] = [
  [
    'gelu',
    { F16: false, BACKWARD: false, ACCUMULATE: false },
    { X: x, Y: blank(N) },
    { N },
    'Y',
    geluReference(x.subarray(0, N)),
  ],
  [
    'mul',
    { F16: false, ACCUMULATE: false },
    { X: x, Y: y, Z: blank(N) },
    { N },
    'Z',
    range(N, (i) => x[i]! * y[i]!),
  ],
  [
    'gate: relu',
    { F16: false, RELU: true, DROPOUT: false, ACCUMULATE: false },
    { X: x, by: y, Y: blank(N) },
    { N, factor: 1 },
    'Y',
    range(N, (i) => (y[i]! > 0 ? x[i]! : 0)),
  ],
  [
    'gate: scale',
    { F16: false, RELU: false, DROPOUT: false, ACCUMULATE: true },
    { X: x, Y: y },
    { N, factor: 3 },
    'Y',
    range(N, (i) => 3 * x[i]! + y[i]!),
  ],
  [
    'gate: dropout',
    { F16: false, RELU: false, DROPOUT: true, ACCUMULATE: false },
    { X: x, step, Y: blank(N) },
    { N, factor: 2, seed: 4, threshold: 2 ** 31 },
    'Y',
    dropoutReference(x.subarray(0, N), 0.5, { step: 3, seed: 4 }),
  ],
  ['add_bias', { F16: false }, { bias: x, Y: y }, { N: ROWS, C }, 'Y', range(N, (i) => y[i]! + x[i % C]!)],
  [
    'row_repeat',
    { ACCUMULATE: false },
    { X: x, Y: blank(N) },
    { N, C, scale: 0.5 },
    'Y',
    range(N, (i) => 0.5 * x[Math.floor(i / C)]!),
  ],
  [
    'row_sum: the last row is shorter',
    {},
    { X: x, Y: blank(112) },
    { N, C: 9, scale: 1 },
    'Y',
    range(112, (r) => sumReference(x.subarray(9 * r, Math.min(9 * r + 9, N)))[0]!),
  ],
  ['softmax_forward', {}, { X: x, Y: blank(N) }, { N: ROWS, C }, 'Y', softmaxReference(x.subarray(0, N), C)],
  [
    'softmax_backward',
    { ACCUMULATE: false },
    { Y: x, dY: y, dX: blank(N) },
    { N: ROWS, C },
    'dX',
    range(N, (i) => {
      const row = range(C, (c) => C * Math.floor(i / C) + c);
      return x[i]! * (y[i]! - row.reduce((dot, at) => dot + x[at]! * y[at]!, 0));
    }),
  ],
];

describe.each(GRIDS)('on a grid of %i workgroups, exactly up to the last element:', (workgroups) => {
  test.each(ELEMENT_CASES)('%s', async (name, flags, data, params, written, expected) => {
    const after = await dispatch(name.split(':')[0]!, data, params, [workgroups], flags);
    const result = after[written] as Float32Array;
    expect(relativeError(result.subarray(0, expected.length), expected)).toBeLessThan(1e-6);
    expect(result.subarray(expected.length)).toEqual(data[written]!.subarray(expected.length));
  });

  test('token_order', async () => {
    const V = 150;
    const tokens = Uint32Array.from({ length: N }, (_, n) => (n * n) % V);
    const sorted = [...tokens.keys()].sort((a, b) => tokens[a]! - tokens[b]! || a - b);
    const bounds = range(V + 1, (v) => tokens.filter((token) => token < v).length);
    const margin = range(MARGIN, () => 0);
    const data = { tokens, order: new Uint32Array(N + MARGIN) };
    const { order } = await dispatch('token_order', data, { N, V }, [workgroups], { STARTS: false }, [
      'order',
    ]);
    expect([...order!]).toEqual([...sorted, ...margin]);
    const next = { tokens, order: order!, starts: new Uint32Array(V + 1 + MARGIN) };
    const { starts } = await dispatch('token_order', next, { N, V }, [workgroups], { STARTS: true }, [
      'starts',
    ]);
    expect([...starts!]).toEqual([...bounds, ...margin]);
  });
});

test('softmax_forward: numbers of ±1000 do not overflow', async () => {
  const data = { X: Float32Array.of(1000, 999, -1000, -1000, -1001, -1000), Y: new Float32Array(6) };
  const { Y } = await dispatch('softmax_forward', data, { N: 2, C: 3 }, [1]);
  expect(relativeError(Y!, softmaxReference(data.X, 3))).toBeLessThan(1e-6);
});

test('gate: a ReLU does not hide a NaN', async () => {
  const X = Float32Array.of(NaN, -1, 2);
  const flags = { F16: false, RELU: true, DROPOUT: false, ACCUMULATE: false };
  const { Y } = await dispatch('gate', { X, by: X, Y: new Float32Array(3) }, { N: 3, factor: 1 }, [1], flags);
  expect([...Y!]).toEqual([NaN, 0, 2]);
});

test.each([1, 31, 32, 100])('target_scale counts the targets of %i rows', async (rows) => {
  const targets = new Uint32Array(rows + MARGIN).fill(5);
  for (let n = 1; n < rows; n += 3) targets[n] = IGNORE_INDEX;
  const count = targets.subarray(0, rows).filter((token) => token !== IGNORE_INDEX).length;
  const { scale } = await dispatch('target_scale', { targets, scale: new Float32Array(1) }, { N: rows }, [1]);
  expect(scale![0]).toBeCloseTo(1 / count, 7);
  targets.fill(IGNORE_INDEX);
  const none = await dispatch('target_scale', { targets, scale: new Float32Array(1) }, { N: rows }, [1]);
  expect(none.scale![0]).toBe(1);
});
