import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { loadDecoder, saveModel } from '../../../src/engine/nn/model-folder.js';
import { exportWeights } from '../../../src/engine/nn/weights-only.js';
import { fromHalf, toHalf } from '../../../src/engine/tensor/half.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'weights-only-'));
afterAll(() => rmSync(root, { recursive: true }));

test('weights in f16 come back as the nearest halves, with the files that go along', async () => {
  const gpu = await testGpu();
  const model = join(root, 'model');
  const decoder = new Decoder(gpu, TINY, { seed: 3 });
  await saveModel(decoder, model, 12);
  writeFileSync(join(model, 'tokenizer.json'), '{"words": "é"}');

  const out = join(root, 'shipped');
  expect(await exportWeights(model, out, { dtype: 'f16', files: ['tokenizer.json', 'absent.json'] })).toBe(
    12,
  );
  expect(readdirSync(out).sort()).toEqual(['checkpoints', 'model.json', 'tokenizer.json']);
  expect(readFileSync(join(out, 'tokenizer.json'), 'utf8')).toBe('{"words": "é"}');

  const { decoder: loaded, checkpoint } = await loadDecoder(gpu, out);
  expect(checkpoint.step).toBe(12);
  for (const [name, tensor] of decoder.parameters.tensors) {
    const expected = Array.from((await tensor.read()) as Float32Array, (value) => fromHalf(toHalf(value)));
    expect(Array.from((await loaded.parameters.tensors.get(name)!.read()) as Float32Array)).toEqual(expected);
  }
});

test('a folder that holds anything is left as it is', async () => {
  const out = join(root, 'full');
  await saveModel(new Decoder(await testGpu(), TINY, { seed: 3 }), out, 1);
  await expect(exportWeights(join(root, 'model'), out, { dtype: 'f32' })).rejects.toMatchObject({
    code: 'model-exists',
  });
  expect(readdirSync(join(out, 'checkpoints'))).toHaveLength(2);
});
