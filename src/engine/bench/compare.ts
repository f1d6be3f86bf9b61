import type { Timing } from './statistics.js';

export type Verdict = 'better' | 'worse' | 'same';

export interface Comparison {
  name: string;
  verdict: Verdict;
  /** Time before divided by time now: above 1 is faster. */
  speedup: number;
  /** The change of the time, as a share of the time before, that noise alone could make. */
  noise: number;
}

/** Runs differ by this much though nothing changed: clocks and neighbours drift more slowly than repetitions show. */
export const DRIFT = 0.03;

/**
 * Half the width of a notch around a median, in the median's units: medians whose notches do not overlap differ at
 * about the 95% level (McGill, Tukey and Larsen 1978, Variations of box plots, section 4).
 */
function notch({ medianMs, spread, samples }: Timing): number {
  return (1.57 * spread * medianMs) / Math.sqrt(samples);
}

/**
 * Whether a time changed beyond noise: the notches of both runs do not overlap, and the medians differ by more than
 * runs of the same program do.
 */
export function compareTimings(before: Timing, now: Timing): Omit<Comparison, 'name'> {
  const noise =
    (notch(before) + notch(now) + DRIFT * Math.min(before.medianMs, now.medianMs)) / before.medianMs;
  const change = (now.medianMs - before.medianMs) / before.medianMs;
  const verdict = Math.abs(change) <= noise ? 'same' : change < 0 ? 'better' : 'worse';
  return { verdict, speedup: before.medianMs / now.medianMs, noise };
}

/** Compares what both runs measured, by name; the rest cannot be compared. */
export function compareRuns(
  before: readonly (Timing & { name: string })[],
  now: readonly (Timing & { name: string })[],
): { compared: Comparison[]; onlyBefore: string[]; onlyNow: string[] } {
  const earlier = new Map(before.map((result) => [result.name, result]));
  const names = new Set(now.map(({ name }) => name));
  return {
    compared: now
      .filter(({ name }) => earlier.has(name))
      .map((result) => ({ name: result.name, ...compareTimings(earlier.get(result.name)!, result) })),
    onlyBefore: before.map(({ name }) => name).filter((name) => !names.has(name)),
    onlyNow: now.map(({ name }) => name).filter((name) => !earlier.has(name)),
  };
}
