import { Heap } from './heap.js';

/** A merge: neighbours `left` and `right` become `merged`. Its rank is its index in the list. */
export interface Merge {
  left: number;
  right: number;
  merged: number;
}

/** Largest vocabulary: a pair of ids must fit in one safe integer. */
export const MAX_VOCAB_SIZE = 2 ** 20;

export function pairKey(left: number, right: number): number {
  return left * MAX_VOCAB_SIZE + right;
}

/**
 * Applies merges to one piece of text: repeatedly merges the neighbouring pair of lowest rank, leftmost first, until
 * none is left. O(n log n) in the piece's length, because a question may be one long word.
 */
export class MergeTable {
  private readonly rankOfPair = new Map<number, number>();
  private readonly mergedOfRank: number[] = [];

  constructor(merges: readonly Merge[]) {
    for (const { left, right, merged } of merges) {
      const key = pairKey(left, right);
      if (this.rankOfPair.has(key)) continue;
      this.rankOfPair.set(key, this.mergedOfRank.length);
      this.mergedOfRank.push(merged);
    }
  }

  /** Returns the ids after all merges. `ids` has one token id per byte of the piece and is overwritten. */
  apply(ids: number[]): number[] {
    const n = ids.length;
    if (n < 2) return ids;
    // A linked list over the positions: `after[i]` is the next live one. A merged-away position has id -1.
    const before = new Int32Array(n);
    const after = new Int32Array(n);
    // Candidates sort by rank, then by position: rank × n + position.
    const candidates = new Heap<number>((a, b) => a < b);
    const propose = (position: number): void => {
      const next = after[position]!;
      if (next >= n) return;
      const rank = this.rankOfPair.get(pairKey(ids[position]!, ids[next]!));
      if (rank !== undefined) candidates.push(rank * n + position);
    };
    for (let i = 0; i < n; i++) {
      before[i] = i - 1;
      after[i] = i + 1;
    }
    for (let i = 0; i + 1 < n; i++) propose(i);

    for (let candidate = candidates.pop(); candidate !== undefined; candidate = candidates.pop()) {
      const position = candidate % n;
      const rank = (candidate - position) / n;
      const next = after[position]!;
      // Earlier merges may have taken either side of the pair since it was proposed.
      if (ids[position] === -1 || next >= n) continue;
      if (this.rankOfPair.get(pairKey(ids[position]!, ids[next]!)) !== rank) continue;
      ids[position] = this.mergedOfRank[rank]!;
      ids[next] = -1;
      const following = after[next]!;
      after[position] = following;
      if (following < n) before[following] = position;
      if (before[position]! >= 0) propose(before[position]!);
      propose(position);
    }
    return ids.filter((id) => id !== -1);
  }
}
