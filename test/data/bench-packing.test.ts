import { expect, test } from 'vitest';
import { benchPacking } from '../../src/data/bench-packing.js';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import type { Recompute } from '../../src/engine/nn/block.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { readShardIndex } from '../../src/data/shards/reader.js';
import { testGpu } from '../engine/test-gpu.js';
import { smallBuild, temporaryFolder } from './corpus/build/small-build.js';

test('the benchmark of packed rows compares tokens per second with one record per row', async () => {
  const corpus = await temporaryFolder();
  await buildCorpus(
    smallBuild(corpus, { count: 60, heldOut: 0, tokenizer: { vocabSize: 600, records: 60 } }),
  );
  const { index } = await readShardIndex(corpus);
  const gpu = await testGpu();
  const before = gpu.buffers.liveBytes;
  const context = 2 * index.longest;
  const report = await benchPacking(gpu, { corpus, preset: 'tiny', batchSize: 1, context, steps: 1 });
  const { packed, unpacked, gain } = report;
  expect(report.corpus).toEqual({ records: 60, dropped: 0 });
  expect(unpacked.headRows).toBe(context);
  expect(packed.headRows).toBeLessThan(context);
  for (const { full, samples, tokensPerSecond, learnedPerSecond } of [packed, unpacked]) {
    expect(full).toBeLessThanOrEqual(1);
    expect(samples).toBe(1);
    expect(learnedPerSecond).toBeGreaterThan(0);
    expect(tokensPerSecond).toBeGreaterThan(learnedPerSecond);
  }
  expect(packed.full).toBeGreaterThan(unpacked.full);
  expect(gain.tokensPerCoreSecond).toBeCloseTo(packed.tokensPerCoreSecond / unpacked.tokensPerCoreSecond, 9);
  // Rotary tables live as long as the device.
  expect(gpu.buffers.liveBytes - before).toBeLessThan(context * 32 * 4 + 4096);
});

test('bench step --corpus --recompute: both ways of filling rows take less memory, and the report says so', async () => {
  const corpus = await temporaryFolder();
  await buildCorpus(
    smallBuild(corpus, { count: 80, heldOut: 0, tokenizer: { vocabSize: 600, records: 80 } }),
  );
  const peakOf = async (recompute?: Recompute): Promise<number> => {
    const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32' });
    try {
      const options = { corpus, preset: 'tiny', batchSize: 1, context: 512, steps: 1, recompute };
      const { shape, packed, unpacked } = await benchPacking(gpu, options);
      expect(shape).toEqual({ preset: 'tiny', B: 1, T: 512, recompute: recompute ?? 'none' });
      expect(packed.tokensPerSecond).toBeGreaterThan(0);
      expect(packed.full).toBeGreaterThan(unpacked.full);
      return gpu.buffers.peakBytes;
    } finally {
      gpu.close();
    }
  };
  expect(await peakOf('block')).toBeLessThan(0.95 * (await peakOf()));
});
