import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import { crossEntropy } from '../../../src/engine/ops/cross-entropy.js';
import { dropout } from '../../../src/engine/ops/dropout.js';
import { embedding, embeddingReference, TokenBatch } from '../../../src/engine/ops/embedding.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { headLoss, headLossReference } from '../../../src/engine/ops/head-loss.js';
import { layernorm, layernormReference, rmsNorm } from '../../../src/engine/ops/layernorm.js';
import { gatherRows } from '../../../src/engine/ops/gather-rows.js';
import { gelu } from '../../../src/engine/ops/gelu.js';
import { linear } from '../../../src/engine/ops/linear.js';
import { mul } from '../../../src/engine/ops/mul.js';
import { softmax } from '../../../src/engine/ops/softmax.js';
import { matmul, matmulReference, matmulShape } from '../../../src/engine/ops/matmul/matmul.js';
import { swiglu, swigluReference } from '../../../src/engine/ops/swiglu.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { checkOp, type OpCase } from './op-check.js';
import { OP_TABLE } from './op-table.js';

/** Sizes on both sides of every tile edge in use: 1, odd ones, 4, 8, 16, 32, 64 and their neighbours. */
const EXTENTS = [1, 2, 3, 5, 7, 8, 9, 15, 17, 31, 33];

function matmulCase(random: Random, transposeA: boolean, transposeB: boolean, batch: number): OpCase {
  const pick = (): number => EXTENTS[random.integer(0, EXTENTS.length - 1)]!;
  const [M, N, K] = [pick(), pick(), pick()];
  const lead = batch > 1 ? [batch] : [];
  const a = [...lead, ...(transposeA ? [K, M] : [M, K])];
  const b = [...lead, ...(transposeB ? [N, K] : [K, N])];
  const options = { transposeA, transposeB };
  const { problem } = matmulShape(a, b, options);
  return {
    name: `matmul ${a.join('×')} · ${b.join('×')}${transposeA ? ' A transposed' : ''}${transposeB ? ' B transposed' : ''}`,
    shapes: [a, b],
    apply: ([A, B]) => matmul(A!, B!, options),
    reference: ([A, B]) => matmulReference(problem, A!, B!),
  };
}

function tokenCase(gpu: Gpu, random: Random): OpCase {
  const [V, C, B, T] = [
    random.integer(1, 9),
    random.integer(1, 9),
    random.integer(1, 3),
    random.integer(1, 9),
  ];
  const tokens = Uint32Array.from({ length: B * T }, () => random.integer(0, V - 1));
  const batch = new TokenBatch(gpu, [B, T], V);
  batch.write(tokens);
  return {
    name: `embedding of ${B}×${T} tokens in [${V},${C}]`,
    shapes: [[V, C]],
    apply: ([table]) => embedding(table!, batch),
    reference: ([table]) => embeddingReference(table!, tokens, C),
  };
}

function headLossCase(gpu: Gpu, random: Random, N: number, C: number, V: number, chunkRows: number): OpCase {
  const tokens = Uint32Array.from({ length: N }, () =>
    random.uniform() < 0.4 ? IGNORE_INDEX : random.integer(0, V - 1),
  );
  tokens[N - 1] = V - 1;
  const targets = gpu.tensor([N], tokens, { label: 'targets' });
  const scale = gpu.tensor([1], Float32Array.of(1 / tokens.filter((t) => t !== IGNORE_INDEX).length));
  return {
    name: `head loss of [${N},${C}] with a vocabulary of ${V}, ${chunkRows} rows at once`,
    shapes: [
      [N, C],
      [V, C],
    ],
    apply: ([x, head]) => headLoss(x!, head!, targets, scale, { chunkRows }),
    reference: ([x, head]) => Float64Array.of(headLossReference(x!, head!, tokens, C)),
  };
}

describe('every op agrees with float64, forward and backward', () => {
  test.each(OP_TABLE.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    await checkOp(await testGpu(), row, 9);
  });

  test('matmul: all four transpose cases, batched and not', async () => {
    const gpu = await testGpu();
    const random = new Random(11);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const batch of [1, 1, 3])
          await checkOp(gpu, matmulCase(random, transposeA, transposeB, batch), random.integer(0, 1e6));
      }
    }
  });

  test('matmul: the leading axes of A are rows if B has none', async () => {
    const gpu = await testGpu();
    const { problem } = matmulShape([2, 3, 5], [4, 5], { transposeB: true });
    expect(problem).toMatchObject({ batch: 1, M: 6, N: 4, K: 5 });
    await checkOp(
      gpu,
      {
        name: 'linear',
        shapes: [
          [2, 3, 5],
          [4, 5],
        ],
        apply: ([x, w]) => matmul(x!, w!, { transposeB: true }),
        reference: ([x, w]) => matmulReference(problem, x!, w!),
      },
      5,
    );
  });

  test('add, also of a tensor to itself', async () => {
    const gpu = await testGpu();
    await checkOp(
      gpu,
      {
        name: 'add',
        shapes: [
          [7, 9],
          [7, 9],
        ],
        apply: ([x, y]) => add(x!, y!),
        reference: ([x, y]) => addReference(x!, y!),
      },
      1,
    );
    await checkOp(
      gpu,
      {
        name: 'x + x',
        shapes: [[3, 67]],
        apply: ([x]) => add(x!, x!),
        reference: ([x]) => addReference(x!, x!),
      },
      2,
    );
  });

  test('swiglu', async () => {
    const gpu = await testGpu();
    for (const [N, F] of [
      [1, 1],
      [3, 7],
      [65, 2],
      [2, 33],
      [3, 4],
      [9, 36],
    ] as const) {
      await checkOp(
        gpu,
        {
          name: `swiglu ${N}×${F}`,
          shapes: [[N, 2 * F]],
          apply: ([x]) => swiglu(x!),
          reference: ([x]) => swigluReference(x!, N, F),
        },
        N,
      );
    }
  });

  test('layernorm', async () => {
    const gpu = await testGpu();
    for (const [N, C] of [
      [1, 3],
      [3, 7],
      [65, 4],
      [2, 33],
      [130, 5],
      [2200, 4], // 35 sums of rows, added in two steps
    ] as const) {
      await checkOp(
        gpu,
        {
          name: `layernorm ${N}×${C}`,
          shapes: [[N, C], [C], [C]],
          apply: ([x, gamma, beta]) => layernorm(x!, gamma!, beta!),
          reference: ([x, gamma, beta]) => layernormReference(x!, gamma!, beta!, N, C),
        },
        N * C,
      );
    }
  });

  test('embedding', async () => {
    const gpu = await testGpu();
    const random = new Random(3);
    for (let i = 0; i < 4; i++) await checkOp(gpu, tokenCase(gpu, random), i);
  });

  test('head loss, in one chunk and in several', async () => {
    const gpu = await testGpu();
    const random = new Random(4);
    for (const [N, C, V, chunk] of [
      [1, 1, 2, 64],
      [5, 3, 9, 64],
      [70, 4, 5, 64],
      [130, 3, 33, 64],
    ] as const) {
      await checkOp(gpu, headLossCase(gpu, random, N, C, V, chunk), N);
    }
  });
});

test('head loss of the learned rows alone is the head loss of all rows', async () => {
  const gpu = await testGpu();
  const [N, C, V] = [40, 3, 9];
  const random = new Random(6);
  const all = Uint32Array.from({ length: N }, () =>
    random.uniform() < 0.7 ? IGNORE_INDEX : random.integer(0, V - 1),
  );
  const learned = [...all.keys()].filter((n) => all[n] !== IGNORE_INDEX);
  const R = 24;
  expect(learned.length).toBeLessThan(R);
  const padded = (value: (place: number) => number): Uint32Array =>
    Uint32Array.from({ length: R }, (_, place) => (place < learned.length ? value(place) : IGNORE_INDEX));
  const rows = gpu.tensor(
    [R],
    padded((place) => learned[place]!),
  );
  const targets = gpu.tensor(
    [R],
    padded((place) => all[learned[place]!]!),
  );
  const places = gpu.tensor(
    [N],
    all.map((target, n) => (target === IGNORE_INDEX ? IGNORE_INDEX : learned.indexOf(n))),
  );
  const scale = gpu.tensor([1], Float32Array.of(1 / learned.length));
  await checkOp(
    gpu,
    {
      name: 'head loss of gathered rows',
      shapes: [
        [N, C],
        [V, C],
      ],
      apply: ([x, head]) => headLoss(gatherRows(x!, rows, places), head!, targets, scale),
      reference: ([x, head]) => Float64Array.of(headLossReference(x!, head!, all, C)),
    },
    6,
  );
});

describe('a tensor used twice receives both gradients', () => {
  test('residual branch: x + swiglu(x · W)', async () => {
    const gpu = await testGpu();
    const [N, C] = [5, 6];
    await checkOp(
      gpu,
      {
        name: 'residual',
        shapes: [
          [N, C],
          [2 * C, C],
        ],
        apply: ([x, w]) => add(x!, swiglu(matmul(x!, w!, { transposeB: true }))),
        reference: ([x, w]) => {
          const { problem } = matmulShape([N, C], [2 * C, C], { transposeB: true });
          return addReference(x!, swigluReference(matmulReference(problem, x!, w!), N, C));
        },
      },
      6,
    );
  });

  test('a gradient that two tensors share is not added to in place', async () => {
    const gpu = await testGpu();
    // d(x) and d(b) are one tensor when swiglu(u) adds to d(x): it must take a copy.
    const [N, F] = [4, 3];
    const twice = (x: ArrayLike<number>): Float64Array =>
      Float64Array.from([...Array(N * 2 * F).keys()], (i) => x[i]! * 2);
    await checkOp(
      gpu,
      {
        name: 'shared gradient',
        shapes: [
          [N, 2 * F],
          [N, F],
        ],
        apply: ([x, y]) => {
          const b = add(x!, x!);
          const c = swiglu(x!);
          return add(swiglu(b), add(c, y!));
        },
        reference: ([x, y]) =>
          addReference(swigluReference(twice(x!), N, F), addReference(swigluReference(x!, N, F), y!)),
      },
      7,
    );
  });
});

describe('shape errors name the op and both shapes', () => {
  const cases: [string, (gpu: Gpu) => void, RegExp][] = [
    [
      'matmul',
      (gpu) => matmul(gpu.tensor([64, 128]), gpu.tensor([256, 128])),
      /matmul: A is \[64,128\] and B is \[256,128\]: A's columns \(128\) must equal B's rows \(256\); did you mean transposeB\?/,
    ],
    [
      'matmul batches',
      (gpu) => matmul(gpu.tensor([2, 4, 3]), gpu.tensor([3, 3, 5])),
      /matmul: A is \[2,4,3\].*leading axes/,
    ],
    ['add', (gpu) => add(gpu.tensor([2, 3]), gpu.tensor([3, 2])), /add: x is \[2,3\] and y is \[3,2\]/],
    ['swiglu', (gpu) => swiglu(gpu.tensor([2, 3])), /swiglu: x is \[2,3\]/],
    [
      'layernorm',
      (gpu) => layernorm(gpu.tensor([2, 3]), gpu.tensor([4]), gpu.tensor([3])),
      /layernorm: x is \[2,3\] and gamma is \[4\]/,
    ],
    ['mul', (gpu) => mul(gpu.tensor([2, 3]), gpu.tensor([3, 2])), /mul: x is \[2,3\] and y is \[3,2\]/],
    [
      'add of two dtypes',
      (gpu) => add(gpu.tensor([2, 8]), gpu.tensor([2, 8], undefined, { dtype: 'f16' })),
      /add: x is in f32 and y is in f16/,
    ],
    [
      'gelu of integers',
      (gpu) => gelu(gpu.tensor([2], Uint32Array.of(1, 2))),
      /gelu: x is \[2\] in u32: it must be in f32 or f16/,
    ],
    [
      'softmax of f16',
      (gpu) => softmax(gpu.tensor([2, 8], undefined, { dtype: 'f16' })),
      /softmax: x is \[2,8\] in f16: it must be in f32/,
    ],
    [
      'dropout with a rate of 1',
      (gpu) => dropout(gpu.tensor([2]), 1, { step: gpu.tensor([1], Uint32Array.of(1)) }),
      /dropout: rate is 1: it must be in \[0, 1\)/,
    ],
    [
      'rmsNorm',
      (gpu) => rmsNorm(gpu.tensor([2, 3]), gpu.tensor([4])),
      /rmsNorm: x is \[2,3\] and gamma is \[4\]: it must be \[3\]/,
    ],
    [
      'linear',
      (gpu) => linear(gpu.tensor([2, 3]), gpu.tensor([3, 5])),
      /linear: x is \[2,3\] and weight is \[3,5\]: weight must be \[outputs,3\]/,
    ],
    [
      "linear's bias",
      (gpu) => linear(gpu.tensor([2, 3]), gpu.tensor([5, 3]), gpu.tensor([3])),
      /linear: weight is \[5,3\] and bias is \[3\]: it must be \[5\]/,
    ],
    [
      'cross-entropy',
      (gpu) => crossEntropy(gpu.tensor([2, 3]), gpu.tensor([3], Uint32Array.of(0, 1, 2))),
      /crossEntropy: logits is \[2,3\] and targets is \[3\]: it must hold 2 elements/,
    ],
    [
      'embedding of numbers',
      (gpu) => embedding(gpu.tensor([4, 2]), gpu.tensor([3])),
      /embedding: tokens is \[3\] in f32: it must be in u32/,
    ],
    [
      'embedding',
      (gpu) => embedding(gpu.tensor([4, 2]), new TokenBatch(gpu, [1, 1], 5)),
      /embedding: the table is \[4,2\].*vocabulary of 5/,
    ],
    [
      'gather with places of other rows',
      (gpu) => {
        const one = gpu.tensor([1], Uint32Array.of(0));
        return gatherRows(gpu.tensor([4, 3]), one, one);
      },
      /gatherRows: x has 4 rows and places is \[1\]: it must be \[4\]/,
    ],
    [
      'head loss',
      (gpu) => headLoss(gpu.tensor([4, 2]), gpu.tensor([5, 3]), gpu.tensor([4]), gpu.tensor([1])),
      /headLoss: x is \[4,2\] and head is \[5,3\]/,
    ],
  ];
  test.each(cases)('%s', async (_name, attempt, message) => {
    const gpu = await testGpu();
    await expect(record(gpu, () => attempt(gpu))).rejects.toThrow(message);
  });

  test('a token outside the vocabulary is refused on writing', async () => {
    const batch = new TokenBatch(await testGpu(), [1, 2], 5);
    expect(() => batch.write(Uint32Array.of(4, 5))).toThrow(/token 5 is outside the vocabulary of 5/);
  });
});
