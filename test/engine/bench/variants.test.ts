import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelFolder } from '../../../src/base/paths.js';
import { benchVariants, fastest, findVariantRaces } from '../../../src/engine/bench/variants.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { testGpu } from '../test-gpu.js';

const files = (results: readonly { kernel: string }[]): string[] =>
  results.map(({ kernel }) => kernel.split(' ')[0]!);

describe('bench kernels --variants', () => {
  test('matmul: all kernels that can multiply f32 are timed and correct, and one of them is chosen', async () => {
    const report = await benchVariants(await testGpu(), 'matmul', { extents: [9, 20, 24], rounds: 2 });
    expect(files(report.results)).toEqual([
      'matmul.1-naive',
      'matmul.2-tiles',
      'matmul.4-blocks',
      'matmul.4-quads',
      'matmul.4-quads',
      'matmul.4-quads',
      'matmul.3-rows',
    ]);
    expect(report.shape).toEqual({ M: 9, N: 20, K: 24 });
    expect(report.results.filter(({ chosen }) => chosen)).toHaveLength(1);
    for (const { medianMs, samples, flops, error, right } of report.results) {
      expect(right).toBe(true);
      expect(error).toBeLessThan(1e-6);
      expect(medianMs).toBeGreaterThan(0);
      expect(samples).toBe(2);
      expect(flops).toBe(2 * 9 * 20 * 24);
    }
  });

  test('matmul in f16, with matrix units', async () => {
    const gpu = await testGpu({ kernels: 'tensor', emulateMatrices: 16 });
    const extents = [24, 16, 256];
    const report = await benchVariants(gpu, 'matmul', { extents, layout: 'weight', rounds: 1 });
    const names = report.results.map(({ variant }) => variant);
    for (const name of ['matmul.4-blocks', 'matmul.5-matrix+direct', 'matmul.5-matrix+split']) {
      expect(names).toContain(name);
    }
    expect(report.results.every(({ right }) => right)).toBe(true);
    expect(report.results.filter(({ chosen }) => chosen).map(({ variant }) => variant)).toEqual([
      'matmul.5-matrix',
    ]);
    expect(Object.keys(fastest(report))).toEqual(['matmul 24×16×256 Aᵀ·B f16·f16→f32']);
  });

  test('the fastest right variant is the one to keep', () => {
    const result = { kernel: '', flops: 1, spread: 0, samples: 1, error: 0, chosen: false };
    const results = [
      { ...result, variant: 'fast but wrong', use: 'a', medianMs: 1, right: false },
      { ...result, variant: 'slow', use: 'a', medianMs: 3, right: true },
      { ...result, variant: 'fast', use: 'a', medianMs: 2, right: true },
      { ...result, variant: 'only', use: 'b', medianMs: 9, right: true },
    ];
    expect(fastest({ results })).toEqual({ a: 'fast', b: 'only' });
  });

  test('attention: every kernel of every pass', async () => {
    const report = await benchVariants(await testGpu(), 'attention', { extents: [2, 19, 2, 32], rounds: 1 });
    const passes = ['attention_forward', 'attention_backward_dq', 'attention_backward_dkv'];
    expect(files(report.results)).toEqual(
      passes.flatMap((pass) => [`${pass}.quads`, `${pass}.quads`, `${pass}.blocks`]),
    );
    expect(report.results.every(({ right }) => right)).toBe(true);
  });

  test.each([
    ['matmul.2-tiles', 'start < params.K', 'start + TILE < params.K'],
    ['matmul.1-naive', 'C[at] = sum;', 'C[at] = 2 * sum;'],
  ])('%s with wrong results is reported', async (name, original, fault) => {
    const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    const text = readFileSync(join(kernelFolder, `${name}.wgsl`), 'utf8');
    expect(text).toContain(original);
    writeFileSync(join(folder, `${name}.wgsl`), text.replace(original, fault));
    const gpu = await Gpu.open({
      adapter: process.env.TEST_ADAPTER ?? 'auto',
      kernels: 'f32',
      kernelFolder: folder,
    });
    const { results } = await benchVariants(gpu, 'matmul', { extents: [9, 20, 24], rounds: 1 });
    gpu.close();
    rmSync(folder, { recursive: true });
    expect(files(results.filter(({ right }) => !right))).toEqual([name]);
  });

  test('extents that do not fit the op are refused', async () => {
    const failure = benchVariants(await testGpu(), 'attention', { extents: [9, 20, 24] });
    await expect(failure).rejects.toThrow(/attention has the extents B×T×nHead×headDim, not 9×20×24/);
  });

  test('--races: a variant without one of its barriers has a race, and the others have none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    const text = readFileSync(join(kernelFolder, 'matmul.2-tiles.wgsl'), 'utf8');
    const [before] = text.split('workgroupBarrier();');
    writeFileSync(
      join(folder, 'matmul.2-tiles.wgsl'),
      before! + text.slice(before!.length + 'workgroupBarrier();'.length),
    );
    const gpu = await Gpu.open({
      adapter: process.env.TEST_ADAPTER ?? 'auto',
      kernels: 'f32',
      kernelFolder: folder,
    });
    const found = await findVariantRaces(gpu, 'matmul', [9, 20, 40]);
    gpu.close();
    rmSync(folder, { recursive: true });
    const racing = found.filter(({ races }) => races.length > 0);
    expect(files(racing)).toEqual(['matmul.2-tiles']);
    expect(found.length).toBeGreaterThan(3);
    // The tiles of a step are read while the next ones are written.
    expect(racing[0]!.races[0]!.kind).toBe('a write and a read');
  });
});
