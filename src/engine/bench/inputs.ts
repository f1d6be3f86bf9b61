import type { Gpu } from '../gpu/device.js';
import { sizeOf, type Shape } from '../tensor/shape.js';
import type { Tensor, TensorOptions } from '../tensor/tensor.js';

const BLOCK = 1 << 20;
let block: Float32Array | undefined;

/**
 * Deterministic numbers, uniform in [-1, 1): zeros could make kernels faster. They repeat after a million, since making
 * more would take longer than the kernels.
 */
export function noise(count: number): Float32Array {
  if (!block) {
    let state = 1;
    block = Float32Array.from({ length: BLOCK }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state / 2 ** 31;
    });
  }
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += BLOCK) values.set(block.subarray(0, Math.min(BLOCK, count - at)), at);
  return values;
}

export function noiseTensor(gpu: Gpu, shape: Shape, options?: TensorOptions): Tensor {
  return gpu.tensor(shape, noise(sizeOf(shape)), options);
}

/** Tokens from the whole vocabulary in pseudo-random order. */
export function noiseTokens(count: number, vocabSize: number, seed = 0): Uint32Array {
  let state = seed | 1;
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % vocabSize;
  });
}

/**
 * Spans of rows that are packed with records from half to one and a half times `length` tokens; the last of a row is cut
 * short. See `AttentionOptions.spans`.
 *
 * @returns [B, T, 2]
 */
export function recordSpans(B: number, T: number, length: number): Uint32Array {
  const lengths = noise(B * T);
  const spans = new Uint32Array(2 * B * T);
  for (let row = 0, records = 0; row < B; row++) {
    for (let first = 0, end; first < T; first = end) {
      const tokens = Math.max(1, Math.round(length * (1 + lengths[records++]! / 2)));
      end = Math.min(T, first + tokens);
      for (let at = first; at < end; at++) spans.set([first, end], 2 * (row * T + at));
    }
  }
  return spans;
}
