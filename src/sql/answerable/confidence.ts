import { z } from 'zod';
import type { CorpusKnobs } from '../../data/corpus/knobs.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  drawQuestions,
  drawnFigures,
  share,
  shareOf,
  thresholdFor,
  withoutTables,
  type Asked,
} from './questions.js';

/** The file in a model's folder. */
export const CONFIDENCE_FILE = 'confidence.json';

export const confidenceCalibration = z.object({
  /** Steps of training behind the model that was asked. */
  step: z.number().int().min(0),
  /** Statements of less confidence (the mean; see `Confidence`) are refused. */
  threshold: share,
  /** A question for which no statement came counts as refused, and sets no threshold. */
  figures: drawnFigures,
});

/** Below which confidence a model's statements are refused, and how that was found. */
export type ConfidenceCalibration = z.infer<typeof confidenceCalibration>;

export interface ConfidenceOptions {
  schemas: readonly SchemaIndex[];
  knobs: CorpusKnobs;
  seed: number;
  /** Questions of each kind. */
  questions: number;
  allowedFalseRefusals?: number;
  /** Steps of training behind the model. */
  step: number;
}

/**
 * Sets the threshold on the confidence of statements for questions that can be answered, and measures on others what
 * it refuses. A model that knows as little of answerable questions as of any others catches nothing: the figures say so.
 *
 * @param ask the confidence of the statement that comes out of the pipeline; undefined where none does
 */
export async function calibrateConfidence(
  ask: (question: string, index: SchemaIndex) => Promise<number | undefined>,
  { schemas, knobs, seed, questions, step, allowedFalseRefusals = 0.05 }: ConfidenceOptions,
): Promise<ConfidenceCalibration> {
  const askAll = async (list: readonly Asked[]): Promise<(number | undefined)[]> => {
    const confidences: (number | undefined)[] = [];
    for (const { sample, index } of list) confidences.push(await ask(sample.rawQuestion, index));
    return confidences;
  };
  const known = await askAll(drawQuestions(schemas, knobs, seed, questions));
  const doubts = known.flatMap((confidence) => (confidence === undefined ? [] : [1 - confidence]));
  const threshold = doubts.length === 0 ? 0 : 1 - thresholdFor(doubts, allowedFalseRefusals);
  const refused = (confidences: readonly (number | undefined)[]): number =>
    shareOf(confidences, (value) => value === undefined || value < threshold);
  const measured = drawQuestions(schemas, knobs, seed + 1, questions);
  const without = measured.map((asked) => ({ ...asked, index: withoutTables(asked) }));
  return {
    step,
    threshold,
    figures: {
      seed,
      schemas: schemas.map(({ bundle }) => bundle.name),
      questions,
      allowedFalseRefusals,
      falseRefusals: refused(await askAll(measured)),
      caughtMissingTables: refused(await askAll(without)),
    },
  };
}
