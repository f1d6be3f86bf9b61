import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import {
  appendToCache,
  attentionDecode,
  type KeyValueCache,
} from '../../../src/engine/ops/attention/decode.js';
import { attentionReference } from '../../../src/engine/ops/attention/attention.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

function newCache(gpu: Gpu, B: number, nHead: number, maxT: number, headDim: number): KeyValueCache {
  // Not zeros: cache positions that are not written yet must not be read.
  const garbage = new Float32Array(B * nHead * maxT * headDim).fill(NaN);
  return {
    keys: gpu.tensor([B, nHead, maxT, headDim], garbage),
    values: gpu.tensor([B, nHead, maxT, headDim], garbage),
    lengths: gpu.tensor([B], new Uint32Array(B)),
  };
}

describe('decoding with a cache', () => {
  test.each([
    { B: 1, T: 70, nHead: 2, headDim: 32, prefill: 60 },
    { B: 3, T: 5, nHead: 1, headDim: 32, prefill: 1 },
    { B: 2, T: 67, nHead: 1, headDim: 128, prefill: 63 },
    { B: 1, T: 9, nHead: 3, headDim: 36, prefill: 4 },
    { B: 2, T: 21, nHead: 2, headDim: 8, prefill: 2 },
    { B: 1, T: 19, nHead: 1, headDim: 12, prefill: 7 },
  ])(
    'gives the same result as attention over the whole text: $B×$T, $nHead heads of $headDim',
    async (shape) => {
      const gpu = await testGpu();
      const { B, T, nHead, headDim, prefill } = shape;
      const C = nHead * headDim;
      const qkv = new Random(T).floats(B * T * 3 * C, 2);
      const { O: expected } = attentionReference(shape, qkv);
      const part = (from: number, to: number): Float32Array => {
        const rows = new Float32Array(B * (to - from) * 3 * C);
        for (let b = 0; b < B; b++) {
          rows.set(qkv.subarray((b * T + from) * 3 * C, (b * T + to) * 3 * C), b * (to - from) * 3 * C);
        }
        return rows;
      };

      const cache = newCache(gpu, B, nHead, T, headDim);
      const filling = await record(gpu, () =>
        appendToCache(gpu.tensor([B, prefill, 3 * C], part(0, prefill)), cache),
      );
      filling.run();
      const row = gpu.tensor([B, 1, 3 * C]);
      const step = await record(gpu, () => {
        appendToCache(row, cache);
        return attentionDecode(row, cache);
      });
      for (let t = prefill; t < T; t++) {
        cache.lengths.write(new Uint32Array(B).fill(t));
        row.write(part(t, t + 1));
        step.run();
        const O = await step.outputs.read();
        for (let b = 0; b < B; b++) {
          const wanted = expected.slice((b * T + t) * C, (b * T + t + 1) * C);
          expect(relativeError(O.slice(b * C, (b + 1) * C), wanted), `position ${t}`).toBeLessThan(1e-5);
        }
      }
      step.run();
      const again = await step.outputs.read();
      step.run();
      expect(await step.outputs.read()).toEqual(again);
    },
  );

  test.each([1, 3, 8])('a run of %i positions gives what one at a time gives', async (T) => {
    const gpu = await testGpu();
    const [B, nHead, headDim, maxT] = [2, 2, 12, 24];
    const C = nHead * headDim;
    const starts = [0, 13];
    const random = new Random(T);
    const cache = newCache(gpu, B, nHead, maxT, headDim);
    const texts = starts.map((start) => random.floats((start + T) * 3 * C, 2));
    const before = new Float32Array(B * 13 * 3 * C);
    texts.forEach((text, b) => before.set(text.subarray(0, starts[b]! * 3 * C), b * 13 * 3 * C));
    const filling = await record(gpu, () => appendToCache(gpu.tensor([B, 13, 3 * C], before), cache));
    filling.run();

    cache.lengths.write(Uint32Array.from(starts));
    const rows = new Float32Array(B * T * 3 * C);
    texts.forEach((text, b) => rows.set(text.subarray(starts[b]! * 3 * C), b * T * 3 * C));
    const run = gpu.tensor([B, T, 3 * C], rows);
    const step = await record(gpu, () => {
      appendToCache(run, cache);
      return attentionDecode(run, cache);
    });
    step.run();
    const O = await step.outputs.read();
    texts.forEach((text, b) => {
      const { O: expected } = attentionReference({ B: 1, T: starts[b]! + T, nHead, headDim }, text);
      const wanted = expected.slice(starts[b]! * C);
      expect(relativeError(O.slice(b * T * C, (b + 1) * T * C), wanted), `sequence ${b}`).toBeLessThan(1e-5);
    });
  });

  test('sequences of one batch may differ in length', async () => {
    const gpu = await testGpu();
    const [B, nHead, headDim, maxT] = [3, 2, 32, 20];
    const C = nHead * headDim;
    const lengths = [0, 3, 19];
    const random = new Random(9);
    const cache = newCache(gpu, B, nHead, maxT, headDim);
    // Each sequence's own text, as a batch of one for the reference.
    const texts = lengths.map((length) => random.floats((length + 1) * 3 * C, 2));
    const longest = new Float32Array(B * 19 * 3 * C);
    texts.forEach((text, b) => longest.set(text.subarray(0, lengths[b]! * 3 * C), b * 19 * 3 * C));
    const filling = await record(gpu, () => appendToCache(gpu.tensor([B, 19, 3 * C], longest), cache));
    filling.run();

    cache.lengths.write(Uint32Array.from(lengths));
    const rows = new Float32Array(B * 3 * C);
    texts.forEach((text, b) => rows.set(text.subarray(lengths[b]! * 3 * C), b * 3 * C));
    const row = gpu.tensor([B, 1, 3 * C], rows);
    const step = await record(gpu, () => {
      appendToCache(row, cache);
      return attentionDecode(row, cache);
    });
    step.run();
    const O = await step.outputs.read();
    texts.forEach((text, b) => {
      const length = lengths[b]!;
      const { O: expected } = attentionReference({ B: 1, T: length + 1, nHead, headDim }, text);
      expect(relativeError(O.slice(b * C, (b + 1) * C), expected.slice(length * C))).toBeLessThan(1e-5);
    });
  });

  test('positions past the end of the cache are dropped', async () => {
    const gpu = await testGpu();
    const cache = newCache(gpu, 2, 1, 4, 4);
    cache.lengths.write(Uint32Array.of(3, 4));
    const ones = new Float32Array(2 * 3 * 12).fill(1);
    const program = await record(gpu, () => appendToCache(gpu.tensor([2, 3, 12], ones), cache));
    program.run();
    const keys = await cache.keys.read();
    expect([...keys].map((value) => value === 1)).toEqual(
      Array.from({ length: 32 }, (_, i) => i >= 12 && i < 16),
    );
  });

  test('refuses a cache for other heads or another batch', async () => {
    const gpu = await testGpu();
    const cache = newCache(gpu, 1, 2, 8, 4);
    const attempt = (shape: number[]): Promise<unknown> =>
      record(gpu, () => attentionDecode(gpu.tensor(shape), cache));
    await expect(attempt([1, 1, 48])).rejects.toThrow(/qkv is \[1,1,48\] and the cache \[1,2,8,4\]/);
    await expect(attempt([2, 1, 24])).rejects.toThrow(/qkv is \[2,1,24\] and the cache \[1,2,8,4\]/);
  });
});
