import { expect, test } from 'vitest';
import { backward } from '../../../src/engine/tensor/autograd.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { LanguageBatch } from '../../../src/engine/train/batch.js';
import { relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY } from '../tiny-model.js';

test('a head tied to the embedding receives the gradients of both', async () => {
  const gpu = await testGpu();
  const [B, T] = [2, 9];
  const numbers = countingSource(B, T).next();

  const gradients = async (tiedHead: boolean): Promise<Map<string, Float32Array>> => {
    const decoder = new Decoder(gpu, { ...TINY, tiedHead }, { trainable: true });
    const { parameters } = decoder;
    parameters.initialise(4);
    if (!tiedHead) parameters.get('head').write(await parameters.get('embed').read());
    const batch = new LanguageBatch(gpu, [B, T]);
    const program = await record(gpu, () => {
      backward(decoder.loss(batch));
    });
    batch.begin([numbers]);
    batch.write(numbers);
    program.run();
    const found = new Map<string, Float32Array>();
    for (const [name, tensor] of parameters.tensors) found.set(name, await tensor.grad!.read());
    program.dispose();
    decoder.dispose();
    return found;
  };

  const [tied, own] = [await gradients(true), await gradients(false)];
  const head = own.get('head')!;
  own.delete('head');
  own.set(
    'embed',
    own.get('embed')!.map((value, i) => value + head[i]!),
  );
  expect([...tied.keys()]).toEqual([...own.keys()]);
  for (const [name, gradient] of own) {
    expect(relativeError(tied.get(name)!, gradient), name).toBeLessThan(1e-5);
  }
});
