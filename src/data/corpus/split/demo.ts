import type { Sample, SampleSource } from '../sample.js';
import { splitOf, type SplitOptions } from './split.js';

/** The demo corpus has too few skeletons to hold any out. It holds out statements, however they are asked for. */
export const DEMO_SPLIT: SplitOptions = {
  heldOutSchemas: [],
  heldOutPhrasings: 0,
  heldOutSkeletons: 0,
  validation: 0.05,
  test: 0.1,
  unit: 'statement',
};

/**
 * The first `count` questions of the held-out set, which no training sample of any seed contains. Each comes from a
 * different family and concerns a different table where the knobs allow it.
 */
export function heldOutDemoQuestions(source: SampleSource, seed: number, count = 5): Sample[] {
  const chosen: Sample[] = [];
  const enough = 2000;
  // Strictest first; each later rule fills the places that are still open.
  const alike: ((a: Sample, b: Sample) => boolean)[] = [
    (a, b) => a.family === b.family || tableOf(a) === tableOf(b),
    (a, b) => tableOf(a) === tableOf(b),
    (a, b) => a.record.question === b.record.question,
  ];
  for (const isAlike of alike) {
    for (let i = 0; i < enough && chosen.length < count; i++) {
      const sample = source.sample(seed, i);
      if (splitOf(sample, DEMO_SPLIT) !== 'test-values') continue;
      if (!chosen.some((other) => isAlike(other, sample))) chosen.push(sample);
    }
  }
  return chosen;
}

function tableOf(sample: Sample): string {
  return sample.program.from[0]!.table;
}
