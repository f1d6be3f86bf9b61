import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { matmul } from '../../../src/engine/ops/matmul/matmul.js';
import { Random } from '../numerics.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

/** Loss and norm of one training step, and an odd product: the same numbers whoever checks the bounds. */
async function numbers(safe: boolean): Promise<number[]> {
  const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', safe });
  const decoder = new Decoder(gpu, TINY, { trainable: true });
  decoder.parameters.initialise(1);
  const step = await decoderStep(decoder, TRAINING, { batchSize: 3, context: 11, microBatches: 1 });
  step.submit([countingSource(3, 11).next()], 0, 1e-3);
  const random = new Random(2);
  const a = gpu.tensor([33, 7], random.floats(33 * 7));
  const b = gpu.tensor([7, 19], random.floats(7 * 19));
  const product = await record(gpu, () => matmul(a, b));
  product.run();
  const result = [
    ...(await step.lossTensor.read()),
    ...(await step.optimizer.clip.read()),
    ...(await decoder.weight(1, 'qkv').read()),
    ...(await product.outputs.read()),
  ];
  gpu.close();
  return result;
}

test('no kernel of a training step leans on what lies outside of its buffers', async () => {
  const free = await numbers(false);
  expect(free.every(Number.isFinite)).toBe(true);
  expect(await numbers(true)).toEqual(free);
});
