import { describe, expect, test } from 'vitest';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import type { DeviceLimits } from '../../../src/engine/tensor/backend.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import type { DecoderConfig } from '../../../src/engine/nn/config.js';
import { record } from '../../../src/engine/gpu/program.js';
import { swiglu } from '../../../src/engine/ops/swiglu.js';
import { decoderStep, planStep, type StepShape } from '../../../src/engine/train/decoder-step.js';
import { relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TRAINING } from '../tiny-model.js';

const KIB = 1024;
// The embedding and the head take 386 KiB each, everything else at most 54.
const CONFIG: DecoderConfig = {
  vocabSize: 1543,
  context: 24,
  nLayer: 1,
  nHead: 2,
  width: 64,
  mlpWidth: 48,
  tiedHead: false,
};
const LIMIT = 64 * KIB;

interface Numbers {
  /** Loss, gradient norm and clip factor of each step. */
  steps: number[];
  weights: Float32Array[];
  logits: Float32Array;
}

/** One device for all limits, so that kernels are compiled once: recording reads the current limit. */
async function numbers(config: DecoderConfig, shape: StepShape, bindable = 2 ** 27): Promise<Numbers> {
  const gpu = await testGpu({ limits: { maxStorageBufferBindingSize: 2 ** 27 } });
  (gpu.limits as DeviceLimits).maxStorageBufferBindingSize = bindable;
  const decoder = new Decoder(gpu, config, { trainable: true });
  decoder.parameters.initialise(1);
  const step = await decoderStep(decoder, TRAINING, shape);
  const source = countingSource(shape.batchSize, shape.context, config.vocabSize);
  const steps: number[] = [];
  for (let i = 0; i < 4; i++) {
    step.submit(
      Array.from({ length: shape.microBatches }, () => source.next()),
      i,
      1e-2,
    );
    steps.push(...(await step.lossTensor.read()), ...(await step.optimizer.clip.read()));
  }
  const weights: Float32Array[] = [];
  for (const tensor of decoder.parameters.tensors.values()) weights.push(await tensor.read());

  const reading = new Decoder(gpu, config, { trainable: false });
  [...reading.parameters.tensors.values()].forEach((tensor, i) => tensor.write(weights[i]!));
  const session = await DecodeSession.create(reading);
  await session.open(Uint32Array.of(1, 1500, 700));
  session.write([1542]);
  const logits = await session.logits();
  for (const owner of [session, step, decoder, reading]) owner.dispose();
  return { steps, weights, logits };
}

describe('a table larger than one binding', () => {
  test.each([
    ['a separate head', CONFIG, { batchSize: 3, context: 12, microBatches: 1 }],
    [
      'a tied head, micro-batches',
      { ...CONFIG, tiedHead: true },
      { batchSize: 3, context: 7, microBatches: 2 },
    ],
    ['rows of logits in several chunks', CONFIG, { batchSize: 5, context: 16, microBatches: 1 }],
  ] as const)('%s: trains to the same numbers and decodes the same', async (_name, config, shape) => {
    const [whole, split] = [await numbers(config, shape), await numbers(config, shape, LIMIT)];
    expect(relativeError(split.steps, whole.steps)).toBeLessThan(1e-5);
    // AdamW's first steps are as large as the learning rate for any gradient, so rounding shows where gradients are tiny.
    split.weights.forEach((weights, i) => {
      expect(relativeError(weights, whole.weights[i]!), `parameter ${i}`).toBeLessThan(1e-3);
    });
    expect(relativeError(split.logits, whole.logits)).toBeLessThan(1e-3);
  });

  test('a device observes the limit that it is given', async () => {
    const gpu = await Gpu.open({
      adapter: process.env.TEST_ADAPTER ?? 'auto',
      limits: { maxStorageBufferBindingSize: 2 * KIB },
    });
    const x = gpu.tensor([32, 17], undefined, { label: 'x' });
    await expect(record(gpu, () => swiglu(x.view([32, 16])))).resolves.toBeDefined();
    await expect(record(gpu, () => swiglu(gpu.tensor([32, 18], undefined, { label: 'x' })))).rejects.toThrow(
      /^x \[32,18\] needs 2\.3 KiB, and this adapter binds at most 2\.0 KiB/,
    );
    gpu.close();
  });

  test('an odd row length is split where a binding may begin', async () => {
    const config = { ...CONFIG, width: 48, nHead: 2 };
    const shape = { batchSize: 2, context: 9, microBatches: 1 };
    const [whole, split] = [await numbers(config, shape), await numbers(config, shape, LIMIT)];
    expect(relativeError(split.steps, whole.steps)).toBeLessThan(1e-5);
  });
});

describe('a tensor that no op can split is refused, naming tensor, bytes and limit', () => {
  const shape = { batchSize: 3, context: 12, microBatches: 1 };
  test.each([
    [
      'a weight',
      CONFIG,
      shape,
      /^layers\.0: layers\.0\.qkv \[192,64\] needs 48\.0 KiB, and this adapter binds at most 32\.0 KiB/,
    ],
    [
      'an activation',
      { ...CONFIG, mlpWidth: 24 },
      { ...shape, batchSize: 8 },
      /^layers\.0: matmul \[8,12,192\] needs 72\.0 KiB, and this adapter binds at most 50\.0 KiB; use a smaller batch/,
    ],
  ] as const)('%s', (_name, config, shape, message) => {
    const bindable = Number(/most (\d+)/.exec(message.source)![1]) * KIB;
    const planner = Gpu.planning({ maxStorageBufferBindingSize: bindable }, 'software');
    expect(() => planStep(config, shape, planner)).toThrow(message);
  });

  test('a buffer larger than the adapter allows', () => {
    const planner = Gpu.planning({ maxBufferSize: 256 * KIB }, 'software');
    expect(() => planStep(CONFIG, shape, planner)).toThrow(
      /weights \(matrices\) needs 38\d\.\d KiB, and a buffer of this adapter has at most 256\.0 KiB/,
    );
  });
});
