import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import {
  attention,
  attentionBackwardReference,
  attentionReference,
} from '../../../src/engine/ops/attention/attention.js';
import { dispatchAttention } from '../../../src/engine/ops/attention/dispatch.js';
import type { AttentionShape } from '../../../src/engine/ops/attention/shape.js';
import { variantName } from '../../../src/engine/ops/choose-variant.js';
import {
  ATTENTION_PASSES,
  attentionVariantFor,
  type AttentionPassName,
  type AttentionVariant,
} from '../../../src/engine/ops/attention/variants.js';
import type { DType } from '../../../src/engine/tensor/dtype.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { finiteDifferences, Random, relativeError } from '../numerics.js';
import { testGpu, testPaths, testSmallMatrices } from '../test-gpu.js';
import { checkOp, rounded } from './op-check.js';
import { randomLengths, spansOf } from './spans.js';

// Sums are in f32. In f16 weights, dS and all results are rounded: a relative error of 2⁻¹¹ each.
const TOLERANCE: Partial<Record<DType, number>> = { f32: 1e-5, f16: 2e-3 };

/** One kernel for each pass, on a device that can run them. */
interface Way {
  name: string;
  gpu: Gpu;
  dtype: 'f32' | 'f16';
  headDim: number;
  variants: Record<AttentionPassName, AttentionVariant>;
}

/** Every variant of every pass; a pass that lacks a variant of that name uses the chosen one. */
async function everyWay(): Promise<Way[]> {
  const devices: [string, Gpu, 'f32' | 'f16', number][] = [
    ['f32', await testGpu(), 'f32', 32],
    ['f32', await testGpu(), 'f32', 12],
    ...(await testPaths()).map(({ name, gpu }): [string, Gpu, 'f16', number] => [name, gpu, 'f16', 40]),
    ['matrices of 8', await testSmallMatrices(), 'f16', 16],
    ['tensor, wide heads', await testGpu({ kernels: 'tensor', emulateMatrices: 16 }), 'f16', 72],
  ];
  const ways: Way[] = [];
  const seen = new Set<string>();
  for (const [device, gpu, dtype, headDim] of devices) {
    const use = { device: gpu, dtype, headDim };
    const able = (pass: AttentionPassName): AttentionVariant[] =>
      ATTENTION_PASSES[pass].variants.filter((variant) => variant.can(use));
    const endings = new Set(
      (['forward', 'dq', 'dkv'] as const).flatMap((pass) =>
        able(pass).map((variant) => variantName(variant).replace(/.*\./, '')),
      ),
    );
    for (const ending of endings) {
      const pick = (pass: AttentionPassName): AttentionVariant =>
        able(pass).find((variant) => variantName(variant).endsWith(`.${ending}`)) ??
        attentionVariantFor(pass, { ...use, T: 64, spans: true });
      // Blocks are the same kernels on every path.
      const name = ending === 'blocks' ? `blocks ${dtype} ${headDim}` : `${ending}, ${device} ${headDim}`;
      // Loops that are written out compile for a long time: heads of one size are enough.
      if (ending.includes('unrolled') && headDim !== 40) continue;
      if (seen.has(name)) continue;
      seen.add(name);
      const variants = { forward: pick('forward'), dq: pick('dq'), dkv: pick('dkv') };
      ways.push({ name, gpu, dtype, headDim, variants });
    }
  }
  return ways;
}

interface Problem {
  shape: AttentionShape;
  qkv: Float32Array;
  dO: Float32Array;
  spans?: Uint32Array | undefined;
}

interface Results {
  O: Float32Array;
  L: Float32Array;
  dQKV: Float32Array;
}

/** Output, log-sum-exp and gradient, from two runs whose bytes must agree. */
async function run({ gpu, dtype, variants }: Way, { shape, qkv, dO, spans }: Problem): Promise<Results> {
  const { B, T, nHead, headDim } = shape;
  const C = nHead * headDim;
  const QKV = gpu.tensor([B, T, 3 * C], qkv, { dtype });
  const seed = gpu.tensor([B, T, C], dO, { dtype });
  const packed = spans && gpu.tensor([B, T, 2], spans);
  const program = await record(gpu, () => {
    const O = recorder().tensor([B, T, C], 'O', dtype);
    const [L, delta] = [recorder().tensor([B, nHead, T], 'L'), recorder().tensor([B, nHead, T], 'delta')];
    const dQKV = recorder().tensor([B, T, 3 * C], 'dQKV', dtype);
    const options = (variant: AttentionVariant): { variant: AttentionVariant; spans: typeof packed } => ({
      variant,
      spans: packed,
    });
    dispatchAttention('forward', shape, { QKV, O, L }, options(variants.forward));
    dispatchAttention('dq', shape, { QKV, O, L, dO: seed, delta, dQKV }, options(variants.dq));
    dispatchAttention('dkv', shape, { QKV, L, dO: seed, delta, dQKV }, options(variants.dkv));
    return { O, L, dQKV };
  });
  const read = async (): Promise<Results> => {
    program.run();
    const { O, L, dQKV } = program.outputs;
    return { O: await O.read(), L: await L.read(), dQKV: await dQKV.read() };
  };
  const first = await read();
  expect(await read(), 'a second run gives the same bytes').toEqual(first);
  program.dispose();
  [QKV, seed, packed].forEach((tensor) => tensor?.dispose());
  return first;
}

function noise(seed: number, shape: AttentionShape, scale = 2): Problem {
  const { B, T, nHead, headDim } = shape;
  const random = new Random(seed);
  const C = nHead * headDim;
  return { shape, qkv: rounded(random.floats(B * T * 3 * C, scale)), dO: rounded(random.floats(B * T * C)) };
}

async function expectRight(way: Way, problem: Problem): Promise<void> {
  const { shape, qkv, dO, spans } = problem;
  const { O, L, dQKV } = await run(way, problem);
  const exact = attentionReference(shape, qkv, spans);
  const tolerance = TOLERANCE[way.dtype]!;
  expect(relativeError(O, exact.O), `${way.name}: output`).toBeLessThan(tolerance);
  // A log-sum-exp may be near zero, where a relative error says little.
  L.forEach((value, i) => expect(Math.abs(value - exact.L[i]!)).toBeLessThan(tolerance));
  const gradient = attentionBackwardReference(shape, qkv, dO, spans);
  expect(relativeError(dQKV, gradient), `${way.name}: gradient`).toBeLessThan(tolerance);
}

// Every way has its own tests, so that a failure names it. Names do not depend on the adapter.
const WAYS = [
  'quads, ',
  'quads+eight',
  'blocks f32',
  'blocks f16',
  'matrix, ',
  'matrix+carried, ',
  'unrolled',
];
async function waysNamed(part: string): Promise<Way[]> {
  const ways = await everyWay();
  const found = ways.filter(({ name }) => name.includes(part));
  expect(found.length, `${part} of ${ways.map(({ name }) => name).join('; ')}`).toBeGreaterThan(0);
  return found;
}

describe.each(WAYS)('attention over packed rows: %s', (part) => {
  test('random records agree with float64', async () => {
    for (const way of await waysNamed(part)) {
      // T on both sides of every tile edge: 4, 16, 32 and 64.
      const problems = fc.record({
        B: fc.integer({ min: 1, max: 2 }),
        T: fc.constantFrom(1, 2, 5, 17, 33, 63, 64, 65, 70),
        longest: fc.constantFrom(1, 3, 20, 70),
        seed: fc.integer({ min: 1, max: 1e6 }),
      });
      await fc.assert(
        fc.asyncProperty(problems, async ({ B, T, longest, seed }) => {
          const shape = { B, T, nHead: 3 - B, headDim: way.headDim };
          const spans = spansOf(randomLengths(new Random(seed), B, T, longest));
          await expectRight(way, { ...noise(seed, shape), spans });
        }),
        { numRuns: 5, seed: 3 },
      );
    }
  });

  test.each([
    ['on tile edges', [[16, 16, 32, 64, 2]]],
    ['one position beside tile edges', [[15, 2, 14, 2, 30, 3, 62, 2]]],
    ['after every position, in one of two rows', [[1, 62, 1, 1, 1], Array.from({ length: 66 }, () => 1)]],
  ])('records that end %s agree with float64', async (_name, rows) => {
    for (const way of await waysNamed(part)) {
      const T = rows[0]!.reduce((sum, length) => sum + length);
      const shape = { B: rows.length, T, nHead: 1, headDim: way.headDim };
      await expectRight(way, { ...noise(4, shape), spans: spansOf(rows) });
    }
  });

  test('a record that fills the row gives the bytes of a row without spans', async () => {
    for (const way of await waysNamed(part)) {
      const problem = noise(5, { B: 1, T: 67, nHead: 1, headDim: way.headDim });
      const whole = await run(way, { ...problem, spans: spansOf([[67]]) });
      expect(whole, way.name).toEqual(await run(way, problem));
    }
  });

  test('a record changes nothing in the outputs and gradients of others', async () => {
    const lengths = [20, 1, 34, 12, 3];
    for (const way of await waysNamed(part)) {
      const shape = { B: 1, T: 70, nHead: 1, headDim: way.headDim };
      const spans = spansOf([lengths]);
      const problem = { ...noise(6, shape), spans };
      const before = await run(way, problem);
      for (const start of [20, 21]) {
        /** Whether item `i` of a tensor with T rows lies in the record that begins at `start`. */
        const isOwn = (i: number, columns: number): boolean => spans[2 * Math.floor(i / columns)] === start;
        const C = shape.nHead * shape.headDim;
        const changed = (values: Float32Array, columns: number): Float32Array =>
          rounded(values.map((value, i) => (isOwn(i, columns) ? 100 - 7 * value : value)));
        const after = await run(way, {
          ...problem,
          qkv: changed(problem.qkv, 3 * C),
          dO: changed(problem.dO, C),
        });
        for (const [name, columns] of [
          ['O', C],
          ['dQKV', 3 * C],
        ] as const) {
          const others = (results: Results): Float32Array =>
            results[name].filter((_, i) => !isOwn(i, columns));
          expect(others(after), `${way.name}: ${name} beside the record at ${start}`).toEqual(others(before));
          expect(after[name]).not.toEqual(before[name]);
        }
      }
    }
  });

  test('tiles of other records are not read', async () => {
    // Records of one tile of every kernel: NaN in one would reach the others, even with a weight of 0.
    const shape = { B: 1, T: 192, nHead: 1, headDim: 0 };
    for (const way of await waysNamed(part)) {
      const problem = { ...noise(7, { ...shape, headDim: way.headDim }), spans: spansOf([[64, 64, 64]]) };
      const inMiddle = (i: number, columns: number): boolean => Math.floor(i / (64 * columns)) === 1;
      const spoilt = (values: Float32Array, columns: number): Float32Array =>
        values.map((value, i) => (inMiddle(i, columns) ? NaN : value));
      const before = await run(way, problem);
      const after = await run(way, {
        ...problem,
        qkv: spoilt(problem.qkv, 3 * way.headDim),
        dO: spoilt(problem.dO, way.headDim),
      });
      expect(after.O, way.name).toEqual(spoilt(before.O, way.headDim));
      const others = (gradient: Float32Array): Float32Array =>
        gradient.filter((_, i) => !inMiddle(i, 3 * way.headDim));
      expect(others(after.dQKV), way.name).toEqual(others(before.dQKV));
    }
  });
});

test.each([
  { B: 2, T: 7, nHead: 1, headDim: 4, rows: [[3, 1, 3], [7]] },
  { B: 1, T: 6, nHead: 1, headDim: 32, rows: [[2, 4]] },
])('the op over packed rows: gradient by finite differences, heads of $headDim', async (given) => {
  const { rows, ...shape } = given;
  const gpu = await testGpu();
  const spans = spansOf(rows);
  const packed = gpu.tensor([shape.B, shape.T, 2], spans);
  // The second use adds its gradient to the first one's.
  await checkOp(
    gpu,
    {
      name: 'attention over packed rows, added to attention',
      shapes: [[shape.B, shape.T, 3 * shape.nHead * shape.headDim]],
      apply: ([qkv]) => add(attention(qkv!, shape), attention(qkv!, { ...shape, spans: packed })),
      reference: ([qkv]) =>
        addReference(attentionReference(shape, qkv!).O, attentionReference(shape, qkv!, spans).O),
    },
    11,
  );
  packed.dispose();
});

test('the float64 backward pass over packed rows agrees with finite differences of the forward pass', () => {
  const shape = { B: 2, T: 6, nHead: 2, headDim: 4 };
  const spans = spansOf([
    [2, 1, 3],
    [5, 1],
  ]);
  const random = new Random(8);
  const qkv = Float64Array.from(random.floats(2 * 6 * 24, 2));
  const dO = random.floats(2 * 6 * 8);
  const differences = finiteDifferences(([x]) => attentionReference(shape, x!, spans).O, [qkv], 0, dO);
  expect(relativeError(attentionBackwardReference(shape, qkv, dO, spans), differences)).toBeLessThan(1e-8);
});

test('packed rows equal rows of one record each, in float64', () => {
  const [T, headDim] = [7, 4];
  const { qkv, dO } = noise(9, { B: 1, T, nHead: 1, headDim });
  const spans = spansOf([[3, 4]]);
  const packed = attentionBackwardReference({ B: 1, T, nHead: 1, headDim }, qkv, dO, spans);
  const alone = [
    [0, 3],
    [3, 7],
  ].flatMap(([from, to]) => [
    ...attentionBackwardReference(
      { B: 1, T: to! - from!, nHead: 1, headDim },
      qkv.slice(from! * 12, to! * 12),
      dO.slice(from! * 4, to! * 4),
    ),
  ]);
  expect([...packed]).toEqual(alone);
});

test.each([
  [[1, 4, 2], Float32Array, /attention: spans is \[1,4,2\] in f32, it must be \[1,4,2\] in u32/],
  [[1, 8], Uint32Array, /spans is \[1,8\] in u32, it must be \[1,4,2\]/],
  [[2, 4, 2], Uint32Array, /spans is \[2,4,2\] in u32, it must be \[1,4,2\]/],
] as const)('attention refuses spans %j', async (shape, ArrayType, message) => {
  const gpu = await testGpu();
  const size = shape.reduce((product: number, extent) => product * extent, 1);
  const spans = gpu.tensor(shape, new ArrayType(size));
  await expect(record(gpu, () => attention(gpu.tensor([1, 4, 12]), { nHead: 1, spans }))).rejects.toThrow(
    message,
  );
});
