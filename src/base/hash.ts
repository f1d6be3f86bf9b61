/**
 * A 48-bit hash of a text, as a whole number that a double holds exactly: two 32-bit lanes, mixed as in MurmurHash3.
 * The probability that any two of a million texts share a hash is 0.002. Not for security.
 */
export function hash48(text: string): number {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ unit, 0x1b873593);
    b = (b << 13) | (b >>> 19);
  }
  const low = finish(a ^ text.length);
  const high = finish(b ^ low);
  return (high >>> 16) * 0x1_0000_0000 + (low >>> 0);
}

function finish(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
