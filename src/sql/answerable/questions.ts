import { z } from 'zod';
import type { CorpusKnobs } from '../../data/corpus/knobs.js';
import { SampleSource, type Sample } from '../../data/corpus/sample.js';
import { foldTableName } from '../../tsql/identifier.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';

export const share = z.number().min(0).max(1);

/** How well a threshold separates answerable questions from others: part of every calibration. */
export const drawnFigures = z.object({
  seed: z.number().int(),
  schemas: z.array(z.string()),
  /** Questions of each kind behind the rates. They are not those that set the threshold. */
  questions: z.number().int().positive(),
  /** The most answerable questions, as a share, that the threshold was allowed to refuse when it was set. */
  allowedFalseRefusals: share,
  /** Share of answerable questions that are refused. */
  falseRefusals: share,
  /** Share of questions that are refused if the tables of their own statement are removed from the schema. */
  caughtMissingTables: share,
});

/** A corpus question and the schema it is about. */
export interface Asked {
  sample: Sample;
  index: SchemaIndex;
}

/** Draws questions evenly from the schemas. The same seed gives the same questions. */
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

/** The lowest threshold that at most `shareAbove` of the scores exceed. */
export function thresholdFor(scores: readonly number[], shareAbove: number): number {
  return [...scores].sort((a, b) => a - b)[Math.ceil((1 - shareAbove) * scores.length) - 1]!;
}

export function shareOf<T>(list: readonly T[], counts: (item: T) => boolean): number {
  return list.filter(counts).length / list.length;
}

/** The schema without the tables that the statement reads and without the keys that reference them. */
export function withoutTables({ sample: { program }, index: { bundle } }: Asked): SchemaIndex {
  const gone = new Set(program.from.map(({ table }) => foldTableName(table)));
  const isKept = (table: string): boolean => !gone.has(foldTableName(table));
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
