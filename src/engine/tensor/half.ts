/**
 * IEEE 754 binary16 on the host: the format of f16 tensors, two to a u32, the first in the low half, as WGSL's
 * `pack2x16float` writes them. (Node 20 has no Float16Array.)
 */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The nearest f16, ties to even; beyond 65,504 an infinity. */
export function toHalf(value: number): number {
  float[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65,520 and above
  if (magnitude < 0x38800000) {
    // Below 2^-14 an f16 is a multiple of 2^-24; adding 0.5 puts that multiple, rounded, into the last bits.
    float[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  // 13 bits of mantissa are dropped; the exponent's bias changes from 127 to 15. A carry goes into the exponent, as it must.
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

export function packHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, toHalf);
}

export function unpackHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, fromHalf);
}
