import { normaliseQuestion } from './phrase.js';
import type { Sample, SampleSource } from './sample.js';
import { pairKey, splitOf, type Split, type SplitOptions } from './split.js';

export type HeldOutName = Exclude<Split, 'train' | 'unused'>;
export const HELD_OUT_NAMES: readonly HeldOutName[] = [
  'validation',
  'test-values',
  'test-phrasing',
  'test-schema',
];
export type HeldOutSets = Record<HeldOutName, Sample[]>;

/**
 * The held-out sets, each with up to `size` different questions, from the first `limit` samples of the seed. They
 * are small and made first, so that everyone who makes training samples can hold each against them.
 *
 * @param limit stops the search when a set cannot be filled (no schema is held out, say)
 */
export function buildHeldOutSets(
  source: SampleSource,
  seed: number,
  options: SplitOptions,
  size: number,
  limit = 200 * size,
): HeldOutSets {
  const sets: HeldOutSets = { validation: [], 'test-values': [], 'test-phrasing': [], 'test-schema': [] };
  const questions = new Set<string>();
  for (let i = 0; i < limit && HELD_OUT_NAMES.some((name) => sets[name].length < size); i++) {
    const sample = source.sample(seed, i);
    const split = splitOf(sample, options);
    if (split === 'train' || split === 'unused' || sets[split].length >= size) continue;
    const question = normaliseQuestion(sample.record.question);
    if (questions.has(question)) continue;
    questions.add(question);
    sets[split].push(sample);
  }
  return sets;
}

/**
 * Says which samples may be trained on: those that the split gives to training and whose question no held-out set
 * holds. (Two schemas can share a question whose statements differ in their skeletons; the split cannot see that.)
 */
export class TrainingGate {
  private readonly questions = new Set<string>();
  private readonly pairs = new Set<string>();

  constructor(
    sets: HeldOutSets,
    private readonly options: SplitOptions,
  ) {
    for (const name of HELD_OUT_NAMES) {
      for (const sample of sets[name]) {
        this.questions.add(normaliseQuestion(sample.record.question));
        this.pairs.add(pairKey(sample));
      }
    }
  }

  admits(sample: Sample): boolean {
    return (
      splitOf(sample, this.options) === 'train' &&
      !this.questions.has(normaliseQuestion(sample.record.question)) &&
      !this.pairs.has(pairKey(sample))
    );
  }
}
