/** Entries of a full cache; a power of two. */
const SLOTS = 1 << 16;
const MOST = SLOTS / 2;

/** Pieces longer than this (in UTF-16 units) are not remembered: some 10 MB at most. */
export const LONGEST_CACHED = 64;

/**
 * Token ids of pieces, looked up by a stretch of a text without cutting it out: a hash table with open addressing.
 * When it is full everything is forgotten, which is cheaper than keeping track of what was used last.
 */
export class PieceCache {
  private readonly hashes = new Int32Array(SLOTS);
  private texts = new Array<string | undefined>(SLOTS).fill(undefined);
  private readonly ids = new Array<readonly number[]>(SLOTS).fill([]);
  private size = 0;

  /** Ids of `text.slice(start, end)`, or undefined. */
  get(text: string, start: number, end: number): readonly number[] | undefined {
    const hash = hashOf(text, start, end);
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const known = this.texts[slot];
      if (known === undefined) return undefined;
      if (this.hashes[slot] === hash && isSame(known, text, start, end)) return this.ids[slot];
    }
  }

  /** Remembers the ids of a piece that is not known yet. */
  add(piece: string, ids: readonly number[]): void {
    if (piece.length > LONGEST_CACHED) return;
    if (this.size >= MOST) {
      this.texts.fill(undefined);
      this.size = 0;
    }
    const hash = hashOf(piece, 0, piece.length);
    let slot = hash & (SLOTS - 1);
    while (this.texts[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1);
    this.hashes[slot] = hash;
    this.texts[slot] = piece;
    this.ids[slot] = ids;
    this.size++;
  }
}

function hashOf(text: string, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(known: string, text: string, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}
