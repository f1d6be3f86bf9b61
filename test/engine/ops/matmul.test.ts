import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { dispatchMatmul } from '../../../src/engine/ops/matmul/dispatch.js';
import { matmulReference } from '../../../src/engine/ops/matmul/matmul.js';
import { productOn, type MatmulShape, type MatmulVariant } from '../../../src/engine/ops/matmul/product.js';
import { MATMUL_VARIANTS, matmulVariantFor } from '../../../src/engine/ops/matmul/variants.js';
import { variantName } from '../../../src/engine/ops/choose-variant.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

const FEW_ROWS = { batch: 1, M: 1, N: 8, K: 8, transposeA: false, transposeB: true };

/** The kernels with which this device can compute a product: some need subgroups, or rows in fours. */
async function kernelsHere(problem: MatmulShape = FEW_ROWS): Promise<string[]> {
  const product = productOn(await testGpu(), problem);
  return MATMUL_VARIANTS.filter((variant) => variant.can(product)).map(variantName);
}

const named = (kernel: string): MatmulVariant =>
  MATMUL_VARIANTS.find((variant) => variantName(variant) === kernel)!;

/** One product by one kernel, added to `before` if it is given. */
async function product(
  kernel: string,
  problem: MatmulShape,
  A: Float32Array,
  B: Float32Array,
  before?: Float32Array,
): Promise<Float32Array> {
  const gpu = await testGpu();
  const { batch, M, N } = problem;
  const [a, b] = [gpu.tensor([A.length], A), gpu.tensor([B.length], B)];
  // Without `before` C starts as NaN, so an element that no invocation writes cannot pass. A margin after the end shows
  // writes beyond it.
  const size = batch * M * N;
  const margin = new Float32Array(size + 64).fill(NaN);
  margin.set(before ?? []);
  const c = gpu.tensor([size + 64], margin);
  const target = { tensor: c, accumulate: before !== undefined };
  const program = await record(gpu, () => {
    dispatchMatmul(problem, a, b, target, { variant: named(kernel) });
  });
  program.run();
  const all = await c.read();
  expect(all.subarray(size).every(Number.isNaN), 'nothing is written past the end of C').toBe(true);
  program.dispose();
  for (const tensor of [a, b, c]) tensor.dispose();
  return all.slice(0, size);
}

const TOLERANCE = 2e-6;

function operands({ batch, M, N, K }: MatmulShape, random: Random): [Float32Array, Float32Array] {
  return [random.floats(batch * M * K, 2), random.floats(batch * K * N, 2)];
}

async function expectWritten(kernel: string, problem: MatmulShape, seed: number): Promise<void> {
  const [A, B] = operands(problem, new Random(seed));
  const C = await product(kernel, problem, A, B);
  const error = relativeError(C, matmulReference(problem, A, B));
  expect(error, `${kernel} ${JSON.stringify(problem)}`).toBeLessThan(TOLERANCE);
}

async function expectAdded(kernel: string, problem: MatmulShape, seed: number): Promise<void> {
  const random = new Random(seed);
  const [A, B] = operands(problem, random);
  const before = random.floats(problem.batch * problem.M * problem.N, 2);
  const C = await product(kernel, problem, A, B, before);
  const sum = matmulReference(problem, A, B).map((value, i) => value + before[i]!);
  expect(relativeError(C, sum), `${kernel} ${JSON.stringify(problem)}, added`).toBeLessThan(TOLERANCE);
}

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

describe('every matmul kernel agrees with float64, written and added to', () => {
  // Sizes on both sides of every tile edge (4, 8, 16, 64, 128) and of the step along K, and rows that are not a multiple of 4.
  const shapes = [
    { batch: 1, M: 1, N: 1, K: 1 },
    { batch: 1, M: 16, N: 16, K: 16 },
    { batch: 1, M: 4, N: 20, K: 8 },
    { batch: 3, M: 36, N: 12, K: 20 },
    { batch: 1, M: 129, N: 65, K: 17 },
    { batch: 2, M: 7, N: 33, K: 31 },
    { batch: 1, M: 132, N: 68, K: 36 },
    { batch: 2, M: 17, N: 4, K: 4 },
    { batch: 1, M: 20, N: 24, K: 7 }, // rows of A and B that are multiples of four; K is not
    { batch: 2, M: 7, N: 8, K: 4 },
    { batch: 2, M: 52, N: 100, K: 12 },
  ];

  for (const name of ['matmul.1-naive', 'matmul.2-tiles', 'matmul.4-quads']) {
    test(`${name}: all transposes, at the edges of its tiles`, async () => {
      if (!(await kernelsHere()).includes(name)) return;
      for (const transposes of TRANSPOSES) {
        for (const [i, shape] of shapes.entries()) {
          await expectWritten(name, { ...shape, ...transposes }, i);
          await expectAdded(name, { ...shape, ...transposes }, i);
        }
      }
    });
  }

  // A and B are staged independently, so two pipelines cover every line: a software adapter takes seconds to compile
  // each.
  test('matmul.4-blocks: plain and transposed, at the edges of its tiles', async () => {
    for (const [i, shape] of shapes.entries()) {
      await expectWritten('matmul.4-blocks', { ...shape, transposeA: false, transposeB: false }, i);
      await expectAdded('matmul.4-blocks', { ...shape, transposeA: true, transposeB: true }, i);
    }
  });

  test.each(['wide', 'eight'])('matmul.4-quads+%s: at the edges of its tiles', async (way) => {
    const name = `matmul.4-quads+${way}`;
    for (const [i, shape] of shapes.entries()) {
      const plain = { ...shape, transposeA: false, transposeB: false };
      if ((await kernelsHere(plain)).includes(name)) await expectWritten(name, plain, i);
      const transposed = { ...shape, transposeA: true, transposeB: true };
      if ((await kernelsHere(transposed)).includes(name)) await expectAdded(name, transposed, i);
    }
  });

  test('matmul.3-rows: few rows, at the edges of the share of a subgroup', async () => {
    if (!(await kernelsHere()).includes('matmul.3-rows')) return;
    for (const [i, [batch, M, N, K]] of [
      [1, 1, 1, 4],
      [1, 1, 5, 16],
      [3, 4, 19, 36],
      [2, 3, 130, 132],
      [1, 2, 64, 260],
    ].entries()) {
      const problem = { batch: batch!, M: M!, N: N!, K: K!, transposeA: false, transposeB: true };
      await expectWritten('matmul.3-rows', problem, i);
      await expectAdded('matmul.3-rows', problem, i);
    }
  });

  test('the kernels that the device uses: any shape', async () => {
    const gpu = await testGpu();
    const problem = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      M: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 40 })),
      N: fc.integer({ min: 1, max: 40 }),
      K: fc.oneof(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 10 }).map((fours) => 4 * fours),
      ),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(problem, fc.boolean(), fc.integer(), (shape, added, seed) =>
        (added ? expectAdded : expectWritten)(
          variantName(matmulVariantFor(productOn(gpu, shape))),
          shape,
          seed,
        ),
      ),
      { numRuns: 40, seed: 7 },
    );
  });
});

/** Whether a kernel takes only rows in memory that are multiples of four. */
const inFours = (kernel: string): boolean => kernel === 'matmul.3-rows' || kernel.includes('+wide');

describe('infinities', () => {
  test('an infinity in B reaches only its column, in its batch', async () => {
    for (const kernel of await kernelsHere()) {
      const transposeB = kernel === 'matmul.3-rows';
      const [batch, M, N, K] = inFours(kernel) ? [2, 19, 20, 12] : [2, 19, 18, 5];
      const problem = { batch, M, N, K, transposeA: false, transposeB };
      const A = new Float32Array(batch * M * K).fill(1);
      // At the end of K, past which kernels must not read, and at the start of the second batch.
      for (const [b, k] of [
        [0, K - 1],
        [1, 0],
      ] as const) {
        const B = new Float32Array(batch * K * N).fill(1);
        B[b * K * N + (transposeB ? 3 * K + k : k * N + 3)] = Infinity;
        const C = await product(kernel, problem, A, B);
        C.forEach((value, i) => {
          const hit = Math.floor(i / (M * N)) === b && i % N === 3;
          expect(value, `${kernel} element ${i}, infinity in batch ${b}`).toBe(hit ? Infinity : K);
        });
      }
    }
  });

  test('an infinity in A reaches only its row', async () => {
    for (const kernel of await kernelsHere()) {
      const transposeB = kernel === 'matmul.3-rows';
      const [M, N, K] = inFours(kernel) ? [19, 20, 12] : [19, 18, 5];
      const A = new Float32Array(M * K).fill(1);
      const B = new Float32Array(K * N).fill(1);
      A[3 * K + K - 1] = Infinity; // B is all ones, so it reads the same transposed
      const problem = { batch: 1, M, N, K, transposeA: false, transposeB };
      const C = await product(kernel, problem, A, B);
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) expect(C[m * N + n], `${kernel} ${m},${n}`).toBe(m === 3 ? Infinity : K);
      }
    }
  });
});
