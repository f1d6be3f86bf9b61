import type { z } from 'zod';
import type { CorpusKnobs } from '../../data/corpus/knobs.js';
import { SampleSource, type Sample } from '../../data/corpus/sample.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  drawQuestions,
  type drawnFigures,
  shareOf,
  thresholdFor,
  withoutTables,
  type Asked,
} from './questions.js';
import { strangeness, unexplainedWords, type WordCounts } from './score.js';

/** The score above which a question is refused, and how it was found. */
export interface Calibration {
  counts: WordCounts;
  threshold: number;
  figures: CalibrationFigures;
}

export interface CalibrationFigures extends z.infer<typeof drawnFigures> {
  /** Share of refused questions among those about an unrelated schema. */
  caughtOtherSchema: number;
}

export interface CalibrationOptions {
  schemas: readonly SchemaIndex[];
  /** A schema from another field, whose questions none of `schemas` can answer. */
  foreign: SchemaIndex;
  knobs: CorpusKnobs;
  seed: number;
  /** Questions of each kind. */
  questions: number;
  /** The most answerable questions, as a share, that may be refused (default 0.02). */
  allowedFalseRefusals?: number | undefined;
}

/**
 * Counts words, sets the threshold and measures it, each on separate questions drawn evenly from the schemas. The same
 * options give the same calibration.
 */
export function calibrate(options: CalibrationOptions): Calibration {
  const { schemas, foreign, knobs, seed, questions, allowedFalseRefusals = 0.02 } = options;
  const draw = (part: number): Asked[] => drawQuestions(schemas, knobs, seed + part, questions);

  const counts = countWords(draw(0));
  const score = (sample: Sample, index: SchemaIndex): number =>
    strangeness(sample.record.question, index, counts).score;
  const scores = draw(1).map(({ sample, index }) => score(sample, index));
  const threshold = thresholdFor(scores, allowedFalseRefusals);

  const share = (list: readonly number[]): number => shareOf(list, (value) => value > threshold);
  const measured = draw(2);
  const foreignSource = new SampleSource([foreign], knobs);
  const others = measured.map(({ index }, i) => score(foreignSource.sample(seed + 3, i), index));
  const without = measured.map((asked) => score(asked.sample, withoutTables(asked)));
  return {
    counts,
    threshold,
    figures: {
      seed,
      schemas: schemas.map(({ bundle }) => bundle.name),
      questions,
      allowedFalseRefusals,
      falseRefusals: share(measured.map(({ sample, index }) => score(sample, index))),
      caughtOtherSchema: share(others),
      caughtMissingTables: share(without),
    },
  };
}

function countWords(drawn: readonly Asked[]): WordCounts {
  const words = new Map<string, number>();
  for (const { sample, index } of drawn) {
    for (const [word] of unexplainedWords(sample.record.question, index)) {
      words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  const kept = [...words].filter(([, held]) => held > 1).sort(([a], [b]) => (a < b ? -1 : 1));
  return { questions: drawn.length, words: Object.fromEntries(kept) };
}
