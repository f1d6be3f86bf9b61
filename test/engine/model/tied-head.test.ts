import { expect, test } from 'vitest';
import { backward } from '../../../src/engine/autograd.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/model/decoder.js';
import { TokenBatch } from '../../../src/engine/ops/embedding.js';
import { relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY } from '../tiny-model.js';

test('the gradient of a tied embedding is the sum of those that embedding and head would have apart', async () => {
  const gpu = await testGpu();
  const [B, T] = [3, 12];
  const { inputs, targets, lossTokens } = countingSource(B, T).next();
  const gradients = async (tiedHead: boolean): Promise<Map<string, Float32Array>> => {
    const decoder = new Decoder(gpu, { ...TINY, tiedHead }, { trainable: true });
    const { parameters } = decoder;
    parameters.initialise(3);
    if (!tiedHead) parameters.get('head').write(await parameters.get('embed').read());
    const batch = new TokenBatch(gpu, [B, T], TINY.vocabSize);
    batch.write(inputs);
    const wanted = gpu.tensor([B * T], targets);
    const scale = gpu.tensor([1], Float32Array.of(1 / lossTokens));
    const program = await record(gpu, () => backward(decoder.loss(batch, wanted, scale)));
    program.run();
    const found = new Map<string, Float32Array>();
    for (const name of ['embed', 'layers.0.qkv', ...(tiedHead ? [] : ['head'])]) {
      found.set(name, await parameters.get(name).grad!.read());
    }
    program.dispose();
    [batch, wanted, scale, decoder].forEach((owned) => owned.dispose());
    return found;
  };
  const tied = await gradients(true);
  const apart = await gradients(false);
  const sum = apart.get('embed')!.map((value, i) => value + apart.get('head')![i]!);
  expect(relativeError(tied.get('layers.0.qkv')!, apart.get('layers.0.qkv')!)).toBeLessThan(1e-6);
  expect(relativeError(tied.get('embed')!, sum)).toBeLessThan(1e-5);
});
