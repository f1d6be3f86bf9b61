import { expect, test, vi } from 'vitest';
import type { Grid } from '../../../src/engine/tensor/grid.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { record } from '../../../src/engine/gpu/program.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import { appendToCache } from '../../../src/engine/ops/attention/decode.js';
import { inFewRows, sumOfColumns } from '../../../src/engine/ops/column-sum.js';
import { embedding, embeddingReference, TokenBatch } from '../../../src/engine/ops/embedding.js';
import { headLoss, headLossReference } from '../../../src/engine/ops/head-loss.js';
import { layernorm, layernormReference } from '../../../src/engine/ops/layernorm.js';
import { rotary, rotaryReference } from '../../../src/engine/ops/rotary.js';
import { swiglu, swigluReference } from '../../../src/engine/ops/swiglu.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { checkOp } from './op-check.js';
import { OP_TABLE } from './op-table.js';

// Only with millions of elements is a grid too small. Here a grid has at most two workgroups, so small problems show
// whether kernels continue in strides and visit each element once.
vi.mock('../../../src/engine/tensor/grid.js', async (original) => {
  const real = await original<typeof import('../../../src/engine/tensor/grid.js')>();
  const few = ([x]: Grid): Grid => [Math.min(2, x)];
  return {
    ...real,
    gridFor: (...parameters: Parameters<typeof real.gridFor>) => few(real.gridFor(...parameters)),
    gridForRows: (...parameters: Parameters<typeof real.gridForRows>) => few(real.gridForRows(...parameters)),
  };
});

const twice = (y: Float64Array): Float64Array => addReference(y, y);

test.each(OP_TABLE.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
  await checkOp(
    await testGpu(),
    {
      ...row,
      name: `${row.name} twice, gradients added`,
      apply: (inputs) => add(row.apply(inputs), row.apply(inputs)),
      reference: (inputs) => twice(row.reference(inputs)),
    },
    10,
  );
});

test.each([
  [65, 5],
  [65, 20],
])('swiglu of %i rows of %i columns', async (N, F) => {
  await checkOp(
    await testGpu(),
    {
      name: 'swiglu twice, gradients added',
      shapes: [[N, 2 * F]],
      apply: ([x]) => add(swiglu(x!), swiglu(x!)),
      reference: ([x]) => twice(swigluReference(x!, N, F)),
    },
    1,
  );
});

test('layernorm', async () => {
  const [N, C] = [131, 5];
  await checkOp(
    await testGpu(),
    {
      name: 'layernorm twice, gradients added',
      shapes: [[N, C], [C], [C]],
      apply: ([x, gamma, beta]) => add(layernorm(x!, gamma!, beta!), layernorm(x!, gamma!, beta!)),
      reference: ([x, gamma, beta]) => twice(layernormReference(x!, gamma!, beta!, N, C)),
    },
    2,
  );
});

test('layernorm adds eps to the variance', async () => {
  const [N, C] = [5, 9];
  await checkOp(
    await testGpu(),
    {
      name: 'layernorm, eps 3',
      shapes: [[N, C], [C], [C]],
      apply: ([x, gamma, beta]) => layernorm(x!, gamma!, beta!, 3),
      reference: ([x, gamma, beta]) => layernormReference(x!, gamma!, beta!, N, C, 3),
    },
    3,
  );
});

test('layernorm of many columns: parameters of 150', async () => {
  const [N, C] = [2, 150];
  await checkOp(
    await testGpu(),
    {
      name: 'layernorm',
      shapes: [[N, C], [C], [C]],
      apply: ([x, gamma, beta]) => layernorm(x!, gamma!, beta!),
      reference: ([x, gamma, beta]) => layernormReference(x!, gamma!, beta!, N, C),
    },
    4,
  );
});

test('sums of some of the columns: few rows, many rows, and a prime number of rows', async () => {
  const gpu = await testGpu();
  const [C, offset, some] = [10, 4, 5];
  for (const [N, inBetween] of [
    [32, 32],
    [66, 6],
    [512, 16],
    [67, 67],
  ] as const) {
    const values = new Random(N).floats(N * C);
    const x = gpu.tensor([N, C], values);
    const y = gpu.tensor([some], new Float32Array(some).fill(1));
    const program = await record(gpu, () => {
      const few = inFewRows(x);
      sumOfColumns(few, offset, { tensor: y, accumulate: true });
      return few;
    });
    expect(program.outputs.rows).toBe(inBetween);
    program.run();
    const expected = Float64Array.from({ length: some }, (_, c) =>
      values.reduce((sum, value, i) => (i % C === offset + c ? sum + value : sum), 1),
    );
    expect(relativeError(await y.read(), expected)).toBeLessThan(1e-6);
    program.dispose();
    [x, y].forEach((tensor) => tensor.dispose());
  }
});

test('embedding', async () => {
  const gpu = await testGpu();
  const [B, T, V, C] = [2, 35, 29, 5];
  const tokens = Uint32Array.from({ length: B * T }, (_, n) => (n * n) % V);
  const batch = new TokenBatch(gpu, [B, T], V);
  batch.write(tokens);
  await checkOp(
    gpu,
    {
      name: 'embedding twice, gradients added',
      shapes: [[V, C]],
      apply: ([table]) => add(embedding(table!, batch), embedding(table!, batch)),
      reference: ([table]) => twice(embeddingReference(table!, tokens, C)),
    },
    5,
  );
});

test('head loss', async () => {
  const gpu = await testGpu();
  const [N, C, V] = [130, 3, 9];
  const random = new Random(6);
  const tokens = Uint32Array.from({ length: N }, (_, n) =>
    n % 3 === 1 ? IGNORE_INDEX : random.integer(0, V - 1),
  );
  const targets = gpu.tensor([N], tokens);
  const scale = gpu.tensor([1], Float32Array.of(1 / tokens.filter((t) => t !== IGNORE_INDEX).length));
  await checkOp(
    gpu,
    {
      name: 'head loss',
      shapes: [
        [N, C],
        [V, C],
      ],
      apply: ([x, head]) => headLoss(x!, head!, targets, scale),
      reference: ([x, head]) => Float64Array.of(headLossReference(x!, head!, tokens, C)),
    },
    6,
  );
});

test('rotary', async () => {
  const shape = { B: 2, T: 40, nHead: 1, headDim: 8 };
  await checkOp(
    await testGpu(),
    {
      name: 'rotary',
      shapes: [[2, 40, 24]],
      apply: ([qkv]) => rotary(qkv!, { nHead: 1, rotaryDim: 4 }),
      reference: ([qkv]) => rotaryReference(shape, qkv!, { rotaryDim: 4 }),
    },
    7,
  );
});

test('appending to a cache', async () => {
  const gpu = await testGpu();
  const [B, T, nHead, headDim, maxT] = [2, 20, 3, 8, 24];
  const C = nHead * headDim;
  const data = new Random(8).floats(B * T * 3 * C);
  const empty = new Float32Array(B * nHead * maxT * headDim).fill(-3);
  const cache = {
    keys: gpu.tensor([B, nHead, maxT, headDim], empty),
    values: gpu.tensor([B, nHead, maxT, headDim], empty),
    lengths: gpu.tensor([B], Uint32Array.of(4, 1)),
  };
  const program = await record(gpu, () => appendToCache(gpu.tensor([B, T, 3 * C], data), cache));
  program.run();
  for (const [part, tensor] of [cache.keys, cache.values].entries()) {
    const expected = empty.slice();
    for (let b = 0; b < B; b++) {
      for (let t = 0; t < T; t++) {
        for (let h = 0; h < nHead; h++) {
          for (let d = 0; d < headDim; d++) {
            const position = [4, 1][b]! + t;
            expected[((b * nHead + h) * maxT + position) * headDim + d] =
              data[(b * T + t) * 3 * C + (part + 1) * C + h * headDim + d]!;
          }
        }
      }
    }
    expect(await tensor.read(), part ? 'values' : 'keys').toEqual(expected);
  }
});
