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
import { strangeness } from './score.js';

/** Two names that nothing places are refused, one is not; see `strangeness`. */
const LEAST_THRESHOLD = 0.7;

/** The score above which a question is refused, and how it was found. */
export interface Calibration {
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
 * Sets the threshold and measures it on other questions, all drawn evenly from the schemas. It is never below the weight of
 * one thing that the schema lacks: drawn questions name what they ask about more plainly than people do. The same options
 * give the same calibration.
 */
export function calibrate(options: CalibrationOptions): Calibration {
  const { schemas, foreign, knobs, seed, questions, allowedFalseRefusals = 0.02 } = options;
  const draw = (part: number): Asked[] => drawQuestions(schemas, knobs, seed + part, questions);

  const score = ({ record, values }: Sample, index: SchemaIndex): number =>
    strangeness({ question: record.question, placeholders: values }, index).score;
  const scores = draw(1).map(({ sample, index }) => score(sample, index));
  const threshold = Math.max(LEAST_THRESHOLD, thresholdFor(scores, allowedFalseRefusals));

  const share = (list: readonly number[]): number => shareOf(list, (value) => value > threshold);
  const measured = draw(2);
  // A schema of another field has no patients to whom anything happens.
  const foreignSource = new SampleSource([foreign], { ...knobs, eventShare: 0 });
  const others = measured.map(({ index }, i) => score(foreignSource.sample(seed + 3, i), index));
  const without = measured.map((asked) => score(asked.sample, withoutTables(asked)));
  return {
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
