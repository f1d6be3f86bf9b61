import type { IdBuffer } from './id-buffer.js';

/** Slots of the hash table (a power of two, at most half of them used), and room for bytes and ids. 3 MB in all. */
const SLOTS = 1 << 16;
const MOST = SLOTS / 2;
const KEY_BYTES = 1 << 20;
const ID_ROOM = 1 << 18;

/** Bytes of the longest piece that is cached. */
const LONGEST = 64;

/** Fields of an entry: hash, offset of its bytes, counts of bytes and ids (0: no entry), offset of its ids. */
const [HASH, KEY, COUNTS, IDS] = [0, 1, 2, 3];
const FIELDS = 4;

/** Packs both counts into one number; a piece has at most as many ids as bytes. */
function counts(bytes: number, ids: number): number {
  return bytes * 256 + ids;
}

/**
 * Caches the token ids of pieces, looked up by a range of a text's bytes without copying it. It is a hash table with
 * open addressing in a few typed arrays. When full, it is emptied, which is cheaper than tracking what was used last.
 */
export class PieceCache {
  private readonly entries = new Int32Array(SLOTS * FIELDS);
  private readonly keys = new Uint8Array(KEY_BYTES);
  private readonly ids = new Uint32Array(ID_ROOM);
  private size = 0;
  private keysUsed = 0;
  private idsUsed = 0;

  /** Adds the ids of the bytes from `start` to `end` to the buffer; false if they are not cached. */
  addTo(out: IdBuffer, text: Uint8Array, start: number, end: number): boolean {
    const entry = this.find(text, start, end, hashOf(text, start, end));
    if (this.entries[entry + COUNTS] === 0) return false;
    const first = this.entries[entry + IDS]!;
    const count = this.entries[entry + COUNTS]! % 256;
    // Most pieces have a single id, which is stored in the entry itself.
    if (count === 1) out.add(first);
    else out.addAll(this.ids, first, first + count);
    return true;
  }

  /** Caches the ids of a piece that is not cached yet. */
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

  /** Offset of the entry of these bytes, or of the free entry where it belongs. */
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
