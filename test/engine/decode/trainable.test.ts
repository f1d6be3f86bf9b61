import { describe, expect, test } from 'vitest';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { appendToCache, attentionDecode } from '../../../src/engine/ops/attention/decode.js';
import { relativeError } from '../numerics.js';
import { testGpu, testPaths } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

async function logitsOf(decoder: Decoder): Promise<Float32Array[]> {
  const session = await DecodeSession.create(decoder);
  await session.open(Uint32Array.of(1, 2, 3));
  const afterPrompt = await session.logits();
  session.write([4]);
  const logits = [afterPrompt, await session.logits()];
  session.dispose();
  return logits;
}

describe('a trainable decoder', () => {
  test.each([16, 13])('decodes in f32 on every path: a vocabulary of %i', async (vocabSize) => {
    const config = { ...TINY, vocabSize, tiedHead: vocabSize === 16 };
    const exact = new Decoder(await testGpu(), config, { seed: 3 });
    const expected = await logitsOf(exact);
    for (const { name, gpu } of await testPaths()) {
      const decoder = new Decoder(gpu, config, { seed: 3 });
      expect(decoder.dtype).toBe('f16');
      const logits = await logitsOf(decoder);
      logits.forEach((values, i) => {
        expect(values, name).toHaveLength(vocabSize);
        expect(relativeError(values, expected[i]!), name).toBeLessThan(1e-5);
      });
      const drawn = await decoder.generate([1, 2], { tokens: 40, temperature: 50, seed: 1 });
      expect(drawn).toHaveLength(40);
      expect(drawn.every((token) => token < vocabSize)).toBe(true);
      decoder.dispose();
    }
    exact.dispose();
  });

  test('generate continues past the context, and the same seed writes the same text', async () => {
    const decoder = new Decoder(await testGpu(), TINY, { seed: 3 });
    const options = { tokens: 60, temperature: 1, seed: 5 };
    const text = await decoder.generate([1, 2, 3], options);
    expect(text).toHaveLength(60);
    expect(await decoder.generate([1, 2, 3], options)).toEqual(text);
    const greedy = await decoder.generate([1, 2, 3], { tokens: 5 });
    expect(await decoder.generate([1, 2, 3], { tokens: 5, stopToken: greedy[0] })).toEqual([]);
    for (const token of [13, -1, 1.5, NaN]) {
      const outside = `token ${token} is outside the vocabulary of 13`;
      await expect(decoder.generate([token])).rejects.toThrow(outside);
    }
    for (const tokens of [-3, 2.5, NaN]) {
      await expect(decoder.generate([1], { tokens })).rejects.toThrow(
        /tokens is .*: it must be a whole number/,
      );
    }
    await expect(decoder.generate([1], { stopToken: 13 })).rejects.toThrow(/stopToken 13 is outside/);
    decoder.dispose();
  });
});

test('cache and decode kernels refuse tensors that are not f32', async () => {
  const gpu = await testGpu();
  const cache = {
    keys: gpu.tensor([1, 2, 8, 32]),
    values: gpu.tensor([1, 2, 8, 32]),
    lengths: gpu.tensor([1], undefined, { dtype: 'u32' }),
  };
  const packed = gpu.tensor([1, 1, 192], undefined, { dtype: 'f16', label: 'qkv' });
  await expect(record(gpu, () => appendToCache(packed, cache))).rejects.toThrow(/appendToCache: qkv is f16/);
  await expect(record(gpu, () => attentionDecode(packed, cache))).rejects.toThrow(
    /attentionDecode: qkv is f16/,
  );
});
