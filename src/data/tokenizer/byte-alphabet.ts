/**
 * The byte-level alphabet of GPT-2 and of Hugging Face's `ByteLevel`: every byte has one printable character, so
 * that tokens made of arbitrary bytes can stand as strings in JSON. Printable Latin-1 bytes stand for themselves;
 * the others take the characters from U+0100 on, in byte order (a space is `Ġ`, a newline `Ċ`).
 */
const PRINTABLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

const charOfByte: string[] = [];
const byteOfChar = new Map<string, number>();

let nextSubstitute = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const printable = PRINTABLE.some(([first, last]) => byte >= first && byte <= last);
  const char = String.fromCodePoint(printable ? byte : nextSubstitute++);
  charOfByte.push(char);
  byteOfChar.set(char, byte);
}

/** Bytes to their token string. */
export function bytesToTokenString(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += charOfByte[byte];
  return text;
}

/** Token string to bytes; null when a character is not of the alphabet. */
export function tokenStringToBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = byteOfChar.get(text[i]!);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
