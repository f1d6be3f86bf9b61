import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { planStep, decoderStep } from '../../../src/engine/train/decoder-step.js';
import { Gpu as Device } from '../../../src/engine/gpu/device.js';
import { train, type TrainResult } from '../../../src/engine/train/trainer.js';
import { relativeError } from '../numerics.js';
import { testGpu, testPaths } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const SHAPE = { batchSize: 3, context: 11, microBatches: 1 };
const CONFIG = { ...TINY, vocabSize: 16 };

interface Run {
  losses: number[];
  /** Gradients of the first step by parameter, divided by the loss scale. */
  grads: Map<string, Float32Array>;
}

async function trainSome(gpu: Gpu, steps: number, microBatches = 1): Promise<Run> {
  const decoder = new Decoder(gpu, CONFIG, { trainable: true });
  decoder.parameters.initialise(1);
  const step = await decoderStep(decoder, TRAINING, { ...SHAPE, microBatches });
  const source = countingSource(3, 11);
  const losses: number[] = [];
  const grads = new Map<string, Float32Array>();
  const scale = decoder.dtype === 'f16' ? 2 ** 16 : 1;
  for (let i = 0; i < steps; i++) {
    step.submit(
      Array.from({ length: microBatches }, () => source.next()),
      i,
      3e-3,
    );
    losses.push((await step.lossTensor.read())[0]!);
    if (i > 0) continue;
    for (const [name, tensor] of decoder.parameters.tensors) {
      grads.set(
        name,
        (await tensor.grad!.read()).map((g) => g / scale),
      );
    }
  }
  step.dispose();
  decoder.dispose();
  return { losses, grads };
}

describe('a decoder trains in f16 as in f32', () => {
  test('gradients of the first step, and losses of ten', async () => {
    const exact = await trainSome(await testGpu(), 10);
    for (const { name, gpu } of await testPaths()) {
      const mixed = await trainSome(gpu, 10);
      for (const [parameter, grad] of mixed.grads) {
        const error = relativeError(grad, exact.grads.get(parameter)!);
        // Every operation rounds to 2⁻¹¹, and the errors of a few dozen of them add up.
        expect(error, `${name}: gradient of ${parameter}`).toBeLessThan(1e-2);
      }
      mixed.losses.forEach((loss, i) => {
        expect(Math.abs(loss - exact.losses[i]!), `${name}: loss of step ${i}`).toBeLessThan(
          0.01 * exact.losses[i]!,
        );
      });
      expect(mixed.losses[9]).toBeLessThan(0.8 * mixed.losses[0]!);
    }
  });

  test('micro-batches are summed before one update', async () => {
    const exact = await trainSome(await testGpu(), 3, 2);
    const { gpu } = (await testPaths())[0]!;
    const mixed = await trainSome(gpu, 3, 2);
    expect(relativeError(mixed.losses, exact.losses)).toBeLessThan(1e-2);
  });

  test('a step uses the memory that the plan without a device predicts', async () => {
    for (const { name, gpu } of await testPaths()) {
      const planned = planStep(CONFIG, SHAPE, Device.planning({}, gpu.adapter.kind, gpu.path));
      const before = gpu.buffers.liveBytes;
      const decoder = new Decoder(gpu, CONFIG, { trainable: true });
      const step = await decoderStep(decoder, TRAINING, SHAPE);
      const taken = gpu.buffers.liveBytes - before;
      // Rotary tables live as long as the device; other tests of this file may have made them already.
      expect(Math.abs(taken - planned.total) / planned.total, name).toBeLessThan(0.02);
      expect(planned.halves).toBeGreaterThan(0.4 * planned.weights);
      step.dispose();
      decoder.dispose();
    }
  });
});

test('an interrupted run in f16 continues with the same curve and the same bytes, loss scale included', async () => {
  const root = mkdtempSync(join(tmpdir(), 'mixed-'));
  const { gpu } = (await testPaths())[0]!;
  const options = { ...TRAINING, context: 11 };
  const once = (name: string, signal?: AbortSignal, onNext: () => void = () => {}): Promise<TrainResult> => {
    const source = countingSource(options.batchSize, options.context);
    const watched = { ...source, next: () => (onNext(), source.next()) };
    const folder = join(root, name);
    return train(gpu, { config: CONFIG, options, source: watched, folder, signal });
  };
  const left = (name: string): Buffer[] =>
    ['metrics.jsonl', 'checkpoints/checkpoint-00000006.safetensors'].map((file) =>
      readFileSync(join(root, name, file)),
    );
  try {
    await once('whole');
    const stop = new AbortController();
    let given = 0;
    const first = await once('cut', stop.signal, () => {
      if (++given === 4) stop.abort();
    });
    expect(first.finished).toBe(false);
    await once('cut');
    expect(left('cut')).toEqual(left('whole'));
  } finally {
    rmSync(root, { recursive: true });
  }
});

describe('the loss scale', () => {
  test('halves after gradients that are not finite, and leaves the weights unchanged', async () => {
    const { gpu } = (await testPaths())[0]!;
    const decoder = new Decoder(gpu, CONFIG, { trainable: true });
    decoder.parameters.initialise(1);
    const step = await decoderStep(decoder, TRAINING, SHAPE);
    const source = countingSource(3, 11);
    // Far too large: gradients beyond 65,504 become infinite in f16.
    step.optimizer.lossScale.write(Float32Array.of(2 ** 24, 7));
    const before = await decoder.weight(0, 'qkv').read();
    let steps = 0;
    for (; steps < 20; steps++) {
      step.submit([source.next()], steps, 1e-3);
      if ((await step.optimizer.clip.read())[1] !== 0) break;
      expect(await decoder.weight(0, 'qkv').read()).toEqual(before);
    }
    expect(steps).toBeGreaterThan(0);
    expect([...(await step.optimizer.lossScale.read())]).toEqual([2 ** (24 - steps), 1]);
    expect(await decoder.weight(0, 'qkv').read()).not.toEqual(before);
    step.dispose();
    decoder.dispose();
  });

  test('doubles after 2,000 clean steps in a row', async () => {
    const { gpu } = (await testPaths())[0]!;
    const decoder = new Decoder(gpu, CONFIG, { trainable: true });
    decoder.parameters.initialise(1);
    const step = await decoderStep(decoder, TRAINING, SHAPE);
    step.optimizer.lossScale.write(Float32Array.of(1024, 1998));
    const source = countingSource(3, 11);
    const seen: number[][] = [];
    for (let i = 0; i < 3; i++) {
      step.submit([source.next()], i, 1e-4);
      seen.push([...(await step.optimizer.lossScale.read())]);
    }
    expect(seen).toEqual([
      [1024, 1999],
      [2048, 0],
      [2048, 1],
    ]);
    step.dispose();
    decoder.dispose();
  });
});
