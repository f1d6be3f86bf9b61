import { DRIFT } from './compare.js';
import type { Timing } from './statistics.js';
import type { VariantResult } from './variants.js';

/** What the choice depends on. */
type Timed = Timing & Pick<VariantResult, 'use' | 'variant' | 'right' | 'chosen'>;

/**
 * For each use, the fastest right variant that is faster than the chosen one beyond noise, as `storeChoices` takes them.
 * A use without an entry keeps the chosen one.
 */
export function fastest({ results }: { results: readonly Timed[] }): Record<string, string> {
  const choices: Record<string, Timed> = {};
  for (const result of results) {
    const chosen = results.find((one) => one.use === result.use && one.chosen)!;
    if (result === chosen || !result.right || (chosen.right && !beats(result, chosen))) continue;
    const best = choices[result.use];
    if (!best || result.medianMs < best.medianMs) choices[result.use] = result;
  }
  return Object.fromEntries(Object.entries(choices).map(([use, { variant }]) => [use, variant]));
}

/** Whether the gain is more than both spreads together, and more than runs of the same program differ by. */
function beats(one: Timing, chosen: Timing): boolean {
  const noise = one.spread * one.medianMs + chosen.spread * chosen.medianMs;
  return chosen.medianMs - one.medianMs > Math.max(noise, DRIFT * chosen.medianMs);
}
