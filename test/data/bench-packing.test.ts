import { expect, test } from 'vitest';
import { benchPacking } from '../../src/data/bench-packing.js';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import type { Recompute } from '../../src/engine/nn/block.js';
import { smallBuild } from './corpus/build/small-build.js';
import { temporaryFolder } from './shards/corpus.js';

test('bench step --corpus --recompute: both ways of filling rows take less memory, and the report says so', async () => {
  const corpus = await temporaryFolder();
  await buildCorpus(
    smallBuild(corpus, { count: 80, heldOut: 0, tokenizer: { vocabSize: 600, records: 80 } }),
  );
  const peakOf = async (recompute?: Recompute): Promise<number> => {
    const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32' });
    try {
      const options = { corpus, preset: 'tiny', batchSize: 1, context: 256, steps: 1, recompute };
      const { shape, packed, unpacked } = await benchPacking(gpu, options);
      expect(shape).toEqual({ preset: 'tiny', B: 1, T: 256, recompute: recompute ?? 'none' });
      expect(packed.tokensPerSecond).toBeGreaterThan(0);
      expect(packed.full).toBeGreaterThan(unpacked.full);
      return gpu.buffers.peakBytes;
    } finally {
      gpu.close();
    }
  };
  expect(await peakOf('block')).toBeLessThan(0.95 * (await peakOf()));
});
