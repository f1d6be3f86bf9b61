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
  #bytes = Buffer.alloc(0);
  /** Where the next entry of the block starts, and how many come before it. */
  #at = 0;
  #passed = 0;
  /** The bytes of the entry before it, of which it repeats the first. */
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

  /** Decodes one entry. Those before it in its block are passed over, and no strings are made of them. */
  #entry(entry: number): Decoded {
    const block = Math.floor(entry / BLOCK_ENTRIES);
    if (block !== this.#block) this.#read(block);
    if (block * BLOCK_ENTRIES + this.#passed > entry) this.#at = this.#passed = 0;
    const bytes = this.#bytes;
    for (;;) {
      const shared = this.#number();
      const own = this.#number();
      const end = shared + (own >>> 1);
      for (let i = shared; i < end; i++) this.#value[i] = bytes[this.#at++]!;
      const columns = this.#number();
      if (block * BLOCK_ENTRIES + this.#passed++ === entry)
        return { value: this.#value.toString('utf8', 0, end), columns, isLast: (own & 1) === 1 };
    }
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  #read(block: number): void {
    const from = this.blocks[block]!;
    const to = this.blocks[block + 1] ?? this.length;
    if (this.#bytes.length < to - from) this.#bytes = Buffer.alloc(2 * (to - from));
    readInto(this.fd, this.#bytes.subarray(0, to - from), this.offset + from);
    this.#block = block;
    this.#at = this.#passed = 0;
  }
}
