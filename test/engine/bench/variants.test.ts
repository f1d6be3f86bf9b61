import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelFolder } from '../../../src/base/paths.js';
import { benchVariants, findVariantRaces, type VariantResult } from '../../../src/engine/bench/variants.js';
import { fastest } from '../../../src/engine/bench/fastest.js';
import { recordSpans } from '../../../src/engine/bench/inputs.js';
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
    for (const name of ['matmul.4-blocks', 'matmul.5-matrix+direct', 'matmul.5-matrix+unrolled']) {
      expect(names).toContain(name);
    }
    expect(report.results.every(({ right }) => right)).toBe(true);
    expect(report.results.filter(({ chosen }) => chosen).map(({ variant }) => variant)).toEqual([
      'matmul.5-matrix',
    ]);
    expect(new Set(report.results.map(({ use }) => use))).toEqual(
      new Set(['matmul 24×16×256 Aᵀ·B f16·f16→f32']),
    );
  });

  describe('the variant to keep', () => {
    const result = { kernel: '', use: 'a', flops: 1, spread: 0.1, samples: 7, error: 0 };
    const timed = (variant: string, medianMs: number, more: Partial<VariantResult> = {}): VariantResult => ({
      ...result,
      variant,
      medianMs,
      right: true,
      chosen: false,
      ...more,
    });
    const chosen = timed('chosen', 10, { chosen: true });

    test('is the fastest right one, for each use', () => {
      const results = [
        timed('fast but wrong', 1, { right: false }),
        chosen,
        timed('fast', 5),
        timed('fastest', 4),
        timed('only', 9, { use: 'b', chosen: true }),
      ];
      expect(fastest({ results })).toEqual({ a: 'fastest' });
    });

    test.each([
      ['within the two spreads', timed('other', 8.3), {}],
      ['beyond the two spreads', timed('other', 8), { a: 'other' }],
      ['far away, in times spread by 775%', timed('other', 2, { spread: 7.75 }), {}],
      ['by 2%, in times without any spread', timed('other', 9.8, { spread: 0 }), {}],
    ])('must be faster than the chosen one beyond noise: %s', (_name, other, kept) => {
      const quiet = { ...chosen, spread: other.spread === 0 ? 0 : chosen.spread };
      expect(fastest({ results: [quiet, other] })).toEqual(kept);
    });

    test('is any right one if the chosen one is wrong', () => {
      expect(fastest({ results: [{ ...chosen, right: false }, timed('slow', 20)] })).toEqual({ a: 'slow' });
    });
  });

  test('attention: every kernel of every pass', async () => {
    const extents = [2, 19, 2, 32];
    const report = await benchVariants(await testGpu(), 'attention', { extents, record: 6, rounds: 1 });
    const passes = ['attention_forward', 'attention_backward_dq', 'attention_backward_dkv'];
    expect(files(report.results)).toEqual(
      passes.flatMap((pass) => [`${pass}.quads`, `${pass}.quads`, `${pass}.blocks`]),
    );
    expect(report.results.every(({ right }) => right)).toBe(true);
    expect(report.results[0]!.use).toBe('attention forward 19×32 f32 spans');
    expect(report.results[0]!.kernel).toMatch(/SPANS/);
    // Records of 6 tokens hide most of the keys of a row of 19.
    const all = 4 * 2 * 2 * 32 * ((19 * 20) / 2);
    expect(report.results[0]!.flops).toBeGreaterThan(0.2 * all);
    expect(report.results[0]!.flops).toBeLessThan(0.6 * all);
  });

  test('attention of rows without records', async () => {
    const extents = [1, 8, 1, 32];
    const report = await benchVariants(await testGpu(), 'attention', { extents, record: 0, rounds: 1 });
    expect(report.results.every(({ right }) => right)).toBe(true);
    expect(report.results[0]!.use).toBe('attention forward 8×32 f32');
    expect(report.results[0]!.kernel).not.toMatch(/SPANS/);
  });

  test('its records are contiguous, cover their row, and are about as long as asked', () => {
    const [B, T, length] = [4, 1000, 150];
    const spans = recordSpans(B, T, length);
    let records = 0;
    for (let row = 0; row < B; row++) {
      for (let at = 0, end = 0; at < T; at++) {
        const [first, past] = spans.subarray(2 * (row * T + at));
        if (at === end) {
          expect(first).toBe(at);
          end = past!;
          records++;
          expect(end).toBeLessThanOrEqual(T);
          if (end < T) expect(Math.abs(end - at - length)).toBeLessThanOrEqual(length / 2);
        }
        expect(past).toBe(end);
      }
    }
    expect(records).toBeGreaterThan(20);
    expect(records).toBeLessThan(40);
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
    const found = await findVariantRaces(gpu, 'matmul', { extents: [9, 20, 40] });
    gpu.close();
    rmSync(folder, { recursive: true });
    const racing = found.filter(({ races }) => races.length > 0);
    expect(files(racing)).toEqual(['matmul.2-tiles']);
    expect(found.length).toBeGreaterThan(3);
    // The tiles of a step are read while the next ones are written.
    expect(racing[0]!.races[0]!.kind).toBe('a write and a read');
  });

  test('--races takes the kernels of a layout', async () => {
    const found = await findVariantRaces(await testGpu(), 'matmul', {
      extents: [9, 20, 40],
      layout: 'weight',
    });
    expect(files(found)).toContain('matmul.4-blocks');
    expect(files(found)).not.toContain('matmul.3-rows');
    for (const { kernel } of found) expect(kernel).toMatch(/TRANSPOSE_A/);
  });
});
