import { describe, expect, test } from 'vitest';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { record } from '../../../src/engine/gpu/program.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { headLoss, headLossReference } from '../../../src/engine/ops/head-loss.js';
import { layernorm, layernormReference } from '../../../src/engine/ops/layernorm.js';
import { dispatchMatmul } from '../../../src/engine/ops/matmul/dispatch.js';
import { matmul, matmulReference, matmulShape } from '../../../src/engine/ops/matmul/matmul.js';
import { productOn, type MatmulShape, type MatmulVariant } from '../../../src/engine/ops/matmul/product.js';
import { MATMUL_VARIANTS, matmulVariantFor } from '../../../src/engine/ops/matmul/variants.js';
import { variantName } from '../../../src/engine/ops/choose-variant.js';
import { projectRotated, rotary, rotaryReference } from '../../../src/engine/ops/rotary.js';
import { swiglu, swigluReference } from '../../../src/engine/ops/swiglu.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu, testPaths, testSmallMatrices } from '../test-gpu.js';
import { checkOp, rounded, type OpCase } from './op-check.js';

// Results in f16 have a relative error of up to 2⁻¹¹, and so has every intermediate gradient.
const TOLERANCE = 2e-3;

type Float = 'f32' | 'f16';

/** One product of given dtypes, compared with float64 of the numbers that the kernel multiplies. */
async function expectProduct(
  gpu: Gpu,
  problem: MatmulShape,
  dtypes: { A: Float; B: Float; C: Float },
  options: { added?: boolean; residual?: boolean; variant?: MatmulVariant } = {},
): Promise<void> {
  const { batch, M, N, K, transposeA, transposeB } = problem;
  const random = new Random(M * N + K);
  const A = random.floats(batch * M * K, 2);
  const B = random.floats(batch * K * N, 2);
  const start = rounded(random.floats(batch * M * N, 2));
  const a = gpu.tensor([batch, ...(transposeA ? [K, M] : [M, K])], A, { dtype: dtypes.A });
  const b = gpu.tensor([batch, ...(transposeB ? [N, K] : [K, N])], B, { dtype: dtypes.B });
  // Without `before` C starts as NaN, so an element that no invocation writes cannot pass; after it lies a margin.
  const size = batch * M * N;
  const before = new Float32Array(size + 64).fill(NaN);
  if (options.added) before.set(start);
  const c = gpu.tensor([size + 64], before, { dtype: dtypes.C });
  const residual = options.residual ? gpu.tensor([size], start) : undefined;
  const program = await record(gpu, () =>
    dispatchMatmul(
      problem,
      a,
      b,
      { tensor: c, accumulate: options.added ?? false },
      { residual, variant: options.variant },
    ),
  );
  program.run();
  const all = await c.read();
  const name = `${options.variant ? variantName(options.variant) : gpu.path} ${JSON.stringify({ ...problem, ...dtypes, ...options })}`;
  expect(all.subarray(size).every(Number.isNaN), `${name}: nothing is written past the end`).toBe(true);
  // Matrix units multiply f16, so they round an f32 operand first; other kernels do not.
  const seen = (values: Float32Array, dtype: Float): Float32Array =>
    dtype === 'f16' || gpu.path === 'tensor' ? rounded(values) : values;
  const plus = Number(options.added ?? false) + Number(options.residual ?? false);
  const expected = matmulReference(problem, seen(A, dtypes.A), seen(B, dtypes.B)).map(
    (value, i) => value + plus * start[i]!,
  );
  const tolerance = dtypes.C === 'f32' ? 2e-6 : 5e-4;
  expect(relativeError(all.subarray(0, size), expected), name).toBeLessThan(tolerance);
  const unrounded = matmulReference(problem, A, B).map((value, i) => value + plus * start[i]!);
  expect(relativeError(all.subarray(0, size), unrounded), `${name}: operands in float64`).toBeLessThan(
    TOLERANCE,
  );
  program.dispose();
  for (const tensor of [a, b, c, residual]) tensor?.dispose();
}

describe('products of f16 agree with float64', () => {
  // Rows in memory are multiples of 8 elements; the number of rows is not. Sizes on both sides of the tiles' 128 and 64,
  // of a matrix's 16, of the steps of 32 and 16 along K, and of a subgroup's share.
  const shapesFor = (transposeA: boolean, transposeB: boolean): MatmulShape[] =>
    [
      [1, 1, 8, 8],
      [1, 17, 24, 40],
      [2, 3, 136, 16],
      [1, 131, 72, 33],
      [1, 65, 136, 31],
    ].map(([batch, m, N, k]) => ({
      batch: batch!,
      M: transposeA ? Math.ceil(m! / 8) * 8 : m!,
      N: N!,
      // K is arbitrary only if neither operand has it along its rows.
      K: transposeA && !transposeB ? k! : Math.ceil(k! / 8) * 8,
      transposeA,
      transposeB,
    }));

  type Layout = [string, boolean, boolean, { A: Float; B: Float; C: Float }];
  const LAYOUTS: Layout[] = [
    ['forward: x · Wᵀ', false, true, { A: 'f16', B: 'f16', C: 'f16' }],
    ['towards the input: dY · W', false, false, { A: 'f32', B: 'f16', C: 'f16' }],
    ['towards the weight: dYᵀ · x', true, false, { A: 'f16', B: 'f16', C: 'f32' }],
    ['both transposed', true, true, { A: 'f16', B: 'f32', C: 'f32' }],
  ];

  test.each(LAYOUTS)('%s', async (_name, transposeA, transposeB, dtypes) => {
    for (const { gpu } of await testPaths()) {
      for (const problem of shapesFor(transposeA, transposeB)) {
        await expectProduct(gpu, problem, dtypes);
      }
      await expectProduct(gpu, shapesFor(transposeA, transposeB)[1]!, dtypes, { added: true });
    }
  });

  test('matrices of 8', async () => {
    const gpu = await testSmallMatrices();
    for (const [, transposeA, transposeB, dtypes] of LAYOUTS) {
      await expectProduct(gpu, shapesFor(transposeA, transposeB)[4]!, dtypes);
    }
  });

  test.each<Layout>([
    ...LAYOUTS,
    ['a weight that dY in f32 reaches', true, false, { A: 'f32', B: 'f16', C: 'f32' }],
  ])('as matrix units of 16 compute them: %s', async (_name, transposeA, transposeB, dtypes) => {
    const gpu = await testGpu({ kernels: 'tensor', emulateMatrices: 16 });
    for (const shape of [1, 3, 4]) {
      const problem = shapesFor(transposeA, transposeB)[shape]!;
      const product = productOn(gpu, problem, dtypes);
      const matrixFlags = { MATRIX: true, MATRIX_8: false };
      const variant = matmulVariantFor({ ...product, device: { ...product.device, matrixFlags } });
      expect(variant.way).toMatch(/unrolled$/);
      await expectProduct(gpu, problem, dtypes, { variant, added: shape === 3 });
    }
  });

  // Tiles of 64, 128 and 256 that are full, and others that are not; steps along K that are not. The last two shapes have
  // whole tiles and steps only, for variants that take no others.
  test.each(
    MATMUL_VARIANTS.filter(({ file }) => file === 'matmul.5-matrix').map((one) => [variantName(one), one]),
  )('%s', async (_name, variant) => {
    const gpu = await testGpu({ kernels: 'tensor', emulateMatrices: 16 });
    let done = 0;
    for (const [transposeA, transposeB, [M, N, K], C, added] of [
      [false, true, [264, 264, 72], 'f16', false],
      [true, false, [136, 264, 296], 'f32', true],
      [true, false, [136, 264, 40], 'f32', false],
      [false, true, [128, 256, 128], 'f16', true],
      [true, false, [256, 128, 64], 'f32', true],
    ] as const) {
      const problem = { batch: 1, M, N, K, transposeA, transposeB };
      const dtypes = { A: 'f16', B: 'f16', C } as const;
      // Each compiles for seconds, so two are enough.
      if (done === 2 || !variant.can(productOn(gpu, problem, dtypes))) continue;
      await expectProduct(gpu, problem, dtypes, { variant, added });
      done++;
    }
    // Some need more workgroup memory than WebGPU guarantees; `+direct` writes f32 alone.
    if (gpu.limits.maxComputeWorkgroupStorageSize >= 49_152) expect(done).toBe(2);
  });

  // K is split into parts of 512 and more, which end inside a step and, the last one, inside a part.
  test.each([
    ['tensor', 'matmul.5-matrix'],
    ['tensor', 'matmul.5-matrix+shallow-double-unrolled'],
    ['tensor', 'matmul.5-matrix+direct-unrolled'],
    ['tensor', 'matmul.5-matrix+bare-unrolled'],
    ['f16', 'matmul.4-blocks'],
    ['f32', 'matmul.4-blocks'],
  ] as const)('parts of a weight gradient: %s, %s', async (kernels, name) => {
    const gpu = await testGpu({ kernels, emulateMatrices: 16, multiprocessors: 4 });
    const variant = MATMUL_VARIANTS.find((one) => variantName(one) === name)!;
    const dtype = kernels === 'f32' ? 'f32' : 'f16';
    const [M, N, K] = name.includes('bare') ? [128, 128, 1632] : [136, 24, 1627];
    const problem = { batch: 1, M, N, K, transposeA: true, transposeB: false };
    const dtypes = { A: dtype, B: dtype, C: 'f32' } as const;
    expect(variant.splits?.(productOn(gpu, problem, dtypes))).toBe(3);
    await expectProduct(gpu, problem, dtypes, { variant });
    await expectProduct(gpu, problem, dtypes, { variant, added: true });
    // Neither with a residual, which is added once.
    await expectProduct(gpu, problem, dtypes, { variant, residual: true });
  });

  test('few rows of f32 by a weight in f16, as in decoding', async () => {
    const gpu = await testGpu({ kernels: 'f16' });
    for (const [batch, M, N, K] of [
      [1, 1, 8, 8],
      [2, 3, 136, 40],
      [1, 4, 72, 520],
    ] as const) {
      const problem = { batch, M, N, K, transposeA: false, transposeB: true };
      const dtypes = { A: 'f32', B: 'f16', C: 'f32' } as const;
      expect(matmulVariantFor(productOn(gpu, problem, dtypes)).file).toBe('matmul.3-rows');
      await expectProduct(gpu, problem, dtypes, { residual: true });
      await expectProduct(gpu, problem, dtypes, { added: true });
    }
  });

  test('with a residual', async () => {
    for (const { gpu } of await testPaths()) {
      const problem = { batch: 1, M: 19, N: 24, K: 40, transposeA: false, transposeB: true };
      await expectProduct(gpu, problem, { A: 'f16', B: 'f16', C: 'f32' }, { residual: true });
    }
  });

  test('a second run gives the same bytes', async () => {
    for (const { gpu } of await testPaths()) {
      const random = new Random(4);
      const a = gpu.tensor([40, 64], random.floats(40 * 64), { dtype: 'f16' });
      const b = gpu.tensor([72, 64], random.floats(72 * 64), { dtype: 'f16' });
      const program = await record(gpu, () => matmul(a, b, { transposeB: true }));
      program.run();
      const first = await program.outputs.read();
      program.run();
      expect(await program.outputs.read()).toEqual(first);
      program.dispose();
      a.dispose();
      b.dispose();
    }
  });
});

describe('every op agrees with float64 in f16, forward and backward', () => {
  const N = 5;
  const cases: Record<string, (gpu: Gpu) => OpCase> = {
    'layernorm to f16': () => ({
      name: 'layernorm',
      shapes: [[N, 40], [40], [40]],
      dtypes: ['f32', 'f32', 'f32'],
      apply: ([x, gamma, beta]) => layernorm(x!, gamma!, beta!, 1e-5, 'f16'),
      reference: ([x, gamma, beta]) => layernormReference(x!, gamma!, beta!, N, 40),
    }),
    swiglu: () => ({
      name: 'swiglu',
      shapes: [[N, 48]],
      dtypes: ['f16'],
      apply: ([x]) => swiglu(x!),
      reference: ([x]) => swigluReference(x!, N, 24),
    }),
    rotary: () => ({
      name: 'rotary',
      shapes: [[2, N, 96]],
      dtypes: ['f16'],
      apply: ([x]) => rotary(x!, { nHead: 2, rotaryDim: 8 }),
      reference: ([x]) => rotaryReference({ B: 2, T: N, nHead: 2, headDim: 16 }, x!, { rotaryDim: 8 }),
    }),
    // Whole heads rotate in the epilogue of the product, partly rotated heads in a separate pass.
    ...Object.fromEntries(
      [
        { nHead: 2, headDim: 64, T: 5 },
        { nHead: 1, headDim: 128, T: 3 },
        { nHead: 2, headDim: 64, T: 4, rotaryDim: 16 },
        { nHead: 1, headDim: 32, T: 3 },
      ].map((shape) => [
        `projection, then rotary: ${JSON.stringify(shape)}`,
        () => {
          const { nHead, headDim, T, rotaryDim = headDim } = shape;
          const [rows, width] = [2 * T, 3 * nHead * headDim];
          const { problem } = matmulShape([2, T, 8], [width, 8], { transposeB: true });
          return {
            name: `projection, ${rows} rows`,
            shapes: [
              [2, T, 8],
              [width, 8],
            ],
            dtypes: ['f16', 'f16'],
            apply: ([x, w]) => projectRotated(x!, w!, { nHead, rotaryDim }),
            reference: ([x, w]) =>
              rotaryReference({ B: 2, T, nHead, headDim }, matmulReference(problem, x!, w!), { rotaryDim }),
          } satisfies OpCase;
        },
      ]),
    ),
    'matmul with a residual': () => {
      const { problem } = matmulShape([N, 24], [16, 24], { transposeB: true });
      return {
        name: 'linear',
        shapes: [
          [N, 24],
          [16, 24],
          [N, 16],
        ],
        dtypes: ['f16', 'f16', 'f32'],
        apply: ([x, w, residual]) => matmul(x!, w!, { transposeB: true, residual: residual! }),
        reference: ([x, w, residual]) => matmulReference(problem, x!, w!).map((y, i) => y + residual![i]!),
      };
    },
    'head loss': (gpu) => {
      const tokens = Uint32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? IGNORE_INDEX : i));
      const targets = gpu.tensor([9], tokens);
      const counted = tokens.filter((token) => token !== IGNORE_INDEX).length;
      const scale = gpu.tensor([1], Float32Array.of(1 / counted));
      return {
        name: 'head loss',
        shapes: [
          [9, 64],
          [16, 64],
        ],
        dtypes: ['f16', 'f16'],
        apply: ([x, head]) => headLoss(x!, head!, targets, scale, { chunkRows: 4 }),
        reference: ([x, head]) => Float64Array.of(headLossReference(x!, head!, tokens, 64)),
      };
    },
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    for (const { gpu } of await testPaths()) {
      await checkOp(gpu, { ...cases[name]!(gpu), tolerance: TOLERANCE }, 7);
    }
  });

  test('heads rotated by the epilogue, with matrices of 8', async () => {
    const gpu = await testSmallMatrices();
    const turned = Object.keys(cases).filter((name) =>
      /^projection.*"headDim":(64|128),"T":\d+\}/.test(name),
    );
    expect(turned).toHaveLength(2);
    for (const name of turned) await checkOp(gpu, { ...cases[name]!(gpu), tolerance: TOLERANCE }, 7);
  });
});

describe('f16 refuses', () => {
  test('rows that are not a multiple of 8', async () => {
    const gpu = await testGpu({ kernels: 'f16' });
    expect(() => gpu.tensor([4, 12], undefined, { dtype: 'f16' })).toThrow(
      /is \[4,12\] in f16: its last axis must be a multiple of 8/,
    );
    const x = gpu.tensor([4, 16], undefined, { dtype: 'f16' });
    const w = gpu.tensor([12, 16]);
    await expect(record(gpu, () => matmul(x, w, { transposeB: true }))).rejects.toThrow(/multiple of 8/);
  });
});
