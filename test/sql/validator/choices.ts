/** A source of choices: `pick(n)` is a whole number from 0 to n - 1. Choosing 0 always leads to something small. */
export type Pick = (n: number) => number;

/** Choices from a list of numbers, which fast-check makes and shrinks; 0 once the list is used up. */
export function picksFrom(numbers: readonly number[]): Pick {
  let i = 0;
  return (n) => (i < numbers.length ? numbers[i++]! % n : 0);
}

/** An endless source of choices from a seed (mulberry32). */
export function seededPicks(seed: number): Pick {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

export function pickOf<T>(pick: Pick, items: readonly T[]): T {
  return items[pick(items.length)]!;
}
