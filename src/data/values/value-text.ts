import { BLOCK_ENTRIES, readInto } from './format.js';

/** One value of the text section, with the number of its column set. */
export interface TextEntry {
  value: string;
  columns: number;
}

interface Decoded extends TextEntry {
  isLast: boolean;
}

/** The values of an index, read from the file block by block. */
export class ValueText {
  #block = -1;
  #entries: Decoded[] = [];
  #bytes = Buffer.alloc(0);
  #value = Buffer.alloc(1 << 10);

  constructor(
    private readonly fd: number,
    private readonly offset: number,
    private readonly length: number,
    private readonly blocks: Uint32Array,
    private readonly count: number,
  ) {}

  /** The values of the node whose first entry is given, at most `limit`. */
  ofNode(first: number, limit: number): TextEntry[] {
    const found: TextEntry[] = [];
    for (let entry = first; found.length < limit; entry++) {
      const decoded = this.#entry(entry);
      found.push(decoded);
      if (decoded.isLast) break;
    }
    return found;
  }

  /** The values from one entry to the last value of the node whose first entry is `to`, at most `limit`. */
  range(from: number, to: number, limit: number): TextEntry[] {
    const found: TextEntry[] = [];
    for (let entry = from; entry < this.count && found.length < limit; entry++) {
      const decoded = this.#entry(entry);
      found.push(decoded);
      if (entry >= to && decoded.isLast) break;
    }
    return found;
  }

  #entry(entry: number): Decoded {
    const block = Math.floor(entry / BLOCK_ENTRIES);
    if (block !== this.#block) this.#read(block);
    return this.#entries[entry % BLOCK_ENTRIES]!;
  }

  #read(block: number): void {
    const from = this.blocks[block]!;
    const to = this.blocks[block + 1] ?? this.length;
    if (this.#bytes.length < to - from) this.#bytes = Buffer.alloc(2 * (to - from));
    const bytes = this.#bytes.subarray(0, to - from);
    readInto(this.fd, bytes, this.offset + from);
    this.#entries = [];
    let at = 0;
    const number = (): number => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!;
        value |= (byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const shared = number();
      const own = number();
      const length = own >>> 1;
      bytes.copy(this.#value, shared, at, at + length);
      at += length;
      const value = this.#value.toString('utf8', 0, shared + length);
      this.#entries.push({ value, columns: number(), isLast: (own & 1) === 1 });
    }
    this.#block = block;
  }
}
