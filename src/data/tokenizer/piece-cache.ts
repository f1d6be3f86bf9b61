import type { IdBuffer } from './id-buffer.js';

/** Places for entries (a power of two), of which half are used; room for the bytes and ids of all of them: 3 MB. */
const SLOTS = 1 << 16;
const MOST = SLOTS / 2;
const KEY_BYTES = 1 << 20;
const ID_ROOM = 1 << 18;

/** Bytes of the longest piece that is remembered. */
const LONGEST = 64;

/** Of an entry: hash, place of its bytes, their number and that of its ids (0: no entry), place of the ids. */
const [HASH, KEY, COUNTS, IDS] = [0, 1, 2, 3];
const FIELDS = 4;

/** Both numbers in one: a piece has at most as many ids as bytes. */
function counts(bytes: number, ids: number): number {
  return bytes * 256 + ids;
}

/**
 * Token ids of pieces, looked up by a stretch of a text without cutting it out: a hash table with open addressing,
 * all of it numbers in a few arrays. When it is full everything is forgotten, which is cheaper than keeping track
 * of what was used last.
 */
export class PieceCache {
  private readonly entries = new Int32Array(SLOTS * FIELDS);
  private readonly keys = new Uint8Array(KEY_BYTES);
  private readonly ids = new Uint32Array(ID_ROOM);
  private size = 0;
  private keysUsed = 0;
  private idsUsed = 0;

  /** Adds the ids of the bytes from `start` to `end` to the buffer; false when they are not known. */
  addTo(out: IdBuffer, text: Uint8Array, start: number, end: number): boolean {
    const entry = this.find(text, start, end, hashOf(text, start, end));
    if (this.entries[entry + COUNTS] === 0) return false;
    const first = this.entries[entry + IDS]!;
    const count = this.entries[entry + COUNTS]! % 256;
    // A single id, as most pieces have, stands in the entry itself.
    if (count === 1) out.add(first);
    else out.addAll(this.ids, first, first + count);
    return true;
  }

  /** Remembers the ids of a piece that is not known yet. */
  remember(text: Uint8Array, start: number, end: number, ids: readonly number[]): void {
    const length = end - start;
    if (length > LONGEST) return;
    const isFull =
      this.size === MOST || this.keysUsed + length > KEY_BYTES || this.idsUsed + ids.length > ID_ROOM;
    if (isFull) this.forgetAll();
    const hash = hashOf(text, start, end);
    const entry = this.find(text, start, end, hash);
    this.entries[entry + HASH] = hash;
    this.entries[entry + KEY] = this.keysUsed;
    this.entries[entry + COUNTS] = counts(length, ids.length);
    this.entries[entry + IDS] = ids.length === 1 ? ids[0]! : this.idsUsed;
    this.keys.set(text.subarray(start, end), this.keysUsed);
    this.ids.set(ids, this.idsUsed);
    this.keysUsed += length;
    this.idsUsed += ids.length;
    this.size++;
  }

  /** Place of the entry of these bytes, or of the free one where it belongs. */
  private find(text: Uint8Array, start: number, end: number, hash: number): number {
    const { entries } = this;
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const entry = slot * FIELDS;
      const known = entries[entry + COUNTS]!;
      if (known === 0) return entry;
      if (entries[entry + HASH] !== hash || known >> 8 !== end - start) continue;
      if (this.holds(entries[entry + KEY]!, text, start, end)) return entry;
    }
  }

  private holds(key: number, text: Uint8Array, start: number, end: number): boolean {
    for (let i = start; i < end; i++, key++) if (this.keys[key] !== text[i]) return false;
    return true;
  }

  private forgetAll(): void {
    this.entries.fill(0);
    this.size = this.keysUsed = this.idsUsed = 0;
  }
}

function hashOf(text: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
