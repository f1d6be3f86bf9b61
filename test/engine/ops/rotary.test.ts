import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import { dispatchMatmul } from '../../../src/engine/ops/matmul/dispatch.js';
import { matmulReference, matmulShape } from '../../../src/engine/ops/matmul/matmul.js';
import { MATMUL_VARIANTS } from '../../../src/engine/ops/matmul/variants.js';
import { projectRotated, rotary, rotaryReference } from '../../../src/engine/ops/rotary.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu, testPaths, testSmallMatrices } from '../test-gpu.js';
import { checkOp } from './op-check.js';
import { spansOf } from './spans.js';

describe('rotary positions', () => {
  test.each([
    { B: 2, T: 5, nHead: 2, headDim: 8, rotaryDim: 8 },
    { B: 1, T: 4, nHead: 1, headDim: 32, rotaryDim: 8 },
    { B: 1, T: 3, nHead: 3, headDim: 12, rotaryDim: 6 },
    { B: 1, T: 1, nHead: 1, headDim: 4, rotaryDim: 2 },
  ])('$rotaryDim of $headDim dimensions agree with float64, forward and backward', async (shape) => {
    const { B, T, nHead, headDim, rotaryDim } = shape;
    await checkOp(
      await testGpu(),
      {
        name: 'rotary',
        shapes: [[B, T, 3 * nHead * headDim]],
        apply: ([qkv]) => rotary(qkv!, { nHead, rotaryDim }),
        reference: ([qkv]) => rotaryReference(shape, qkv!, { rotaryDim }),
      },
      T,
    );
  });

  test('an existing gradient is added to', async () => {
    const shape = { B: 1, T: 3, nHead: 1, headDim: 8 };
    await checkOp(
      await testGpu(),
      {
        name: 'rotary twice',
        shapes: [[1, 3, 24]],
        apply: ([qkv]) => add(rotary(qkv!, { nHead: 1 }), rotary(qkv!, { nHead: 1, base: 100 })),
        reference: ([qkv]) =>
          addReference(rotaryReference(shape, qkv!), rotaryReference(shape, qkv!, { base: 100 })),
      },
      2,
    );
  });

  test('rotary turns a gradient in place if no other op reads it', async () => {
    const shape = { B: 1, T: 4, nHead: 2, headDim: 8 };
    await checkOp(
      await testGpu(),
      {
        name: 'rotary of rotary',
        shapes: [[1, 4, 48]],
        apply: ([qkv]) => rotary(rotary(qkv!, { nHead: 2, rotaryDim: 4 }), { nHead: 2, base: 50 }),
        reference: ([qkv]) => {
          const inner = rotaryReference(shape, qkv!, { rotaryDim: 4 });
          return rotaryReference(shape, inner, { base: 50 });
        },
      },
      3,
    );
  });

  test('a product may rotate heads of 64 in its epilogue, with the same result as a separate rotary pass', async () => {
    const gpu = await testGpu();
    const [B, T, nHead, K] = [2, 67, 2, 12];
    const [M, N] = [B * T, 3 * nHead * 64];
    const random = new Random(9);
    const [x, w] = [random.floats(M * K), random.floats(N * K)];
    const [X, W] = [gpu.tensor([M, K], x), gpu.tensor([N, K], w)];
    const angles = Array.from({ length: T * 32 }, (_, i) => Math.floor(i / 32) * 10_000 ** (-(i % 32) / 32));
    const table = gpu.tensor([T, 64]);
    table.write(
      Float32Array.from({ length: T * 64 }, (_, i) => {
        const angle = angles[Math.floor(i / 64) * 32 + (i % 32)]!;
        return i % 64 < 32 ? Math.cos(angle) : Math.sin(angle);
      }),
    );
    const problem = { batch: 1, M, N, K, transposeA: false, transposeB: true };
    const program = await record(gpu, () => {
      const C = recorder().tensor([M, N], 'projection');
      const variant = MATMUL_VARIANTS.find(({ file }) => file === 'matmul.4-blocks');
      const options = { rotary: { table, T, headDim: 64 }, variant };
      dispatchMatmul(problem, X, W, { tensor: C, accumulate: false }, options);
      return C;
    });
    program.run();
    const expected = rotaryReference({ B, T, nHead, headDim: 64 }, matmulReference(problem, x, w));
    expect(relativeError(await program.outputs.read(), expected)).toBeLessThan(2e-6);
    program.dispose();
    [X, W, table].forEach((tensor) => tensor.dispose());
  });

  test('each sequence may start at a different position; far positions are as exact as near ones', async () => {
    const gpu = await testGpu();
    const shape = { B: 3, T: 2, nHead: 2, headDim: 16 };
    const starts = Uint32Array.of(0, 7, 4094);
    const data = new Random(5).floats(3 * 2 * 96);
    const qkv = gpu.tensor([3, 2, 96], data);
    const positions = gpu.tensor([3], starts);
    const program = await record(gpu, () => rotary(qkv, { nHead: 2, starts: positions, maxT: 4096 }));
    program.run();
    expect(
      relativeError(await program.outputs.read(), rotaryReference(shape, data, { starts })),
    ).toBeLessThan(1e-6);
    program.dispose();
  });

  test('the product of a query and a key depends only on the distance of their positions', () => {
    const headDim = 8;
    const row = new Random(6).floats(3 * headDim);
    const turnedAt = (position: number): Float64Array =>
      rotaryReference({ B: 1, T: 1, nHead: 1, headDim }, row, { starts: [position] });
    const product = (query: number, key: number): number => {
      const [q, k] = [turnedAt(query), turnedAt(key)];
      let sum = 0;
      for (let d = 0; d < headDim; d++) sum += q[d]! * k[headDim + d]!;
      return sum;
    };
    expect(product(9, 4)).toBeCloseTo(product(105, 100), 12);
    expect(product(9, 4)).not.toBeCloseTo(product(9, 5), 3);
  });

  test('position 0 and the values do not change', async () => {
    const gpu = await testGpu();
    const data = new Random(7).floats(2 * 24);
    const program = await record(gpu, () => rotary(gpu.tensor([1, 2, 24], data), { nHead: 1 }));
    program.run();
    const result = await program.outputs.read();
    expect(result.slice(0, 24)).toEqual(data.slice(0, 24));
    expect(result.slice(40)).toEqual(data.slice(40));
    expect(result.slice(24, 40)).not.toEqual(data.slice(24, 40));
  });

  test.each([
    [{ nHead: 2, rotaryDim: 3 }, /rotary: qkv is \[1,4,48\] with 2 heads: rotaryDim is 3; it must be even/],
    [{ nHead: 2, rotaryDim: 10 }, /at most the head's 8 dimensions/],
    [{ nHead: 2, maxT: 3 }, /4 positions, and maxT is 3/],
  ])('refuses %j', async (options, message) => {
    const gpu = await testGpu();
    await expect(record(gpu, () => rotary(gpu.tensor([1, 4, 48]), options))).rejects.toThrow(message);
  });

  test('refuses starts without a bound, or for another batch', async () => {
    const gpu = await testGpu();
    const qkv = gpu.tensor([2, 1, 24]);
    const starts = gpu.tensor([2], new Uint32Array(2));
    await expect(record(gpu, () => rotary(qkv, { nHead: 1, starts }))).rejects.toThrow(/starts needs maxT/);
    const other = gpu.tensor([3], new Uint32Array(3));
    await expect(record(gpu, () => rotary(qkv, { nHead: 1, starts: other, maxT: 8 }))).rejects.toThrow(
      /starts is \[3\], it must be \[2\]/,
    );
  });
});

describe('rotary positions in packed rows', () => {
  const lengths = [
    [2, 3],
    [1, 4],
  ];
  const spans = spansOf(lengths);

  test('count from the start of each record, forward and backward', async () => {
    const gpu = await testGpu();
    const packed = gpu.tensor([2, 5, 2], spans);
    for (const { headDim, rotaryDim } of [
      { headDim: 8, rotaryDim: 8 },
      { headDim: 12, rotaryDim: 6 },
    ]) {
      const shape = { B: 2, T: 5, nHead: 2, headDim };
      const options = { nHead: 2, rotaryDim, spans: packed };
      // The outer rotation's gradient turns in place; the inner one's is added to that of the sum's other term.
      await checkOp(
        gpu,
        {
          name: 'rotary over packed rows, added to rotary',
          shapes: [[2, 5, 6 * headDim]],
          apply: ([qkv]) => add(rotary(rotary(qkv!, options), options), rotary(qkv!, options)),
          reference: ([qkv]) => {
            const once = rotaryReference(shape, qkv!, { rotaryDim, spans });
            return addReference(rotaryReference(shape, once, { rotaryDim, spans }), once);
          },
        },
        headDim,
      );
    }
    packed.dispose();
  });

  test('a record that fills the row gives the bytes of a row without spans', async () => {
    const gpu = await testGpu();
    const qkv = gpu.tensor([2, 5, 48], new Random(2).floats(480));
    const whole = gpu.tensor([2, 5, 2], spansOf([[5], [5]]));
    const program = await record(gpu, () => [
      rotary(qkv, { nHead: 2 }),
      rotary(qkv, { nHead: 2, spans: whole }),
    ]);
    program.run();
    const [without, withSpans] = await Promise.all(program.outputs.map((output) => output.read()));
    expect(withSpans).toEqual(without);
    program.dispose();
    [qkv, whole].forEach((tensor) => tensor.dispose());
  });

  test('count in the same way where a product rotates heads in its epilogue', async () => {
    const paths = [...(await testPaths()), { name: 'matrices of 8', gpu: await testSmallMatrices() }];
    for (const { name, gpu } of paths) {
      const packed = gpu.tensor([2, 5, 2], spans);
      // Finite differences of wide heads are slow, so only the path that rotates them tries them.
      for (const headDim of name === 'tensor, emulated' ? [64, 128] : [64]) {
        const nHead = 1;
        const width = 3 * nHead * headDim;
        const { problem } = matmulShape([2, 5, 8], [width, 8], { transposeB: true });
        await checkOp(
          gpu,
          {
            name: `${name}: projection over packed rows, heads of ${headDim}`,
            shapes: [
              [2, 5, 8],
              [width, 8],
            ],
            dtypes: ['f16', 'f16'],
            apply: ([x, w]) => projectRotated(x!, w!, { nHead, spans: packed }),
            reference: ([x, w]) =>
              rotaryReference({ B: 2, T: 5, nHead, headDim }, matmulReference(problem, x!, w!), { spans }),
            tolerance: 2e-3, // results are rounded to f16
          },
          headDim,
        );
      }
      packed.dispose();
    }
  });

  test('refuses spans of another shape, or beside starts', async () => {
    const gpu = await testGpu();
    const qkv = gpu.tensor([2, 5, 24]);
    const other = gpu.tensor([2, 4, 2], new Uint32Array(16));
    await expect(record(gpu, () => rotary(qkv, { nHead: 1, spans: other }))).rejects.toThrow(
      /rotary: spans is \[2,4,2\] in u32, it must be \[2,5,2\] in u32/,
    );
    const starts = gpu.tensor([2], new Uint32Array(2));
    const packed = gpu.tensor([2, 5, 2], spans);
    await expect(
      record(gpu, () => rotary(qkv, { nHead: 1, starts, spans: packed, maxT: 9 })),
    ).rejects.toThrow(/positions come from starts or from spans, not from both/);
  });
});
