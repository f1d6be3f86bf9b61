import { describe, expect, test } from 'vitest';
import { backward } from '../../../src/engine/tensor/autograd.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import {
  attention,
  attentionBackwardReference,
  attentionReference,
} from '../../../src/engine/ops/attention/attention.js';
import { dispatchAttention } from '../../../src/engine/ops/attention/dispatch.js';
import { ATTENTION_PASSES } from '../../../src/engine/ops/attention/variants.js';
import type { AttentionShape } from '../../../src/engine/ops/attention/shape.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu, testPaths, testSmallMatrices } from '../test-gpu.js';
import { rounded } from './op-check.js';

// Weights, dS and all results are rounded to f16: a relative error of 2⁻¹¹ each.
const TOLERANCE = 2e-3;

/** Output and gradient in f16, of two runs whose bytes must agree. */
async function run(
  gpu: Gpu,
  { B, T, nHead, headDim }: AttentionShape,
  qkv: Float32Array,
  dO: Float32Array,
): Promise<{ O: Float32Array; dQKV: Float32Array }> {
  const C = nHead * headDim;
  const input = gpu.tensor([B, T, 3 * C], qkv, { dtype: 'f16', requiresGrad: true });
  const seed = gpu.tensor([B, T, C], dO, { dtype: 'f16' });
  const program = await record(gpu, () => {
    const O = attention(input, { nHead });
    const [dQKV] = backward(O, { seed, wanted: [input] });
    return { O, dQKV: dQKV! };
  });
  const results: { O: Float32Array; dQKV: Float32Array }[] = [];
  for (let i = 0; i < 2; i++) {
    program.run();
    results.push({ O: await program.outputs.O.read(), dQKV: await program.outputs.dQKV.read() });
  }
  expect(results[1], 'a second run gives the same bytes').toEqual(results[0]);
  program.dispose();
  input.dispose();
  seed.dispose();
  return results[0]!;
}

/** Variants in reserve, emulated. */
async function reserves(): Promise<{ name: string; gpu: Gpu }[]> {
  const unrolled = ['dq', 'dkv'].map((pass) => `attention_backward_${pass}.matrix+unrolled`);
  const ways = {
    carried: ['attention_forward.matrix+carried'],
    unrolled: ['attention_forward.matrix+unrolled', ...unrolled],
    'carried and unrolled': ['attention_forward.matrix+carried-unrolled'],
  };
  return Promise.all(
    Object.entries(ways).map(async ([way, variants]) => ({
      name: `tensor, emulated, ${way}`,
      gpu: await testGpu({ kernels: 'tensor', emulateMatrices: 16, variants }),
    })),
  );
}

const noise = (shape: AttentionShape, scale = 2): { qkv: Float32Array; dO: Float32Array } => {
  const { B, T, nHead, headDim } = shape;
  const random = new Random(T * headDim + B);
  const C = nHead * headDim;
  return { qkv: rounded(random.floats(B * T * 3 * C, scale)), dO: rounded(random.floats(B * T * C)) };
};

async function expectRight(gpu: Gpu, name: string, shape: AttentionShape, scale?: number): Promise<void> {
  const { qkv, dO } = noise(shape, scale);
  const { O, dQKV } = await run(gpu, shape, qkv, dO);
  const label = `${name} ${JSON.stringify(shape)}`;
  expect(relativeError(O, attentionReference(shape, qkv).O), label).toBeLessThan(TOLERANCE);
  const expected = attentionBackwardReference(shape, qkv, dO);
  expect(relativeError(dQKV, expected), `${label}: gradient`).toBeLessThan(TOLERANCE);
}

// In a whole backward pass another workgroup may overwrite what one wrote outside its place, so each pass runs alone.
test.each(['dq', 'dkv'] as const)('%s writes nothing but its own gradients', async (pass) => {
  const [T, headDim] = [17, 40];
  const shape = { B: 1, T, nHead: 1, headDim };
  const { qkv, dO } = noise(shape);
  for (const { name, gpu } of await testPaths()) {
    const half = (columns: number, data: Float32Array): Tensor =>
      gpu.tensor([1, T, columns], data, { dtype: 'f16' });
    const rows = (label: string): Tensor => gpu.tensor([1, 1, T], new Float32Array(T).fill(1), { label });
    const tensors = {
      QKV: half(3 * headDim, qkv),
      O: half(headDim, dO),
      L: rows('log-sum-exp'),
      dO: half(headDim, dO),
      delta: rows('delta'),
      dQKV: half(3 * headDim, new Float32Array(3 * T * headDim).fill(7)),
    };
    const { O, ...others } = tensors;
    const program = await record(gpu, () =>
      pass === 'dq'
        ? dispatchAttention('dq', shape, { O, ...others })
        : dispatchAttention('dkv', shape, others),
    );
    program.run();
    const isOwn = (i: number): boolean => i % (3 * headDim) < headDim === (pass === 'dq');
    const written = await tensors.dQKV.read();
    expect(
      written.filter((value, i) => !isOwn(i) && value !== 7),
      name,
    ).toHaveLength(0);
    expect(
      written.filter((value, i) => isOwn(i) && value === 7),
      name,
    ).toHaveLength(0);
    program.dispose();
    Object.values(tensors).forEach((tensor) => tensor.dispose());
  }
});

describe('attention in f16 agrees with float64', () => {
  // Sizes on both sides of a matrix's 16, of the steps of 16 and 32, and of a workgroup's 64.
  test('heads of 64', async () => {
    for (const { name, gpu } of await testPaths()) {
      for (const T of [1, 15, 17, 33, 64, 65])
        await expectRight(gpu, name, { B: 1, T, nHead: 1, headDim: 64 });
      await expectRight(gpu, name, { B: 2, T: 50, nHead: 2, headDim: 64 });
    }
  });

  test('heads of 128, and heads that are not a multiple of 16', async () => {
    for (const { name, gpu } of await testPaths()) {
      for (const T of [1, 31, 66]) await expectRight(gpu, name, { B: 1, T, nHead: 1, headDim: 128 });
      await expectRight(gpu, name, { B: 1, T: 35, nHead: 2, headDim: 40 });
    }
  });

  test('variants in reserve: sums carried from step to step, loops written out', async () => {
    // Each compiles for a long time; other heads and matrices of 8 come with packed rows.
    for (const { name, gpu } of await reserves()) {
      await expectRight(gpu, name, { B: 1, T: 66, nHead: 1, headDim: 64 });
    }
  });

  test('matrices of 8', async () => {
    const gpu = await testSmallMatrices();
    for (const [T, headDim] of [
      [35, 64],
      [66, 40],
      [20, 128],
    ] as const)
      await expectRight(gpu, 'matrices of 8', { B: 1, T, nHead: 1, headDim });
  });

  test('scores that rise along the keys: earlier sums are scaled down', async () => {
    const shape = { B: 1, T: 130, nHead: 1, headDim: 64 };
    const { T, headDim } = shape;
    for (const { name, gpu } of [...(await testPaths()), ...(await reserves())]) {
      const { qkv, dO } = noise(shape, 1);
      // Query 0 of every position is 8: the first dimension of a key decides the score, which is 8 · key / 8.
      for (let t = 0; t < T; t++) {
        qkv[t * 3 * headDim] = 8;
        qkv[t * 3 * headDim + headDim] = t % 3 === 0 ? t / 2 : -t / 4;
      }
      const { O, dQKV } = await run(gpu, shape, rounded(qkv), dO);
      const exact = attentionReference(shape, rounded(qkv)).O;
      expect(relativeError(O, exact), name).toBeLessThan(TOLERANCE);
      expect([...dQKV].every(Number.isFinite)).toBe(true);
    }
  });

  test('an existing gradient is added to', async () => {
    const shape = { B: 1, T: 20, nHead: 1, headDim: 64 };
    for (const { name, gpu } of await testPaths()) {
      const { qkv, dO } = noise(shape);
      const input = gpu.tensor([1, 20, 192], qkv, { dtype: 'f16', requiresGrad: true });
      input.grad = gpu.tensor([1, 20, 192], undefined, { dtype: 'f16' });
      const seed = gpu.tensor([1, 20, 64], dO, { dtype: 'f16' });
      const program = await record(
        gpu,
        () => void backward(attention(input, shape), { seed, accumulate: true }),
      );
      program.run();
      program.run();
      const doubled = attentionBackwardReference(shape, qkv, dO).map((gradient) => 2 * gradient);
      expect(relativeError(await input.grad.read(), doubled), name).toBeLessThan(TOLERANCE);
      program.dispose();
      [input, input.grad, seed].forEach((tensor) => tensor.dispose());
    }
  });
});

test('in f16, future keys never change the past', async () => {
  const shape = { B: 1, T: 70, nHead: 1, headDim: 64 };
  const width = 3 * 64;
  for (const { name, gpu } of await testPaths()) {
    const { qkv, dO } = noise(shape);
    const { O: before } = await run(gpu, shape, qkv, dO);
    for (const t of [1, 16, 33, 69]) {
      const changed = rounded(qkv.map((value, i) => (Math.floor(i / width) >= t ? value * 7 + 100 : value)));
      const { O: after } = await run(gpu, shape, changed, dO);
      expect(after.slice(0, t * 64), `${name}: before position ${t}`).toEqual(before.slice(0, t * 64));
      expect(after.slice(t * 64, (t + 1) * 64)).not.toEqual(before.slice(t * 64, (t + 1) * 64));
    }
  }
});

test('the pass for the queries leaves the gradients of keys and values alone', async () => {
  const [T, nHead, headDim] = [5, 2, 40];
  const C = nHead * headDim;
  const random = new Random(1);
  for (const { name, gpu } of await testPaths()) {
    const half = (columns: number, values: Float32Array): Tensor =>
      gpu.tensor([T, columns], values, { dtype: 'f16' });
    const QKV = half(3 * C, random.floats(3 * T * C));
    const [O, dO] = [half(C, random.floats(T * C)), half(C, random.floats(T * C))];
    const dQKV = half(3 * C, new Float32Array(3 * T * C).fill(-3));
    const [L, delta] = [gpu.tensor([nHead, T], random.floats(nHead * T)), gpu.tensor([nHead, T])];
    const dq = ATTENTION_PASSES.dq.variants.find(({ file }) => file === 'attention_backward_dq.matrix')!;
    const kernel =
      gpu.path === 'tensor'
        ? gpu.kernels.get(dq.file, {
            constants: { HEAD_EIGHTS: headDim / 8 },
            flags: { ...dq.flags?.({ device: gpu, dtype: 'f16', headDim }), SPANS: false, ACCUMULATE: false },
          })
        : gpu.kernels.get('attention_backward_dq.blocks', {
            constants: { HEAD_VECTORS: headDim / 4 },
            flags: { F16: true, SPANS: false, ACCUMULATE: false },
          });
    const params = { T, nHead, scale: 1 };
    const program = await record(gpu, () =>
      recorder().dispatch(kernel, { QKV, O, L, dO, delta, dQKV }, params, [1, nHead, 1]),
    );
    program.run();
    const columnIsKept = (await dQKV.read()).map((value, i) => Number((value === -3) === i % (3 * C) >= C));
    expect(
      columnIsKept.every((kept) => kept === 1),
      name,
    ).toBe(true);
    program.dispose();
    [QKV, O, dO, dQKV, L, delta].forEach((tensor) => tensor.dispose());
  }
});
