import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { backward } from '../../../src/engine/tensor/autograd.js';
import { NumericsError } from '../../../src/engine/errors.js';
import { record, type Program } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { add } from '../../../src/engine/ops/add.js';
import { layernorm } from '../../../src/engine/ops/layernorm.js';
import { matmul } from '../../../src/engine/ops/matmul/matmul.js';
import { decoderStep, type StepShape } from '../../../src/engine/train/decoder-step.js';
import type { TrainStep } from '../../../src/engine/train/step.js';
import { train, type StepReport } from '../../../src/engine/train/trainer.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'finite-'));
afterAll(() => rmSync(root, { recursive: true }));

/** The message of `verify` after one run. */
async function complaint(program: Program<unknown>): Promise<string> {
  program.run();
  return program.verify().then(
    () => 'nothing',
    (error: unknown) => {
      expect(error).toBeInstanceOf(NumericsError);
      expect(error).toMatchObject({ code: 'not-finite' });
      return (error as Error).message;
    },
  );
}

describe('a program recorded with checkFinite', () => {
  test('names the op in which a product overflows, and where', async () => {
    const gpu = await testGpu();
    const a = gpu.tensor([5, 6], new Float32Array(30).fill(1), { label: 'a' });
    const b = gpu.tensor([6, 7], new Float32Array(42).fill(1), { label: 'b' });
    const program = await record(gpu, () => add(matmul(a, b), matmul(a, b)), { checkFinite: true });
    expect(await complaint(program)).toBe('nothing');
    const values = new Float32Array(30).fill(1);
    values[3 * 6 + 2] = 3e38;
    a.write(values);
    b.write(new Float32Array(42).fill(2));
    expect(await complaint(program)).toMatch(
      /^matmul forward wrote an infinity into matmul \[5,7\] at \[3,0\] \(dispatch 1 of 3, matmul\..*; what it read was finite: a, b\)$/,
    );
    a.write(new Float32Array(30).fill(1));
    expect(await complaint(program), 'the next run starts clean').toBe('nothing');
    program.dispose();
  });

  test('names an input that contains a NaN, and the op that reads it first', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([4, 3], new Float32Array(12).fill(1), { label: 'x' });
    const data = new Float32Array(12);
    data[7] = NaN;
    const y = gpu.tensor([4, 3], data, { label: 'y' });
    const program = await record(
      gpu,
      () => recorder().within('block', () => recorder().within('inner', () => add(add(x, x), y))),
      { checkFinite: true },
    );
    expect(await complaint(program)).toBe(
      'y [4,3] at [2,1] holds NaN before add forward of block.inner reads it (dispatch 2 of 2, add)',
    );
  });

  test('tells backward from forward: a gradient that overflows though the loss is finite', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([2, 3], new Float32Array(6).fill(1e-3), { label: 'x', requiresGrad: true });
    const w = gpu.tensor([3, 4], new Float32Array(12).fill(1e5), { label: 'w' });
    const seed = gpu.tensor([2, 4], new Float32Array(8).fill(1e34), { label: 'seed' });
    const program = await record(
      gpu,
      () => recorder().within('head', () => backward(matmul(x, w), { seed, wanted: [x] })),
      { checkFinite: true },
    );
    expect(await complaint(program)).toMatch(
      /^matmul backward of head wrote an infinity into d x \[2,3\] at \[0,0\]/,
    );
  });

  test('ignores numbers that other tensors left in shared memory', async () => {
    const gpu = await testGpu();
    // The statistics of layernorm and the rows of a gradient share buffers; attention's gradient is written in parts.
    const decoder = new Decoder(gpu, TINY, { trainable: true });
    decoder.parameters.initialise(1);
    const garbage = gpu.tensor([4096], new Float32Array(4096).fill(NaN), { label: 'garbage' });
    const names = [...Array(40).keys()].map(() => gpu.tensor([4096], new Float32Array(4096).fill(NaN)));
    names.forEach((tensor) => tensor.dispose());
    garbage.dispose();
    const step = await decoderStep(decoder, TRAINING, TRAINING, { checkFinite: true });
    step.submit([countingSource(3, 12).next()], 0, 1e-3);
    await step.verify();
    step.dispose();
    decoder.dispose();
  });

  test('changes no results', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor(
      [4, 5],
      new Float32Array(20).map((_, i) => Math.sin(i)),
      { label: 'x' },
    );
    const gamma = gpu.tensor([5], new Float32Array(5).fill(2));
    const body = () => layernorm(x, gamma, gamma);
    const plain = await record(gpu, body);
    const checked = await record(gpu, body, { checkFinite: true });
    plain.run();
    checked.run();
    expect(await checked.outputs.read()).toEqual(await plain.outputs.read());
  });
});

describe('a training step that is checked', () => {
  async function complaintOf(
    plant: (decoder: Decoder, step: TrainStep<unknown>) => Promise<void>,
    shape: StepShape = TRAINING,
  ): Promise<string> {
    const decoder = new Decoder(await testGpu(), TINY, { trainable: true });
    decoder.parameters.initialise(1);
    const step = await decoderStep(decoder, TRAINING, shape, { checkFinite: true });
    await plant(decoder, step);
    const source = countingSource(shape.batchSize, shape.context);
    const batches = Array.from({ length: shape.microBatches }, () => source.next());
    step.submit(batches, 0, 1e-3);
    const message = await step.verify().then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    step.dispose();
    decoder.dispose();
    return message;
  }
  async function change(
    tensor: { read(): Promise<Float32Array>; write(data: Float32Array): void },
    at: number,
    value: number,
  ): Promise<void> {
    const values = await tensor.read();
    values[at] = value;
    tensor.write(values);
  }

  test('names the weight that contains a NaN', async () => {
    const message = await complaintOf((decoder) => change(decoder.weight(1, 'qkv'), 3 * 64 + 5, NaN));
    expect(message).toMatch(
      /^layers\.1\.qkv \[192,64\] at \[3,5\] holds NaN before matmul forward of layers\.1 reads it/,
    );
  });

  test('names the layer in which activations overflow', async () => {
    // Finite weights: only their product is not.
    const message = await complaintOf((decoder) =>
      change(decoder.parameters.get('layers.1.mlp_norm.gamma'), 7, 3e38),
    );
    expect(message).toMatch(/^\w+ forward of layers\.1 wrote .* into \w+ \[3,12,\d+\] at /);
  });

  test('names an optimizer state by its parameter', async () => {
    // A second moment below zero has no root.
    const message = await complaintOf(async (_, { optimizer }) => change(optimizer.moments[1]!.v, 128, -1));
    expect(message).toMatch(/^AdamW update wrote NaN into layers\.0\.attention_norm\.beta \[64\] at \[0\]/);
  });

  test('sees gradients that are summed over micro-batches', async () => {
    const shape = { ...TRAINING, microBatches: 2 };
    expect(await complaintOf(() => Promise.resolve(), shape)).toBe('nothing');
    const message = await complaintOf((decoder) => change(decoder.head, 0, 3e38), shape);
    expect(message).toMatch(/^\w+ (forward|backward)( of layers\.1)? wrote/);
  });
});

describe('a training run that is checked', () => {
  const run = async (name: string, learningRate: number, checkFinite: boolean): Promise<StepReport[]> => {
    const reports: StepReport[] = [];
    await train(await testGpu(), {
      config: TINY,
      options: { ...TRAINING, learningRate },
      source: countingSource(TRAINING.batchSize, TRAINING.context),
      folder: join(root, name),
      checkFinite,
      onStep: ({ stepMs: _, ...report }) => reports.push(report),
    });
    return reports;
  };

  test('has the same curve as an unchecked one', async () => {
    expect(await run('checked', 1e-2, true)).toEqual(await run('unchecked', 1e-2, false));
  });

  test('stops at the step that goes wrong and names it', async () => {
    const failure = run('diverging', 1e30, true);
    await expect(failure).rejects.toThrow(/^step [2-6]: .* (forward|backward).* (wrote|holds) /);
    await expect(failure).rejects.toBeInstanceOf(NumericsError);
  });
});
