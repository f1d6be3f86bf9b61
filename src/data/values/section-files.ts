import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BUFFER = 1 << 16;

/** A file of bytes or 32-bit numbers that grows by appending, with a small buffer in memory. */
export class SectionFile {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(BUFFER);
  #held = 0;
  /** Bytes appended so far. */
  length = 0;

  constructor(folder: string, name: string) {
    this.#fd = openSync(join(folder, name), 'wx+', 0o600);
  }

  u32(value: number): void {
    if (this.#held + 4 > BUFFER) this.#flush();
    this.#bytes.writeUInt32LE(value, this.#held);
    this.#held += 4;
    this.length += 4;
  }

  /** A number in LEB128: seven bits a byte, the lowest first. */
  number(value: number): void {
    if (this.#held + 5 > BUFFER) this.#flush();
    let rest = value;
    const from = this.#held;
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.#held++] = (rest & 127) | 128;
    this.#bytes[this.#held++] = rest;
    this.length += this.#held - from;
  }

  bytes(source: Buffer, from: number, to: number): void {
    if (this.#held + to - from > BUFFER) this.#flush();
    source.copy(this.#bytes, this.#held, from, to);
    this.#held += to - from;
    this.length += to - from;
  }

  /** What was appended, in chunks whose length is a multiple of four (the last one aside). A chunk is used again. */
  *chunks(): Generator<Buffer, void, undefined> {
    this.#flush();
    const chunk = Buffer.from(new ArrayBuffer(1 << 20));
    for (let at = 0; at < this.length;) {
      const read = readSync(this.#fd, chunk, 0, Math.min(chunk.length, this.length - at), at);
      const whole = at + read < this.length ? read & ~3 : read;
      yield chunk.subarray(0, whole);
      at += whole;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #flush(): void {
    for (let at = 0; at < this.#held;) at += writeSync(this.#fd, this.#bytes, at, this.#held - at);
    this.#held = 0;
  }
}
