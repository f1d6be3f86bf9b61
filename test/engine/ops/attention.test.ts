import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backward } from '../../../src/engine/tensor/autograd.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import {
  attention,
  attentionBackwardReference,
  attentionReference,
} from '../../../src/engine/ops/attention/attention.js';
import type { AttentionShape } from '../../../src/engine/ops/attention/shape.js';
import { finiteDifferences, Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { checkOp } from './op-check.js';

const packed = ({ B, T, nHead, headDim }: AttentionShape): [number, number, number] => [
  B,
  T,
  3 * nHead * headDim,
];

/** Output and gradient on the GPU, from two runs of one program whose bytes must agree. */
async function run(
  gpu: Gpu,
  shape: AttentionShape,
  qkv: Float32Array,
  dO: Float32Array,
): Promise<{ O: Float32Array; dQKV: Float32Array }> {
  const { B, T, nHead, headDim } = shape;
  const input = gpu.tensor(packed(shape), qkv, { requiresGrad: true });
  const seed = gpu.tensor([B, T, nHead * headDim], dO);
  const program = await record(gpu, () => {
    const O = attention(input, { nHead });
    const [dQKV] = backward(O, { seed, wanted: [input] });
    return { O, dQKV: dQKV! };
  });
  program.run();
  const first = { O: await program.outputs.O.read(), dQKV: await program.outputs.dQKV.read() };
  program.run();
  const second = { O: await program.outputs.O.read(), dQKV: await program.outputs.dQKV.read() };
  program.dispose();
  input.dispose();
  seed.dispose();
  expect(second, 'a second run gives the same bytes').toEqual(first);
  return first;
}

// T lies on both sides of every tile edge: 4, 16, 32 and 64. Heads of 32, and forward of 64, have special kernels on software
// adapters; all other heads share one set of kernels, which is slow there, so their problems are small.
const EDGES = [1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65];
const headsOf32: fc.Arbitrary<AttentionShape> = fc.record({
  B: fc.integer({ min: 1, max: 3 }),
  T: fc.constantFrom(...EDGES, 70, 97, 129),
  nHead: fc.integer({ min: 1, max: 3 }),
  headDim: fc.constant(32),
});
const otherHeads: fc.Arbitrary<AttentionShape> = fc.record({
  B: fc.integer({ min: 1, max: 2 }),
  T: fc.constantFrom(...EDGES),
  nHead: fc.integer({ min: 1, max: 2 }),
  headDim: fc.constantFrom(4, 36, 64),
});

describe('attention agrees with float64', () => {
  test.each([
    ['heads of 32', headsOf32, 12],
    ['other heads', otherHeads, 5],
  ] as const)('forward and backward, over shapes: %s', async (_name, shapes, numRuns) => {
    const gpu = await testGpu();
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 1, max: 1e6 }), async (shape, seed) => {
        const random = new Random(seed);
        const { B, T, nHead, headDim } = shape;
        const qkv = random.floats(B * T * 3 * nHead * headDim, 2);
        const dO = random.floats(B * T * nHead * headDim);
        const { O, dQKV } = await run(gpu, shape, qkv, dO);
        expect(relativeError(O, attentionReference(shape, qkv).O)).toBeLessThan(1e-5);
        expect(relativeError(dQKV, attentionBackwardReference(shape, qkv, dO))).toBeLessThan(1e-5);
      }),
      { numRuns, seed: 20 },
    );
  });

  test.each([
    { B: 1, T: 192, nHead: 4, headDim: 32 },
    { B: 1, T: 1, nHead: 1, headDim: 32 },
    { B: 2, T: 1, nHead: 2, headDim: 64 },
    { B: 1, T: 65, nHead: 1, headDim: 128 },
  ])('at $B×$T, $nHead heads of $headDim', async (shape) => {
    const { B, T, nHead, headDim } = shape;
    const random = new Random(T + headDim);
    const qkv = random.floats(B * T * 3 * nHead * headDim, 2);
    const dO = random.floats(B * T * nHead * headDim);
    const { O, dQKV } = await run(await testGpu(), shape, qkv, dO);
    expect(relativeError(O, attentionReference(shape, qkv).O)).toBeLessThan(1e-5);
    expect(relativeError(dQKV, attentionBackwardReference(shape, qkv, dO))).toBeLessThan(1e-5);
  });

  test.each([
    { B: 2, T: 5, nHead: 1, headDim: 4 },
    { B: 1, T: 6, nHead: 2, headDim: 12 },
    { B: 1, T: 5, nHead: 1, headDim: 32 },
  ])('gradient by finite differences: $B×$T, $nHead heads of $headDim', async (shape) => {
    const [B, T, columns] = packed(shape);
    await checkOp(
      await testGpu(),
      {
        name: 'attention',
        shapes: [[B, T, columns]],
        apply: ([qkv]) => attention(qkv!, shape),
        reference: ([qkv]) => attentionReference(shape, qkv!).O,
      },
      T,
    );
  });

  test('an existing gradient is added to', async () => {
    for (const shape of [
      { B: 1, T: 3, nHead: 1, headDim: 32 },
      { B: 1, T: 3, nHead: 1, headDim: 8 },
    ]) {
      await checkOp(
        await testGpu(),
        {
          name: 'attention twice',
          shapes: [packed(shape)],
          apply: ([qkv]) => add(attention(qkv!, shape), attention(qkv!, shape)),
          reference: ([qkv]) => {
            const { O } = attentionReference(shape, qkv!);
            return addReference(O, O);
          },
        },
        9,
      );
    }
  });
});

test('the float64 backward pass agrees with finite differences of the float64 forward pass', () => {
  const shape = { B: 2, T: 4, nHead: 2, headDim: 4 };
  const random = new Random(8);
  const qkv = Float64Array.from(random.floats(2 * 4 * 24, 2));
  const dO = random.floats(2 * 4 * 8);
  const differences = finiteDifferences(([x]) => attentionReference(shape, x!).O, [qkv], 0, dO);
  expect(relativeError(attentionBackwardReference(shape, qkv, dO), differences)).toBeLessThan(1e-8);
});

describe.each([
  { B: 2, T: 37, nHead: 2, headDim: 32 },
  { B: 1, T: 70, nHead: 2, headDim: 16 },
])('attention with heads of $headDim', (shape) => {
  const { B, T, nHead, headDim } = shape;
  const C = nHead * headDim;
  const zeros = new Float32Array(B * T * C);

  test('future keys never change the past', async () => {
    const gpu = await testGpu();
    const random = new Random(1);
    const qkv = random.floats(B * T * 3 * C, 2);
    const { O: before } = await run(gpu, shape, qkv, zeros);
    for (const t of [1, 16, 33, T - 1]) {
      const changed = qkv.map((value, i) => (Math.floor(i / (3 * C)) % T >= t ? value * 7 + 1e3 : value));
      const { O: after } = await run(gpu, shape, changed, zeros);
      for (let b = 0; b < B; b++) {
        const [start, end] = [b * T * C, (b * T + t) * C];
        expect(after.slice(start, end), `before position ${t}`).toEqual(before.slice(start, end));
        const present = (b * T + t) * C;
        expect(after.slice(present, present + C)).not.toEqual(before.slice(present, present + C));
      }
    }
  });

  test('the past receives no gradient through the future, nor the future through the past', async () => {
    const gpu = await testGpu();
    const random = new Random(2);
    const qkv = random.floats(B * T * 3 * C, 2);
    const t = 17;
    const dO = zeros.map((_, i) => (Math.floor(i / C) % T === t ? random.uniform(-1, 1) : 0));
    const { dQKV } = await run(gpu, shape, qkv, dO);
    dQKV.forEach((gradient, i) => {
      const position = Math.floor(i / (3 * C)) % T;
      const isQuery = i % (3 * C) < C;
      const reached = isQuery ? position === t : position <= t;
      if (!reached) expect(gradient).toBe(0);
    });
    expect(dQKV.some((gradient) => gradient !== 0)).toBe(true);
  });

  test('equal values come out unchanged for any scores', async () => {
    const random = new Random(3);
    const qkv = random
      .floats(B * T * 3 * C, 3)
      .map((value, i) => (i % (3 * C) < 2 * C ? value : Math.fround(0.1 * (i % headDim))));
    const { O } = await run(await testGpu(), shape, qkv, zeros);
    O.forEach((value, i) => expect(value).toBeCloseTo(0.1 * (i % headDim), 5));
  });

  test('logits of ±50 and ±5000 give finite outputs and gradients', async () => {
    const gpu = await testGpu();
    for (const size of [50, 5000]) {
      // Q·K / sqrt(headDim) is ±size if all elements of a query, and all of a key, have the same sign.
      const entry = Math.sqrt(size / Math.sqrt(headDim));
      const random = new Random(size);
      const signs = Array.from({ length: B * T * 3 * nHead }, () => (random.uniform() < 0.5 ? -1 : 1));
      const qkv = random
        .floats(B * T * 3 * C)
        .map((value, i) => (i % (3 * C) < 2 * C ? entry * signs[Math.floor(i / headDim)]! : value));
      const dO = random.floats(B * T * C);
      const { O, dQKV } = await run(gpu, shape, qkv, dO);
      expect([...O, ...dQKV].every(Number.isFinite)).toBe(true);
      // f32 rounds a score of this size by up to size · 2⁻²⁴ per term, and a probability by the same relative amount.
      expect(relativeError(O, attentionReference(shape, qkv).O)).toBeLessThan(size * 1e-6);
    }
  });
});

describe('attention refuses', () => {
  test.each([
    [[2, 8, 96], 5, /attention: qkv is \[2,8,96\] with 5 heads: .*multiple of 15/],
    [[2, 8, 18], 1, /heads of 6 dimensions; they must be a multiple of 4/],
    [[1, 8, 396], 1, /heads of 132 dimensions/],
    [[8, 96], 1, /it must be \[B, T, 3C\]/],
  ] as const)('qkv %j with %i heads', async (shape, nHead, message) => {
    const gpu = await testGpu();
    await expect(record(gpu, () => attention(gpu.tensor(shape), { nHead }))).rejects.toThrow(message);
  });
});
