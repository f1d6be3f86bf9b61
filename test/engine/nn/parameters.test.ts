import { describe, expect, test } from 'vitest';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { EngineError } from '../../../src/engine/errors.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { linearLayer, linearSpecs } from '../../../src/engine/nn/linear.js';
import { fillNormal } from '../../../src/engine/nn/normal.js';
import { Parameters } from '../../../src/engine/nn/parameters.js';
import { matmul } from '../../../src/engine/ops/matmul/matmul.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

describe('parameters without values', () => {
  const complaint =
    /^decoder: embed has no values; call initialise\(seed\), pass a seed, or load a checkpoint first/;

  test('a training step refuses them', async () => {
    const decoder = new Decoder(await testGpu(), TINY);
    const step = await decoderStep(decoder, TRAINING, TRAINING);
    const submit = (): void => step.submit([countingSource(3, 12).next()], 0, 1e-3);
    expect(submit).toThrow(complaint);
    expect(submit).toThrow(EngineError);
    decoder.parameters.initialise(1);
    expect(submit).not.toThrow();
    step.dispose();
    decoder.dispose();
  });

  test('a session refuses them, and so does a recording of logits', async () => {
    const decoder = new Decoder(await testGpu(), TINY, { trainable: false });
    const batch = decoder.tokenBatch([1, 3]);
    await expect(DecodeSession.create(decoder)).rejects.toThrow(complaint);
    await expect(record(decoder.gpu, () => decoder.logits(decoder.hidden(batch)))).rejects.toThrow(complaint);
    decoder.dispose();
  });

  test('the first run of a program that reads them fails', async () => {
    const gpu = await testGpu();
    const parameters = new Parameters(gpu, [{ name: 'w', shape: [13, 8], rowMultiple: 8 }]);
    const x = gpu.tensor([2, 8]);
    const transposeB = true;
    for (const weight of [parameters.get('w'), parameters.padded('w')]) {
      const program = await record(gpu, () => matmul(x, weight, { transposeB }));
      expect(() => program.run()).toThrow(/^parameters: w has no values; call initialise/);
      program.dispose();
    }
    const program = await record(gpu, () => matmul(x, parameters.get('w'), { transposeB }));
    parameters.initialise(1);
    expect(() => program.run()).not.toThrow();
    program.dispose();
    parameters.dispose();
  });

  test('a parameter that was not written is named', async () => {
    const parameters = new Parameters(await testGpu(), [
      { name: 'a', shape: [2, 4] },
      { name: 'b', shape: [4] },
    ]);
    parameters.get('a').write(new Float32Array(8));
    expect(() => parameters.assertInitialised()).toThrow(/^parameters: b has no values/);
    parameters.get('b').write(new Float32Array(4));
    expect(() => parameters.assertInitialised()).not.toThrow();
    expect(() => parameters.get('c')).toThrow(/no parameter c; known: a, b/);
    parameters.dispose();
  });
});

test('a linear layer adds its bias if one was declared', async () => {
  const gpu = await testGpu();
  const parameters = new Parameters(gpu, [...linearSpecs('a', 2, 4), { name: 'b', shape: [2, 4] }]);
  for (const name of ['a', 'b']) parameters.get(name).write(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  parameters.get('a.bias').write(Float32Array.of(100, 200));
  const x = gpu.tensor([1, 4], Float32Array.of(1, 0, 1, 0));
  const program = await record(gpu, () => ['a', 'b'].map((name) => linearLayer(parameters, name, x)));
  program.run();
  expect([...(await program.outputs[0]!.read())]).toEqual([104, 212]);
  expect([...(await program.outputs[1]!.read())]).toEqual([4, 12]);
  parameters.dispose();
});

describe('a declaration', () => {
  test('has a name of its own', async () => {
    const w = { name: 'w', shape: [8] };
    const gpu = await testGpu();
    expect(() => new Parameters(gpu, [w, w])).toThrow(/^parameters: w is declared twice/);
  });

  test('needs a name and a shape: matrices are drawn and decay, vectors are zero and do not', async () => {
    const parameters = new Parameters(
      await testGpu(),
      [
        { name: 'w', shape: [64, 256] },
        { name: 'b', shape: [64] },
      ],
      { seed: 7 },
    );
    expect(parameters.specs.map(({ decay }) => decay)).toEqual([true, false]);
    const w = await parameters.get('w').read();
    const std = Math.sqrt(w.reduce((sum, value) => sum + value ** 2, 0) / w.length);
    expect(std).toBeGreaterThan(0.95 / 16);
    expect(std).toBeLessThan(1.05 / 16);
    expect(await parameters.get('b').read()).toEqual(new Float32Array(64));
    parameters.dispose();
  });

  test('draws numbers of its own, the same for a seed however long it is', async () => {
    const shape = [300, 256];
    const parameters = new Parameters(
      await testGpu(),
      [
        { name: 'a', shape, std: 2, mean: 1 },
        { name: 'constant', shape, std: 0, mean: 0.5 },
        { name: 'b', shape, std: 1 },
      ],
      { seed: 3 },
    );
    const [a, constant, b] = await Promise.all(
      ['a', 'constant', 'b'].map((name) => parameters.get(name).read()),
    );
    const drawn = new Float32Array(2 * a!.length);
    fillNormal(drawn, 1, 3, 0);
    a!.forEach((value, i) => expect(value).toBeCloseTo(1 + 2 * drawn[i]!, 5));
    expect(constant!.every((value) => value === 0.5)).toBe(true);
    expect(b).toEqual(drawn.subarray(a!.length));
    parameters.dispose();
  });

  test('a padded parameter shares its memory with the one that was declared', async () => {
    const spec = { name: 'w', shape: [13, 8], rowMultiple: 8 };
    const parameters = new Parameters(await testGpu(), [spec], { seed: 1 });
    const [declared, padded] = [parameters.get('w'), parameters.padded('w')];
    expect(padded.shape).toEqual([16, 8]);
    const values = await padded.read();
    expect(values.slice(0, 13 * 8)).toEqual(await declared.read());
    expect(values.slice(13 * 8)).toEqual(new Float32Array(24));
    parameters.dispose();
  });
});

test('the shape of a decoder has defaults for its MLP and its head', async () => {
  const shape = { vocabSize: 20, context: 16, nLayer: 1, nHead: 2, width: 128 };
  const decoder = new Decoder(await testGpu(), shape, { seed: 1 });
  expect(decoder.config).toEqual({ ...shape, mlpWidth: 352, tiedHead: true });
  decoder.dispose();
});
