/**
 * ggml's Q8_0: blocks of 32 numbers, each a whole number from -127 to 127 times the block's scale. A block is the scale
 * in f16, then 32 bytes. Source: https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c
 */
import { fromHalf, toHalf } from '../tensor/half.js';

export const Q8_BLOCK = 32;
const BLOCK_BYTES = 2 + Q8_BLOCK;
const LARGEST = 127;

/** The nearest multiples of each block's largest magnitude over 127. Undefined if f16 cannot hold a scale. */
export function toQ8(values: Float32Array): Uint8Array | undefined {
  const blocks = values.length / Q8_BLOCK;
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * Q8_BLOCK;
    let largest = 0;
    for (let i = 0; i < Q8_BLOCK; i++) largest = Math.max(largest, Math.abs(values[from + i]!));
    const scale = largest / LARGEST;
    const half = toHalf(scale);
    if ((half & 0x7c00) === 0x7c00) return undefined;
    view.setUint16(block * BLOCK_BYTES, half, true);
    if (scale === 0) continue;
    for (let i = 0; i < Q8_BLOCK; i++) {
      view.setInt8(block * BLOCK_BYTES + 2 + i, Math.round(values[from + i]! / scale));
    }
  }
  return bytes;
}

export function fromQ8(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / BLOCK_BYTES;
  const values = new Float32Array(blocks * Q8_BLOCK);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES;
    const scale = fromHalf(view.getUint16(at, true));
    for (let i = 0; i < Q8_BLOCK; i++) values[block * Q8_BLOCK + i] = scale * view.getInt8(at + 2 + i);
  }
  return values;
}
