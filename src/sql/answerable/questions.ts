import { z } from 'zod';
import type { CorpusKnobs } from '../../data/corpus/knobs.js';
import { SampleSource, type Sample } from '../../data/corpus/sample.js';
import { foldName } from '../../tsql/identifier.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';

export const share = z.number().min(0).max(1);

/** How well a threshold tells questions that can be answered from those that cannot: what every calibration holds. */
export const drawnFigures = z.object({
  seed: z.number().int(),
  schemas: z.array(z.string()),
  /** Questions of each kind that the rates were measured on; none of them set the threshold. */
  questions: z.number().int().positive(),
  /** The most answerable questions, as a share, that the threshold may refuse where it was set. */
  allowedFalseRefusals: share,
  /** Share of answerable questions that are refused. */
  falseRefusals: share,
  /** Share of questions that are refused when the tables of their own statement are taken out of the schema. */
  caughtMissingTables: share,
});

/** A question of the corpus and the schema that it asks. */
export interface Asked {
  sample: Sample;
  index: SchemaIndex;
}

/** Questions drawn evenly from the schemas; the same seed gives the same ones. */
export function drawQuestions(
  schemas: readonly SchemaIndex[],
  knobs: CorpusKnobs,
  seed: number,
  count: number,
): Asked[] {
  const sources = schemas.map((index) => new SampleSource([index], knobs));
  return Array.from({ length: count }, (_, i) => {
    const at = i % schemas.length;
    return { sample: sources[at]!.sample(seed, i), index: schemas[at]! };
  });
}

/** The least threshold that no more than so large a share of the scores is above. */
export function thresholdFor(scores: readonly number[], shareAbove: number): number {
  return [...scores].sort((a, b) => a - b)[Math.ceil((1 - shareAbove) * scores.length) - 1]!;
}

export function shareOf<T>(list: readonly T[], counts: (item: T) => boolean): number {
  return list.filter(counts).length / list.length;
}

/** The schema without the tables that the statement reads, and without the keys that point to them. */
export function withoutTables({ sample: { program }, index: { bundle } }: Asked): SchemaIndex {
  const gone = new Set(program.from.map(({ table }) => foldName(table)));
  const isKept = (table: string): boolean => !gone.has(foldName(table));
  const tables = bundle.tables
    .filter(({ name }) => isKept(name))
    .map((table) => ({
      ...table,
      foreignKeys: table.foreignKeys.filter(({ references }) => isKept(references.table)),
    }));
  const joins = (bundle.joins ?? []).filter(({ from, to }) =>
    [from, to].every((end) => isKept(end.slice(0, end.lastIndexOf('.')))),
  );
  return new SchemaIndex({ ...bundle, tables, joins });
}
