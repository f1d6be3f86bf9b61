/** Edit distance (insertions, deletions, substitutions, swapped neighbours), or `limit + 1` beyond the limit. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) d = Math.min(d, beforePrevious[j - 2]! + 1);
      current.push(d);
      best = Math.min(best, d);
    }
    if (best > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The candidate that a misspelt name most likely means; undefined if none is close. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  const wanted = name.toLowerCase();
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let found: string | undefined;
  for (const candidate of candidates) {
    const d = distance(wanted, candidate.toLowerCase(), limit);
    if (d > limit || (found !== undefined && d === limit)) continue;
    limit = d;
    found = candidate;
  }
  return found;
}

/** The `count` candidates that need the fewest edits to become `name`, nearest first. */
export function nearestNames(name: string, candidates: readonly string[], count: number): string[] {
  const edits = new Map(candidates.map((candidate) => [candidate, distance(name, candidate, Infinity)]));
  return [...candidates].sort((a, b) => edits.get(a)! - edits.get(b)!).slice(0, count);
}

/** `; did you mean 'person'?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = closest(name, candidates);
  return found === undefined ? '' : `; did you mean '${found}'?`;
}
