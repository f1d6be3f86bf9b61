import type { BuiltCorpus } from './built-corpus.js';
import type { HeldOutName } from '../split/held-out.js';
import { LeakChecker, type Leak } from '../split/leaks.js';
import type { HeldAgainst, SplitUnit } from '../split/split.js';
import { SPLIT_UNITS, unitKey } from '../split/split.js';
import { skeletonOfText } from '../statement/skeleton-of-text.js';
import { DataError } from '../../errors.js';
import type { RecordOrigin } from '../../shards/origins.js';
import { hash48 } from '../../../base/hash.js';

export interface FoundLeak extends Leak {
  /** Number of the training record, its question and its statement. */
  record: number;
  question: string;
  sql: string;
}

export interface CheckReport {
  /** Training records checked. */
  records: number;
  heldOut: Record<HeldOutName, number>;
  leaks: number;
  /** The first leaks, at most 20. */
  found: FoundLeak[];
}

const SHOWN = 20;

/**
 * Reads a corpus back and compares every training record with the held-out sets: training may contain none of their
 * normalised questions and none of their (question skeleton, statement skeleton) pairs. Questions and statements are
 * decoded from the tokens. Question skeletons come from the origins that the builder stored. As proof that these
 * belong to the records, each statement's skeleton is recomputed and must match.
 *
 * @throws DataError `corpus-damaged` if one does not match; also what reading throws
 */
export async function checkCorpus(
  corpus: BuiltCorpus,
  onProgress?: (done: number) => void,
): Promise<CheckReport> {
  const sets = await corpus.heldOutSets();
  const unit = unitOf(corpus.index.config);
  const checker = new LeakChecker(sets, unit, (sample) => keyOf(sample, unit));
  const report: CheckReport = {
    records: 0,
    heldOut: {
      validation: sets.validation.length,
      'test-values': sets['test-values'].length,
      'test-phrasing': sets['test-phrasing'].length,
      'test-schema': sets['test-schema'].length,
    },
    leaks: 0,
    found: [],
  };
  for await (const { number, record, origin } of corpus.records()) {
    if (hash48(skeletonOfText(record.sql)) !== origin.sqlSkeleton) {
      throw new DataError({
        code: 'corpus-damaged',
        file: corpus.folder,
        field: `record ${number}`,
        message: 'its statement does not match the skeleton that was stored when it was built',
        hint: 'build the corpus again',
      });
    }
    const key =
      unit === 'pair'
        ? pairOfHashes(origin)
        : unitKey({ record, schemaName: origin.schema, questionSkeleton: '', sqlSkeleton: '' }, unit);
    for (const leak of checker.checkKeys(record.question, key)) {
      report.leaks++;
      if (report.found.length < SHOWN)
        report.found.push({ ...leak, record: number, question: record.question, sql: record.sql });
    }
    if (++report.records % 1000 === 0) onProgress?.(report.records);
  }
  onProgress?.(report.records);
  return report;
}

/** The first leak of a report as an error; undefined if there is none. */
export function leakError(folder: string, { leaks, found }: CheckReport): DataError | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  const { set, shared, text, record, question, sql } = first;
  return new DataError({
    code: 'corpus-leak',
    file: folder,
    field: `record ${record}`,
    message:
      `${leaks} leaks; the first: ${JSON.stringify(question)} (${sql}) shares its ${shared} with ${set}: ` +
      JSON.stringify(text),
    hint: 'build the corpus again; results measured with this one are not valid',
  });
}

function keyOf(sample: HeldAgainst, unit: SplitUnit): string {
  if (unit === 'statement') return unitKey(sample, unit);
  return pairOfHashes({
    questionSkeleton: hash48(sample.questionSkeleton),
    sqlSkeleton: hash48(sample.sqlSkeleton),
  });
}

function pairOfHashes({
  questionSkeleton,
  sqlSkeleton,
}: Pick<RecordOrigin, 'questionSkeleton' | 'sqlSkeleton'>): string {
  return `${questionSkeleton}/${sqlSkeleton}`;
}

function unitOf(config: unknown): SplitUnit {
  const unit = (config as { split?: { unit?: SplitUnit } } | null)?.split?.unit;
  return SPLIT_UNITS.find((known) => known === unit) ?? 'pair';
}
