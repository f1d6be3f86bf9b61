import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { matmul } from '../../../src/engine/ops/matmul/matmul.js';
import { backward } from '../../../src/engine/tensor/autograd.js';
import { sizeOf } from '../../../src/engine/tensor/shape.js';
import { Random } from '../numerics.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';
import { OP_TABLE } from './op-table.js';

/** Loss and norm of one training step, and an odd product. With `safe`, Dawn checks bounds too. */
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

/** Results of all ops of the table, forward and backward. */
async function tableNumbers(safe: boolean): Promise<Float32Array[]> {
  const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32', safe });
  const random = new Random(3);
  const results: Float32Array[] = [];
  for (const { shapes, dtypes, apply } of OP_TABLE) {
    const inputs = shapes.map((shape, i) =>
      gpu.tensor(shape, random.floats(sizeOf(shape)), { dtype: dtypes?.[i] ?? 'f32', requiresGrad: true }),
    );
    const program = await record(gpu, () => {
      const output = apply(inputs);
      const seed = gpu.tensor(output.shape, random.floats(output.size), { dtype: output.dtype });
      return [output, ...backward(output, { seed, wanted: inputs })];
    });
    program.run();
    for (const output of program.outputs) results.push(await output.read());
  }
  gpu.close();
  return results;
}

test('no kernel of an op depends on memory outside its buffers', async () => {
  const free = await tableNumbers(false);
  expect(free.every((values) => values.every(Number.isFinite))).toBe(true);
  expect(await tableNumbers(true)).toEqual(free);
});

test('no kernel of a training step depends on memory outside its buffers', async () => {
  const free = await numbers(false);
  expect(free.every(Number.isFinite)).toBe(true);
  expect(await numbers(true)).toEqual(free);
});
