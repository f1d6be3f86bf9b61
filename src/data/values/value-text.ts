import { BLOCK_ENTRIES, readInto } from './format.js';

/** One value of the text section, with the number of its column set. */
export interface TextEntry {
  value: string;
  columns: number;
}

interface Decoded extends TextEntry {
  isLast: boolean;
}

/** Where the text section is: in the file, and in memory too if it is kept. */
export interface TextPlace {
  fd: number;
  offset: number;
  bytes: number;
  kept: Uint8Array | undefined;
}

/** The values of an index, from memory or read from the file block by block. */
export class ValueText {
  #block = -1;
  #bytes: Uint8Array;
  /** Where the block starts in `#bytes`, where its next entry does, and how many come before that. */
  #start = 0;
  #at = 0;
  #passed = 0;
  /** The bytes of the entry before it, of which it repeats the first. */
  #value = Buffer.alloc(1 << 10);

  constructor(
    private readonly place: TextPlace,
    private readonly blocks: Uint32Array,
    private readonly count: number,
  ) {
    this.#bytes = place.kept ?? new Uint8Array(0);
  }

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
    if (block !== this.#block) this.#open(block);
    else if (block * BLOCK_ENTRIES + this.#passed > entry) this.#begin();
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

  #open(block: number): void {
    const { fd, offset, bytes, kept } = this.place;
    const from = this.blocks[block]!;
    if (kept !== undefined) this.#start = from;
    else {
      const length = (this.blocks[block + 1] ?? bytes) - from;
      if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length);
      readInto(fd, this.#bytes.subarray(0, length), offset + from);
    }
    this.#block = block;
    this.#begin();
  }

  #begin(): void {
    this.#at = this.#start;
    this.#passed = 0;
  }
}
