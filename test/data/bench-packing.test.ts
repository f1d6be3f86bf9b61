import { expect, test } from 'vitest';
import { benchPacking } from '../../src/data/bench-packing.js';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
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
  const context = index.longest;
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
