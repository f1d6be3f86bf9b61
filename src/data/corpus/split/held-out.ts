import { normaliseQuestion } from '../question/phrase.js';
import type { Sample, SampleSource } from '../sample.js';
import { splitOf, unitKey, type Split, type SplitOptions } from './split.js';

export type HeldOutName = Exclude<Split, 'train' | 'unused'>;
export const HELD_OUT_NAMES: readonly HeldOutName[] = [
  'validation',
  'test-values',
  'test-phrasing',
  'test-schema',
];

/** A sample of a held-out set: everything but the program, which the statement repeats. */
export type HeldOutQuestion = Omit<Sample, 'program' | 'isMended'>;
export type HeldOutSets = Record<HeldOutName, HeldOutQuestion[]>;

/** A sample that the split keeps out of training, and the set it may join. */
export interface HeldOutCandidate {
  set: HeldOutName;
  sample: HeldOutQuestion;
}

/** The sample as a candidate for its held-out set; undefined if the split does not hold it out. */
export function asCandidate(sample: Sample, options: SplitOptions): HeldOutCandidate | undefined {
  const set = splitOf(sample, options);
  if (set === 'train' || set === 'unused') return undefined;
  const { record, family, phrasing, schemaName, rawQuestion, values, questionSkeleton, sqlSkeleton } = sample;
  const kept = { record, family, phrasing, schemaName, rawQuestion, values, questionSkeleton, sqlSkeleton };
  return { set, sample: kept };
}

/** Fills the held-out sets with distinct questions, in the order in which candidates are offered. */
export class HeldOutCollector {
  readonly sets: HeldOutSets = { validation: [], 'test-values': [], 'test-phrasing': [], 'test-schema': [] };
  private readonly questions = new Set<string>();

  /** @param size questions in a full set */
  constructor(private readonly size: number) {}

  offer({ set, sample }: HeldOutCandidate): void {
    if (this.sets[set].length >= this.size) return;
    const question = normaliseQuestion(sample.record.question);
    if (this.questions.has(question)) return;
    this.questions.add(question);
    this.sets[set].push(sample);
  }

  hasFull(names: readonly HeldOutName[]): boolean {
    return names.every((name) => this.sets[name].length >= this.size);
  }
}

/**
 * The held-out sets, each with up to `size` distinct questions, from the first `limit` samples of the seed. They
 * are small and built first, because every training sample is compared with them.
 *
 * @param limit ends the search if a set cannot be filled (for example, if no schema is held out)
 */
export function buildHeldOutSets(
  source: SampleSource,
  seed: number,
  options: SplitOptions,
  size: number,
  limit = 200 * size,
): HeldOutSets {
  const collector = new HeldOutCollector(size);
  for (let i = 0; i < limit && !collector.hasFull(HELD_OUT_NAMES); i++) {
    const candidate = asCandidate(source.sample(seed, i), options);
    if (candidate !== undefined) collector.offer(candidate);
  }
  return collector.sets;
}

/** What no training sample may contain: normalised questions and pairs (or statements) of the held-out sets. */
export interface HeldOutKeys {
  questions: string[];
  units: string[];
}

export function heldOutKeys(sets: HeldOutSets, { unit }: Pick<SplitOptions, 'unit'>): HeldOutKeys {
  const samples = HELD_OUT_NAMES.flatMap((name) => sets[name]);
  return {
    questions: samples.map(({ record }) => normaliseQuestion(record.question)),
    units: samples.map((sample) => unitKey(sample, unit)),
  };
}

/**
 * Decides which samples may be trained on: those that the split assigns to training and whose question is in no
 * held-out set. The split alone cannot see the latter: two schemas can share a question whose statements have
 * different skeletons.
 */
export class TrainingGate {
  private readonly questions: ReadonlySet<string>;
  private readonly units: ReadonlySet<string>;

  constructor(
    keys: HeldOutKeys,
    private readonly options: SplitOptions,
  ) {
    this.questions = new Set(keys.questions);
    this.units = new Set(keys.units);
  }

  admits(sample: Sample): boolean {
    return (
      splitOf(sample, this.options) === 'train' &&
      !this.questions.has(normaliseQuestion(sample.record.question)) &&
      !this.units.has(unitKey(sample, this.options.unit))
    );
  }
}
