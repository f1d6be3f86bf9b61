import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelFolder } from '../../../src/base/paths.js';
import type { BenchShape } from '../../../src/engine/bench/cases.js';
import { stepProducts, sweepProducts } from '../../../src/engine/bench/sweep.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { planStep } from '../../../src/engine/train/decoder-step.js';
import { testGpu } from '../test-gpu.js';

const SMALL: BenchShape = {
  preset: 'tiny',
  config: { vocabSize: 48, context: 32, nLayer: 2, nHead: 2, width: 64, mlpWidth: 40, tiedHead: true },
  B: 2,
  T: 16,
  squares: [],
};

test('the products of a step are those that it dispatches', () => {
  const products = stepProducts(SMALL, 'f16');
  const asked = new Set<string>();
  const get = KernelLibrary.prototype.get;
  KernelLibrary.prototype.get = function (name, variant) {
    const { TRANSPOSE_A, TRANSPOSE_B, A_F16, B_F16, C_F16 } = variant?.flags ?? {};
    if (name.startsWith('matmul')) asked.add([TRANSPOSE_A, TRANSPOSE_B, A_F16, B_F16, C_F16].join());
    return get.call(this, name, variant);
  };
  try {
    const planner = Gpu.planning({}, 'gpu', 'f16');
    planStep(SMALL.config, { batchSize: SMALL.B, context: SMALL.T, microBatches: 1 }, planner);
  } finally {
    KernelLibrary.prototype.get = get;
  }
  const own = products.map(({ problem: { transposeA, transposeB }, types }) =>
    [transposeA, transposeB, types.A === 'f16', types.B === 'f16', types.C === 'f16'].join(),
  );
  expect(new Set(own)).toEqual(asked);
  expect(products).toHaveLength(15);
  expect(products.reduce((sum, { count }) => sum + count, 0)).toBe(3 * (4 * SMALL.config.nLayer + 1));
});

test.each(['f32', 'f16'] as const)('every variant of every product is right: %s', async (kernels) => {
  const gpu = await testGpu({ kernels });
  const seen: number[] = [];
  const report = await sweepProducts(gpu, stepProducts(SMALL, gpu.path).slice(0, 5), {
    rounds: 1,
    onProduct: (soFar) => Promise.resolve(void seen.push(soFar.products.length)),
  });
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  for (const { use, results } of report.products) {
    for (const { variant, error, right, medianMs } of results) {
      expect(right, `${use} ${variant}: ${error}`).toBe(true);
      expect(medianMs).toBeGreaterThan(0);
    }
    expect(results.filter(({ chosen }) => chosen)).toHaveLength(1);
  }
  const none = await sweepProducts(gpu, stepProducts(SMALL, gpu.path).slice(0, 1), { seconds: -1 });
  expect(none.leftOut).toHaveLength(1);
});

test('a variant with wrong results is found, and one that does not compile is reported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  for (const [name, from, to] of [
    ['matmul.4-blocks', 'sum[i] += tileA', 'sum[i] += 1.001 * tileA'],
    ['matmul.2-tiles', 'var sum', 'var sum sum'],
  ] as const) {
    const text = readFileSync(join(kernelFolder, `${name}.wgsl`), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(folder, `${name}.wgsl`), text.replace(from, to));
  }
  const gpu = await Gpu.open({
    adapter: process.env.TEST_ADAPTER ?? 'auto',
    kernels: 'f32',
    kernelFolder: folder,
  });
  const { products } = await sweepProducts(gpu, stepProducts(SMALL, 'f32').slice(0, 1), {
    rounds: 1,
    only: ['blocks', 'tiles'],
  });
  gpu.close();
  rmSync(folder, { recursive: true });
  const results = products[0]!.results;
  expect(results.filter(({ right }) => !right).map(({ variant }) => variant)).toEqual(
    expect.arrayContaining(['matmul.4-blocks', 'matmul.2-tiles']),
  );
  expect(results.find(({ variant }) => variant === 'matmul.2-tiles')!.failed).toMatch(/matmul\.2-tiles/);
  expect(results.find(({ variant }) => variant === 'matmul.4-blocks')!.error).toBeGreaterThan(5e-4);
  expect(results[0]!.right).toBe(true);
});
