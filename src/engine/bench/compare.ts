import type { Timing } from './statistics.js';

/** Whether a kernel became faster or slower than noise explains. */
export type TimingVerdict = 'better' | 'worse' | 'same';

/** One kernel's time in two runs. */
export interface TimingComparison {
  name: string;
  verdict: TimingVerdict;
  /** Earlier time divided by later time: above 1 is faster. */
  speedup: number;
  /** The change that noise alone could cause, as a share of the earlier time. */
  noise: number;
}

/** Two runs of the same program differ by this share: clocks and other load drift too slowly for repetitions to show. */
export const DRIFT = 0.03;

/**
 * Half the width of the notch around a median, in the median's units. Medians whose notches do not overlap differ at
 * about the 95% level (McGill, Tukey and Larsen 1978, Variations of box plots, section 4).
 */
function notch({ medianMs, spread, samples }: Timing): number {
  return (1.57 * spread * medianMs) / Math.sqrt(samples);
}

/**
 * Whether a time changed beyond noise: the notches of the two runs do not overlap, and the medians differ by more than
 * two runs of the same program do.
 */
export function compareTimings(before: Timing, now: Timing): Omit<TimingComparison, 'name'> {
  const noise =
    (notch(before) + notch(now) + DRIFT * Math.min(before.medianMs, now.medianMs)) / before.medianMs;
  const change = (now.medianMs - before.medianMs) / before.medianMs;
  const verdict = Math.abs(change) <= noise ? 'same' : change < 0 ? 'better' : 'worse';
  return { verdict, speedup: before.medianMs / now.medianMs, noise };
}

/** Two runs, compared by name. */
export interface RunComparison {
  compared: TimingComparison[];
  onlyBefore: string[];
  onlyNow: string[];
}

/** Compares the results that both runs have. */
export function compareRuns(
  before: readonly (Timing & { name: string })[],
  now: readonly (Timing & { name: string })[],
): RunComparison {
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
