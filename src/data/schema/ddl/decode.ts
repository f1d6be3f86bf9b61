/** The text of a script, and the encoding that it was in. */
export interface Decoded {
  text: string;
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
}

/** Bytes that are looked at for zeros; even, so that UTF-16 units stay whole. */
const SAMPLE = 1 << 12;

/**
 * Reads a script as its editor saved it: UTF-8 or UTF-16 of either byte order, each with or without a byte order mark
 * (SSMS saves UTF-16), and Windows-1252 where the bytes are not UTF-8. Undefined if the bytes are no text.
 */
export function decodeScript(bytes: Uint8Array): Decoded | undefined {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return decodeAs('utf-16le', bytes);
  if (a === 0xfe && b === 0xff) return decodeAs('utf-16be', bytes);
  const zeros = [0, 0];
  const sample = bytes.subarray(0, SAMPLE);
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]! += 1;
  });
  const [even = 0, odd = 0] = zeros;
  // Keywords, blanks and digits of any script are ASCII, which has a zero byte in UTF-16.
  const isWide = Math.max(even, odd) > sample.length / 16 && Math.min(even, odd) === 0;
  if (isWide) return decodeAs(odd > even ? 'utf-16le' : 'utf-16be', bytes);
  if (even + odd > 0) return undefined;
  return decodeAs('utf-8', bytes) ?? decodeAs('windows-1252', bytes);
}

function decodeAs(encoding: Decoded['encoding'], bytes: Uint8Array): Decoded | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return {
      text: text.includes('\r') && !text.includes('\n') ? text.replaceAll('\r', '\n') : text,
      encoding,
    };
  } catch {
    return undefined;
  }
}
