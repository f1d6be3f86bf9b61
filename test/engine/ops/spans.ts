import type { Random } from '../numerics.js';

/** Spans [B, T, 2] of rows that hold records of these lengths. */
export function spansOf(rows: readonly (readonly number[])[]): Uint32Array {
  const pairs = rows.flatMap((lengths) => {
    let first = 0;
    return lengths.flatMap((length) => {
      const span = [first, first + length];
      first += length;
      return Array.from({ length }, () => span).flat();
    });
  });
  return Uint32Array.from(pairs);
}

/** Lengths from 1 to `longest` that fill each of B rows of T positions. */
export function randomLengths(random: Random, B: number, T: number, longest: number): number[][] {
  return Array.from({ length: B }, () => {
    const lengths: number[] = [];
    for (let left = T; left > 0; left -= lengths.at(-1)!) {
      lengths.push(random.integer(1, Math.min(left, longest)));
    }
    return lengths;
  });
}
