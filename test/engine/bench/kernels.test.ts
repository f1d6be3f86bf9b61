import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { benchCases, type BenchShape } from '../../../src/engine/bench/cases.js';
import { benchKernels, kernelOf } from '../../../src/engine/bench/kernels.js';
import { profileOf } from '../../../src/engine/bench/step-profile.js';
import { benchStep } from '../../../src/engine/bench/step.js';
import { readKernelReport } from '../../../src/engine/bench/stored.js';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { planStep } from '../../../src/engine/train/decoder-step.js';
import { testGpu } from '../test-gpu.js';

/** Every case of the bench at extents that take no time. */
const SMALL: BenchShape = {
  preset: 'tiny',
  config: { vocabSize: 48, context: 32, nLayer: 1, nHead: 2, width: 64, mlpWidth: 48, tiedHead: true },
  B: 2,
  T: 16,
  squares: [32],
};
const CEILINGS = { bytesPerSecond: 1e9, f32FlopsPerSecond: 1e9 };
const QUICK = { shape: SMALL, ceilings: CEILINGS, rounds: 1, repetitions: 2 };

/** Decoding dispatches these too, but `bench decode` times them. */
const TIMED_ELSEWHERE = ['kv_cache_reorder', 'token_select'];

const family = (kernel: string): string => kernel.split('.')[0]!;

/** Families of the kernels that a training step, with and without micro-batches, and a decode session ask for. */
async function familiesInUse(gpu: Gpu): Promise<Set<string>> {
  const get = vi.spyOn(KernelLibrary.prototype, 'get');
  try {
    const planner = Gpu.planning({}, gpu.adapter.kind, gpu.path);
    for (const microBatches of [1, 2]) {
      planStep(SMALL.config, { batchSize: SMALL.B, context: SMALL.T, microBatches }, planner);
    }
    const decoder = new Decoder(gpu, SMALL.config, { trainable: false });
    decoder.parameters.initialise(1);
    const session = await DecodeSession.create(decoder, { sequences: 2 });
    await session.open(Uint32Array.of(1, 2, 3));
    session.dispose();
    decoder.parameters.dispose();
    return new Set(get.mock.calls.map(([name]) => family(name)));
  } finally {
    get.mockRestore();
  }
}

describe('bench kernels', () => {
  test('times every kernel that training and decoding dispatch, with consistent figures', async () => {
    const gpu = await testGpu();
    const report = await benchKernels(gpu, QUICK);
    const f16Gpu = await testGpu({ kernels: 'f16' });
    const f16Report = await benchKernels(f16Gpu, { ...QUICK, repetitions: 1 });
    const reached = [...report.results, ...f16Report.results].map(({ kernel }) =>
      family(kernelOf({ label: kernel })),
    );
    const inUse = new Set([...(await familiesInUse(gpu)), ...(await familiesInUse(f16Gpu))]);
    for (const name of ['matmul', 'attention_backward_dq', 'attention_decode', 'adamw', 'to_half']) {
      expect(inUse).toContain(name);
    }
    expect([...inUse].filter((name) => !reached.includes(name)).sort()).toEqual(TIMED_ELSEWHERE);
    for (const { medianMs, samples, flops, bytes, ofCeiling, bound } of report.results) {
      expect(samples % QUICK.repetitions).toBe(0);
      expect(medianMs).toBeGreaterThan(0);
      if (bound === 'none') continue;
      expect(bound).toBe(flops > bytes ? 'compute' : 'memory');
      expect(ofCeiling).toBeCloseTo(Math.max(flops, bytes) / 1e9 / (medianMs / 1000));
    }
    expect(new Set(report.results.map(({ name }) => name)).size).toBe(report.results.length);
  });

  test('uses wall time without timestamps, and says so', async () => {
    const report = await benchKernels(await testGpu(), { ...QUICK, only: 'layernorm', clock: 'wall' });
    expect(report.clock).toBe('wall');
    expect(report.results.length).toBeGreaterThan(2);
    expect(report.results.every(({ name, medianMs }) => name.includes('layernorm') && medianMs > 0)).toBe(
      true,
    );
  });

  test('a name that matches nothing is an error, not an empty table', async () => {
    await expect(benchKernels(await testGpu(), { ...QUICK, only: 'layernrom' })).rejects.toThrow(
      /no kernel or case has "layernrom" in its name; cases: .*layernorm/,
    );
  });

  test('no case computes zeros', async () => {
    const gpu = await testGpu();
    for (const one of benchCases(SMALL)) {
      const prepared = one.prepare(gpu);
      const program = await record(gpu, () => prepared.body());
      program.run();
      expect(program.outputs.length).toBeGreaterThan(0);
      for (const output of program.outputs) {
        const values = await output.read();
        const zeros = values.filter((value) => value === 0).length;
        // Rows of the table that no token uses have no gradient, and padding stays zero.
        expect(zeros / values.length, `${one.name}: ${output.label}`).toBeLessThan(0.6);
      }
      program.dispose();
      prepared.dispose();
    }
  });
});

describe('bench step', () => {
  test.each(['none', 'block'] as const)('uses the predicted memory, recompute %s', async (recompute) => {
    const adapter = process.env.TEST_ADAPTER ?? 'auto';
    const report = await benchStep(
      () => Gpu.open({ adapter }),
      () => SMALL,
      { samples: 3, sampleMs: 1, recompute, profile: true },
    );
    const { rows, ms } = report.profile!;
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(report.host.dispatches);
    expect(rows.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1);
    expect(rows.reduce((sum, row) => sum + row.flops, 0)).toBeCloseTo(
      (report.flopsPerSecond * report.medianMs) / 1000,
    );
    expect(rows.map((row) => row.ms)).toEqual(rows.map((row) => row.ms).sort((a, b) => b - a));
    expect(ms).toBeGreaterThan(0);
    expect(report.shape.recompute).toBe(recompute);
    if (report.adapter.kind === 'software') expect(report.cpuMs).toBeGreaterThan(0);
    expect(Math.abs(report.memory.deviation)).toBeLessThan(0.1);
    expect(report.loss.last).toBeLessThan(report.loss.first);
    expect(report.host.dispatches).toBeGreaterThan(20);
    expect(report.host.encodeUsPerDispatch).toBeGreaterThan(0);
    expect(report.tokensPerSecond).toBeCloseTo((1000 * SMALL.B * SMALL.T) / report.medianMs);
  });
});

test('a profile sums what one kernel does at one shape, each time the median of the runs', () => {
  const time = (label: string, M: number, ns: number) => ({
    label,
    grid: '1',
    params: { M, scale: 0.5 },
    startNs: 0,
    ns,
    flops: 10,
  });
  const runs = [1e6, 3e6, 2e6].map((ns) => [
    time('a', 8, ns),
    time('b', 8, 5e6),
    time('a', 8, 1e6),
    time('a', 9, 1e6),
  ]);
  const { ms, rows } = profileOf(runs);
  expect(ms).toBe(9);
  expect(
    rows.map(({ kernel, extents, count, ms: own, flops }) => [kernel, extents, count, own, flops]),
  ).toEqual([
    ['b', 'M=8, 1', 1, 5, 10],
    ['a', 'M=8, 1', 2, 3, 20],
    ['a', 'M=9, 1', 1, 1, 10],
  ]);
  expect(rows[0]!.share).toBeCloseTo(5 / 9);
});

describe('a stored run', () => {
  test.each([
    ['not JSON', '{', /cannot be read/],
    ['from another bench', '{"kind":"peers"}', /is not a run of engine bench kernels/],
    [
      'without times',
      '{"kind":"kernels","adapter":{"name":"x"},"results":[{"name":"y","medianMs":null}]}',
      /"y" has no usable times/,
    ],
  ])('%s is refused, naming the file', async (_what, text, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    const file = join(folder, 'run.json');
    await writeFile(file, text);
    await expect(readKernelReport(file)).rejects.toThrow(message);
    await expect(readKernelReport(file)).rejects.toThrow(file);
    await rm(folder, { recursive: true });
  });
});
