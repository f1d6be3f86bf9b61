/**
 * The byte-level alphabet of GPT-2 and of Hugging Face's `ByteLevel`. Every byte has one printable character, so tokens
 * of arbitrary bytes can be strings in JSON. Printable Latin-1 bytes stand for themselves; the others map to U+0100
 * and following, in byte order (a space is `Ġ`, a newline `Ċ`).
 */
const PRINTABLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

const charOfByte: string[] = [];

let nextSubstitute = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const printable = PRINTABLE.some(([first, last]) => byte >= first && byte <= last);
  const char = String.fromCodePoint(printable ? byte : nextSubstitute++);
  charOfByte.push(char);
}

/** Converts bytes to a token string. */
export function bytesToTokenString(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += charOfByte[byte];
  return text;
}
