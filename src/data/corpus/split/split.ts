import { hash } from 'node:crypto';
import { hash48 } from '../../../base/hash.js';
import type { Sample } from '../sample.js';

/**
 * Where a sample belongs. The three held-out sets ask for more and more:
 *
 * - `test-values`: known phrasings and known statement skeletons, in pairs or with names that training never had
 * - `test-phrasing`: a phrasing or a statement skeleton that training never had
 * - `test-schema`: a schema that training never had
 *
 * No pair of skeletons of a held-out set is trained on. A sample of a held-out schema whose pair training may have
 * is `unused`.
 */
export type Split = 'train' | 'validation' | 'test-values' | 'test-phrasing' | 'test-schema' | 'unused';

export const SPLIT_UNITS = ['pair', 'statement'] as const;
export type SplitUnit = (typeof SPLIT_UNITS)[number];

export interface SplitOptions {
  /** Schemas kept for `test-schema`. */
  heldOutSchemas: readonly string[];
  /** Shares of phrasings and of statement skeletons that are never trained on. */
  heldOutPhrasings: number;
  heldOutSkeletons: number;
  /** Shares of the rest that go to validation and to `test-values`. */
  validation: number;
  test: number;
  /**
   * What `validation` and `test-values` hold out: `pair`, a (question skeleton, statement skeleton) pair; or, for
   * small corpora that have too few pairs to spare, `statement`: a statement with its names, however it is asked for.
   */
  unit: SplitUnit;
}

/** The split follows from the sample's skeletons, phrasing and schema alone: no worker needs to know another's. */
export function splitOf(sample: Sample, options: SplitOptions): Split {
  const isUnknownSchema = options.heldOutSchemas.includes(sample.schemaName);
  const split = splitOfKnownSchema(sample, options);
  if (!isUnknownSchema) return split;
  return split === 'validation' || split === 'test-values' ? 'test-schema' : 'unused';
}

function splitOfKnownSchema(sample: Sample, options: SplitOptions): Exclude<Split, 'test-schema' | 'unused'> {
  if (fraction('phrasing', sample.phrasing) < options.heldOutPhrasings) return 'test-phrasing';
  if (fraction('skeleton', sample.sqlSkeleton) < options.heldOutSkeletons) return 'test-phrasing';
  // Pairs are too many to be remembered, so theirs is a hash that costs nothing.
  const unit = unitKey(sample, options.unit);
  const place = options.unit === 'pair' ? hash48(unit) / 2 ** 48 : fraction('unit', unit);
  if (place < options.validation) return 'validation';
  return place < options.validation + options.test ? 'test-values' : 'train';
}

/** What `validation` and `test-values` hold out of a sample. */
export function unitKey(sample: HeldAgainst, unit: SplitUnit): string {
  return unit === 'pair' ? skeletonPairKey(sample) : `${sample.schemaName}\n${sample.record.sql}`;
}

/** What has to be known of a sample to hold it against another. */
export type HeldAgainst = Pick<Sample, 'questionSkeleton' | 'sqlSkeleton' | 'schemaName'> & {
  record: Pick<Sample['record'], 'question' | 'sql'>;
};

export function skeletonPairKey(sample: Pick<Sample, 'questionSkeleton' | 'sqlSkeleton'>): string {
  return `${sample.questionSkeleton}\n${sample.sqlSkeleton}`;
}

/** By salt and text. */
const fractions = new Map<string, Map<string, number>>();
const MAX_REMEMBERED = 100_000;

/** A number in [0, 1) that the text alone decides; the salt keeps the uses independent of each other. */
function fraction(salt: string, text: string): number {
  let known = fractions.get(salt);
  if (known === undefined) fractions.set(salt, (known = new Map()));
  let value = known.get(text);
  if (value === undefined) {
    value = parseInt(hash('sha256', `${salt}\n${text}`, 'hex').slice(0, 8), 16) / 0x1_0000_0000;
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(text, value);
  }
  return value;
}
