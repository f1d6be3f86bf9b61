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

/** The calibration's file name in a model folder. */
export const CONFIDENCE_FILE = 'confidence.json';

export const confidenceCalibration = z.object({
  /** Training step of the model that was measured. */
  step: z.number().int().min(0),
  /** Statements with a lower mean `Confidence` are refused. */
  threshold: share,
  /** A question without a statement counts as refused, and does not affect the threshold. */
  figures: drawnFigures,
});

/** The confidence below which a model's statements are refused, and how it was found. */
export type ConfidenceCalibration = z.infer<typeof confidenceCalibration>;

export interface ConfidenceOptions {
  schemas: readonly SchemaIndex[];
  knobs: CorpusKnobs;
  seed: number;
  /** Questions of each kind. */
  questions: number;
  /** The most answerable questions, as a share, that may be refused (default 0.05). */
  allowedFalseRefusals?: number | undefined;
  /** Training step of the model. */
  step: number;
}

/**
 * Sets the threshold from the confidence in statements for answerable questions, then measures on other questions what
 * it refuses. If the model is no surer of answerable questions than of others, the threshold is useless; the figures
 * show it.
 *
 * @param ask runs the pipeline and returns the confidence in its statement; undefined if there is none
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
