import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { RECOMPUTE, type Recompute } from '../../../src/engine/nn/block.js';
import type { DecoderConfig } from '../../../src/engine/nn/config.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { decoderStep, planStep, type StepShape } from '../../../src/engine/train/decoder-step.js';
import type { DispatchTime } from '../../../src/engine/gpu/profile.js';
import { testGpu, testPaths } from '../test-gpu.js';
import { countingSource, TRAINING } from '../tiny-model.js';

interface Run {
  /** The losses, then all gradients, then all weights. */
  numbers: Float32Array[];
  bytes: number;
  dispatches: readonly Pick<DispatchTime, 'label'>[];
}

async function train(
  gpu: Gpu,
  config: DecoderConfig,
  shape: StepShape,
  recompute: Recompute,
  steps = 2,
): Promise<Run> {
  const before = gpu.buffers.liveBytes;
  const decoder = new Decoder(gpu, config, { recompute, seed: 2 });
  const step = await decoderStep(decoder, TRAINING, shape);
  const bytes = gpu.buffers.liveBytes - before;
  const source = countingSource(shape.batchSize, shape.context, config.vocabSize);
  const numbers: Float32Array[] = [];
  for (let i = 0; i < steps; i++) {
    const batches = Array.from({ length: shape.microBatches }, () => source.next());
    step.submit(batches, i, 1e-2);
    numbers.push(await step.lossTensor.read());
  }
  for (const { grads, weights } of decoder.parameters.arenas) {
    numbers.push(await grads!.read(), await weights.read());
  }
  const { dispatches } = step.programs.microBatch;
  step.dispose();
  decoder.dispose();
  return { numbers, bytes, dispatches };
}

const model = fc
  .record({
    nLayer: fc.integer({ min: 1, max: 2 }),
    nHead: fc.integer({ min: 1, max: 3 }),
    headDim: fc.constantFrom(16, 32),
    mlpWidth: fc.integer({ min: 1, max: 10 }).map((eighths) => 8 * eighths),
    context: fc.integer({ min: 3, max: 20 }),
    batchSize: fc.integer({ min: 1, max: 3 }),
    microBatches: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ nHead, headDim, batchSize, microBatches, ...sizes }) => ({
    config: { ...sizes, nHead, width: nHead * headDim, vocabSize: 16, tiedHead: true },
    shape: { batchSize, microBatches, context: sizes.context },
  }));

describe('a decoder whose blocks are recomputed', () => {
  test('has the losses, gradients and weights of one that keeps everything, to the bit, on every kernel path', async () => {
    const paths = [{ name: 'f32', gpu: await testGpu() }, ...(await testPaths())];
    for (const { name, gpu } of paths) {
      await fc.assert(
        fc.asyncProperty(model, async ({ config, shape }) => {
          const kept = await train(gpu, config, shape, 'none');
          expect(kept.numbers.every((numbers) => numbers.every(Number.isFinite))).toBe(true);
          expect(kept.numbers.every((numbers) => numbers.some((value) => value !== 0))).toBe(true);
          for (const recompute of ['mlp', 'block'] as const) {
            const { numbers } = await train(gpu, config, shape, recompute);
            numbers.forEach((values, i) => {
              expect(values.every((value, k) => Object.is(value, kept.numbers[i]![k]))).toBe(true);
            });
            expect(numbers, `${name}, ${recompute}`).toHaveLength(kept.numbers.length);
          }
        }),
        { numRuns: name === 'f32' ? 4 : 2, seed: 4 },
      );
    }
  });

  test('takes the memory that the plan without a device predicts, and less the more it recomputes', async () => {
    const config = {
      vocabSize: 16,
      context: 64,
      nLayer: 4,
      nHead: 2,
      width: 64,
      mlpWidth: 176,
      tiedHead: true,
    };
    const shape = { batchSize: 4, context: 64, microBatches: 1 };
    const paths = [{ name: 'f32', gpu: await testGpu() }, ...(await testPaths())];
    for (const { name, gpu } of paths) {
      const planner = (): Gpu => Gpu.planning({}, gpu.adapter.kind, gpu.path);
      const activations: number[] = [];
      // The rotary table lives as long as the device, so the first run makes it.
      await train(gpu, config, shape, 'none', 0);
      for (const recompute of RECOMPUTE) {
        const plan = planner();
        planStep(config, shape, plan);
        const planned = planStep(config, shape, plan, recompute);
        const { bytes } = await train(gpu, config, shape, recompute, 0);
        expect(bytes, `${name}, ${recompute}`).toBe(planned.total);
        activations.push(planned.activations);
      }
      expect(activations[1]).toBeLessThan(0.7 * activations[0]!);
      expect(activations[2]).toBeLessThan(0.8 * activations[1]!);
    }
  });

  test('never computes attention, or the product that ends a block, twice', async () => {
    const config = {
      vocabSize: 16,
      context: 8,
      nLayer: 3,
      nHead: 2,
      width: 32,
      mlpWidth: 48,
      tiedHead: true,
    };
    const shape = { batchSize: 1, context: 8, microBatches: 1 };
    const count: Record<Recompute, Record<string, number>> = { none: {}, mlp: {}, block: {} };
    for (const recompute of RECOMPUTE) {
      const { dispatches } = await train(await testGpu(), config, shape, recompute, 0);
      for (const { label } of dispatches) {
        const kernel = label.split(/[ .]/)[0]!;
        count[recompute][kernel] = (count[recompute][kernel] ?? 0) + 1;
      }
    }
    const added = (recompute: Recompute): Record<string, number> =>
      Object.fromEntries(
        Object.entries(count[recompute])
          .map(([kernel, times]) => [kernel, (times - count.none[kernel]!) / config.nLayer] as const)
          .filter(([, times]) => times !== 0),
      );
    expect(added('mlp')).toEqual({ layernorm_forward: 1, matmul: 1, swiglu_forward: 1 });
    expect(added('block')).toMatchObject({ layernorm_forward: 2, matmul: 3, swiglu_forward: 1 });
    expect(added('block')).not.toHaveProperty('attention_forward');
  });
});
