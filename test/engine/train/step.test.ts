import { describe, expect, test } from 'vitest';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { Parameters } from '../../../src/engine/nn/parameters.js';
import { headLoss } from '../../../src/engine/ops/head-loss.js';
import { matmul } from '../../../src/engine/ops/matmul/matmul.js';
import { mul } from '../../../src/engine/ops/mul.js';
import { relu } from '../../../src/engine/ops/relu.js';
import { reshape } from '../../../src/engine/ops/reshape.js';
import { mean } from '../../../src/engine/ops/sum.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { adamw, ADAMW_DEFAULTS } from '../../../src/engine/train/adamw.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { trainStep } from '../../../src/engine/train/step.js';
import { windows } from '../../../src/engine/train/windows.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

describe('a step of any parameters and any loss', () => {
  const random = new Random(4);
  const [x, w] = [random.floats(3 * 8), random.floats(8)];

  /** L = mean over rows of w · xᵀ: its gradient with respect to w is the mean row. */
  const linearStep = async (path: 'f32' | 'f16', microBatches: number) => {
    const gpu = await testGpu({ kernels: path });
    const halves = path === 'f16';
    const parameters = new Parameters(gpu, [{ name: 'w', shape: [8, 8], std: 0 }], { halves });
    parameters.get('w').write(Float32Array.from({ length: 64 }, (_, i) => (i < 8 ? w[i]! : 0)));
    const step = await trainStep(
      parameters,
      (batch) => {
        const products = matmul(batch.x, parameters.get('w'), { transposeB: true });
        return matmul(matmul(batch.mean, products), batch.first, { transposeB: true });
      },
      { batch: { x: [1, 8], mean: [1, 1], first: [1, 8] }, microBatches, optimizer: adamw(1e-3) },
    );
    return { parameters, step };
  };
  const row = (i: number) => ({
    x: x.slice(8 * i, 8 * i + 8),
    mean: Float32Array.of(1),
    first: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0),
  });
  const dot = (i: number): number => row(i).x.reduce((sum, value, k) => sum + value * w[k]!, 0);

  test.each([
    ['f32', 1, 1],
    ['f32', 3, 1],
    ['f16', 1, 2 ** 16],
    ['f16', 3, 2 ** 16],
  ] as const)('%s, %i micro-batches: loss and gradient are means', async (path, count, lossScale) => {
    const { parameters, step } = await linearStep(path, count);
    const rows = Array.from({ length: count }, (_, i) => row(i));
    step.submit(count === 1 ? rows[0]! : rows);
    const mean = rows.reduce((sum, _, i) => sum + dot(i), 0) / count;
    expect(Math.abs((await step.loss()) - mean)).toBeLessThan(path === 'f32' ? 1e-5 : 1e-2);
    const expected = Float32Array.from({ length: 8 }, (_, k) =>
      rows.reduce((sum, given) => sum + given.x[k]! / count, 0),
    );
    const gradient = (await parameters.get('w').grad!.read()).slice(0, 8).map((g) => g / lossScale);
    expect(relativeError(gradient, expected)).toBeLessThan(1e-5);
    expect((await step.optimizer.clip.read())[0]).toBeCloseTo(Math.hypot(...expected), 4);
    step.dispose();
    parameters.dispose();
  });

  test('a batch that does not fit is refused, naming the field', async () => {
    const { parameters, step } = await linearStep('f32', 1);
    const { mean, first } = row(0);
    expect(() => step.submit({ mean, first } as never)).toThrow(
      /x is missing; the step was recorded with x, mean, first/,
    );
    expect(() => step.submit({ ...row(0), y: x } as never)).toThrow(/y is unknown/);
    expect(() => step.submit({ ...row(0), x })).toThrow(/x: holds 8 elements, not 24/);
    expect(() => step.submit({ ...row(0), x: new Uint32Array(8) })).toThrow(
      /x: is f32 and takes a Float32Array/,
    );
    expect(() => step.submit([row(0), row(1)])).toThrow(/2 micro-batches: the step was recorded for 1/);
    step.dispose();
    parameters.dispose();
  });
});

test('a loss may reshape what requires a gradient, and may not view it', async () => {
  const gpu = await testGpu();
  const parameters = new Parameters(gpu, [{ name: 'w', shape: [8, 8], std: 0 }]);
  parameters.get('w').write(Float32Array.from({ length: 64 }, (_, i) => i - 32));
  const ofFlat = (flat: (w: Tensor) => Tensor) =>
    trainStep(parameters, ({ x }) => mean(mul(flat(relu(parameters.get('w'))), x)), { batch: { x: [64] } });
  await expect(ofFlat((w) => w.view([64]))).rejects.toThrow(
    /mul: relu \[64\] is a view of a tensor that requires a gradient.*use ops\.reshape/,
  );
  const step = await ofFlat((w) => reshape(w, [64]));
  await step.run({ x: new Float32Array(64).fill(64) });
  const gradient = await parameters.get('w').grad!.read();
  expect([...gradient]).toEqual(Array.from({ length: 64 }, (_, i) => Number(i > 32)));
  await expect(ofFlat((w) => reshape(w, [63]))).rejects.toThrow(
    /reshape: x is \[8,8\], which has 64 elements, and \[63\] has 63/,
  );
  step.dispose();
  parameters.dispose();
});

describe('a decoder', () => {
  test('neither trains nor generates after dispose, and disposing again frees nothing twice', async () => {
    const gpu = await testGpu();
    const decoder = new Decoder(gpu, TINY, { seed: 1 });
    const recordStep = () =>
      trainStep(decoder.parameters, (given) => decoder.loss(given), { batch: [3, 12] });
    const batch = countingSource(3, 12).next();
    (await recordStep()).dispose(); // also makes the device's tables for rotary
    const live = gpu.buffers.liveBytes;
    const step = await recordStep();
    await step.run(batch);
    step.dispose();
    step.dispose();
    expect(gpu.buffers.liveBytes).toBe(live);
    expect(() => step.submit(batch)).toThrow(/the training step was disposed of/);
    await expect(step.loss()).rejects.toThrow(/has no memory/);
    const last = await recordStep();
    decoder.dispose();
    decoder.dispose();
    expect(() => last.submit(batch)).toThrow(/decoder: the parameters were disposed of/);
    await expect(decoder.generate([1])).rejects.toThrow(/decoder: the parameters were disposed of/);
    last.dispose();
  });

  test('trains to the same numbers through trainStep and through decoderStep', async () => {
    const gpu = await testGpu();
    const losses: number[][] = [];
    for (const isPublic of [true, false]) {
      const decoder = new Decoder(gpu, TINY, { seed: 1 });
      const options = { batch: [3, 12], optimizer: adamw(1e-3, TRAINING) } as const;
      const step = isPublic
        ? await trainStep(decoder.parameters, (batch) => decoder.loss(batch), options)
        : await decoderStep(decoder, TRAINING, { batchSize: 3, context: 12, microBatches: 1 });
      const source = countingSource(3, 12);
      const curve: number[] = [];
      for (let i = 0; i < 3; i++) {
        step.submit(source.next(), i, 1e-3);
        curve.push(await step.loss());
      }
      losses.push(curve);
      step.dispose();
      decoder.dispose();
    }
    expect(losses[0]).toEqual(losses[1]);
  });

  test('a batch counts its learned targets, and must have the recorded shape', async () => {
    const decoder = new Decoder(await testGpu(), TINY, { seed: 1 });
    const step = await trainStep(decoder.parameters, (batch) => decoder.loss(batch), {
      batch: [3, 12],
      optimizer: adamw(0),
    });
    const counted = countingSource(3, 12).next();
    expect(counted.lossTokens).toBeLessThan(36);
    await step.run(counted);
    const loss = await step.loss();
    const { inputs, targets } = counted;
    await step.run({ inputs, targets });
    expect(await step.loss()).toBe(loss);
    const message = (field: string) =>
      `batch: ${field} hold 35 tokens, and the step was recorded for [B,T] = [3,12] (36)`;
    expect(() => step.submit({ inputs: inputs.slice(1), targets })).toThrow(message('inputs'));
    expect(() => step.submit({ inputs, targets: targets.slice(1) })).toThrow(message('targets'));
    expect(() => step.submit(counted, 2, NaN)).toThrow(/adamw: learningRate is NaN: it must be finite/);
    step.dispose();
    decoder.dispose();
  });

  test('a custom loss may read the same batch', async () => {
    const gpu = await testGpu();
    const decoder = new Decoder(gpu, TINY, { seed: 1 });
    const own = await trainStep(
      decoder.parameters,
      (batch) => {
        const { scale } = batch.meanOverTargets();
        return headLoss(decoder.hidden(decoder.tokensOf(batch)), decoder.head, batch.targets, scale);
      },
      { batch: [3, 12] },
    );
    await own.run(countingSource(3, 12).next());
    const outside = { ...countingSource(3, 12).next(), targets: new Uint32Array(36).fill(13) };
    expect(() => own.submit(outside)).toThrow(/token 13 is outside the vocabulary of 13/);
    expect(own.stepsDone).toBe(1);
    expect(await own.loss()).toBeGreaterThan(2);
    own.dispose();
    decoder.dispose();
  });

  test('a vocabulary of 13 trains in f16 as in f32: padding has no probability and stays zero', async () => {
    const losses: number[][] = [];
    for (const kernels of ['f32', 'f16'] as const) {
      for (const tiedHead of [false, true]) {
        const decoder = new Decoder(await testGpu({ kernels }), { ...TINY, tiedHead }, { seed: 1 });
        const step = await trainStep(decoder.parameters, (batch) => decoder.loss(batch), {
          batch: [3, 12],
          optimizer: adamw(3e-3),
        });
        const source = countingSource(3, 12);
        const curve: number[] = [];
        for (let i = 0; i < 4; i++) {
          await step.run(source.next());
          curve.push(await step.loss());
        }
        losses.push(curve);
        const head = await decoder.head.read();
        expect(decoder.head.shape).toEqual([kernels === 'f16' ? 16 : 13, 64]);
        expect(head.slice(13 * 64).every((value) => value === 0)).toBe(true);
        step.dispose();
        decoder.dispose();
      }
    }
    const [untied, tied, untiedHalf, tiedHalf] = losses;
    expect(relativeError(untiedHalf!, untied!)).toBeLessThan(1e-2);
    expect(relativeError(tiedHalf!, tied!)).toBeLessThan(1e-2);
  });
});

describe('windows', () => {
  test('are ranges of the text with their next tokens, the same for the same seed', () => {
    const ids = Uint32Array.from({ length: 50 }, (_, i) => i);
    const batches = [...windows(ids, { batch: [4, 8], steps: 3 })];
    expect(batches).toHaveLength(3);
    for (const { inputs, targets } of batches) {
      expect(inputs).toHaveLength(32);
      inputs.forEach((id, i) => {
        expect(targets[i]).toBe(id + 1);
        if (i % 8 > 0) expect(id).toBe(inputs[i - 1]! + 1);
      });
    }
    expect([...windows(ids, { batch: [4, 8], steps: 3 })]).toEqual(batches);
    expect([...windows(ids, { batch: [4, 8], steps: 3, seed: 2 })]).not.toEqual(batches);
  });

  test.each([
    [0, 4],
    [1, -1],
    [1.5, 4],
  ])('are refused for the extents [%d, %d]', (B, T) => {
    expect(() => windows([1, 2, 3], { batch: [B, T], steps: 1 }).next()).toThrow(
      /windows: batch is .*must be positive integers/,
    );
  });

  test('need a text longer than one window', () => {
    expect(() => windows([1, 2, 3], { batch: [1, 3], steps: 1 }).next()).toThrow(
      /3 tokens: a window of 3 needs 4/,
    );
  });
});

describe('adamw', () => {
  test('takes the default for an option that is undefined', () => {
    expect(adamw(1e-3, { beta1: undefined, eps: 1e-6 }).options).toEqual({ ...ADAMW_DEFAULTS, eps: 1e-6 });
  });

  test('refuses numbers that are not finite, and betas outside [0, 1)', () => {
    expect(() => adamw(NaN)).toThrow(/adamw: learningRate is NaN: it must be finite/);
    expect(() => adamw(1e-3, { beta2: NaN })).toThrow(/beta2 is NaN/);
    expect(() => adamw(1e-3, { beta1: 1 })).toThrow(/beta1 is 1: it must be at least 0 and less than 1/);
  });
});
