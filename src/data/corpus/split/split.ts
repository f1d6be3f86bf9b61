import { hash } from 'node:crypto';
import { hash48 } from '../../../base/hash.js';
import type { Sample } from '../sample.js';

/**
 * Where a sample belongs. The three test sets are increasingly hard:
 *
 * - `test-values`: known phrasings and statement skeletons, in pairs or with names that training never sees
 * - `test-phrasing`: a phrasing or a statement skeleton that training never sees
 * - `test-schema`: a schema that training never sees
 *
 * No skeleton pair of a held-out set is trained on. A sample of a held-out schema is `unused` if training may
 * contain its pair.
 */
export type Split = 'train' | 'validation' | 'test-values' | 'test-phrasing' | 'test-schema' | 'unused';

export const SPLIT_UNITS = ['pair', 'statement'] as const;
export type SplitUnit = (typeof SPLIT_UNITS)[number];

export interface SplitOptions {
  /** Schemas kept for `test-schema`. */
  heldOutSchemas: readonly string[];
  /** Shares of phrasings and of statement skeletons that are held out. */
  heldOutPhrasings: number;
  heldOutSkeletons: number;
  /** Shares of the remaining samples that go to `validation` and to `test-values`. */
  validation: number;
  test: number;
  /**
   * What `validation` and `test-values` hold out. `pair`: a (question skeleton, statement skeleton) pair.
   * `statement`: a statement with its names, however it is asked for; for corpora with too few pairs to spare.
   */
  unit: SplitUnit;
}

/** Depends only on the sample's skeletons, phrasing and schema, so workers need not know each other's samples. */
export function splitOf(sample: Sample, options: SplitOptions): Split {
  const isUnknownSchema = options.heldOutSchemas.includes(sample.schemaName);
  const split = splitOfKnownSchema(sample, options);
  if (!isUnknownSchema) return split;
  return split === 'validation' || split === 'test-values' ? 'test-schema' : 'unused';
}

function splitOfKnownSchema(sample: Sample, options: SplitOptions): Exclude<Split, 'test-schema' | 'unused'> {
  if (fraction('phrasing', sample.phrasing) < options.heldOutPhrasings) return 'test-phrasing';
  if (fraction('skeleton', sample.sqlSkeleton) < options.heldOutSkeletons) return 'test-phrasing';
  // There are too many pairs to cache, so they use a cheaper hash.
  const unit = unitKey(sample, options.unit);
  const place = options.unit === 'pair' ? hash48(unit) / 2 ** 48 : fraction('unit', unit);
  if (place < options.validation) return 'validation';
  return place < options.validation + options.test ? 'test-values' : 'train';
}

/** The key by which `validation` and `test-values` hold out a sample. */
export function unitKey(sample: HeldAgainst, unit: SplitUnit): string {
  return unit === 'pair' ? skeletonPairKey(sample) : `${sample.schemaName}\n${sample.record.sql}`;
}

/** The parts of a sample that decide whether it leaks another. */
export type HeldAgainst = Pick<Sample, 'questionSkeleton' | 'sqlSkeleton' | 'schemaName'> & {
  record: Pick<Sample['record'], 'question' | 'sql'>;
};

function skeletonPairKey(sample: Pick<Sample, 'questionSkeleton' | 'sqlSkeleton'>): string {
  return `${sample.questionSkeleton}\n${sample.sqlSkeleton}`;
}

/** Cached fractions, by salt and then text. */
const fractions = new Map<string, Map<string, number>>();
const MAX_REMEMBERED = 100_000;

/** A number in [0, 1) derived from the text alone; different salts give independent numbers. */
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
