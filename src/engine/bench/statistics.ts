/** Summary of a repeated measurement. Times in milliseconds. */
export interface Timing {
  medianMs: number;
  /** (third quartile - first) / median. */
  spread: number;
  /** Repetitions measured. */
  samples: number;
}

/** The value below which `share` of the sorted values lie, interpolated between neighbours. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

export function summarise(timesMs: readonly number[]): Timing {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const medianMs = quantile(sorted, 0.5);
  const spread = medianMs > 0 ? (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / medianMs : 0;
  return { medianMs, spread, samples: sorted.length };
}

/** ‖a - b‖ / ‖b‖; NaN anywhere gives NaN, which no tolerance passes. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
