import { z } from 'zod';
import type { Evaluated } from '../eval/evaluate.js';
import { share } from './questions.js';

/** The calibration's file name in a model folder. */
export const CONFIDENCE_FILE = 'confidence.json';

const setFigures = z.object({
  /** Answerable questions that were asked. */
  questions: z.number().int().min(0),
  /** Share of them that get no statement at the threshold. */
  refused: share,
  /** Share of the statements given that are wrong, without a threshold and with it. */
  wrongBefore: share,
  wrong: share,
});

export const confidenceCalibration = z.object({
  /** Training step of the model that was measured. */
  step: z.number().int().min(0),
  /** Statements with a lower `Confidence.whole` are refused. */
  threshold: share,
  /** The most of the given answers that may be wrong. */
  allowedWrong: share,
  /** Statements that the model wrote for each question. */
  candidates: z.number().int().positive(),
  /** From which probability on, and how often such answers are right; both rise. */
  curve: z.array(z.tuple([share, share])),
  /** By set. Half of the questions set the threshold; these are the other half. */
  figures: z.record(z.string(), setFigures),
});

/** The probability below which a model's statements are refused, and how it was found. */
export type ConfidenceCalibration = z.infer<typeof confidenceCalibration>;

export interface ConfidenceOptions {
  /** Training step of the model. */
  step: number;
  candidates: number;
  /** The most of the given answers, as a share, that may be wrong (default 0.05). */
  allowedWrong?: number | undefined;
}

/**
 * Finds the lowest threshold at which few of the given answers are wrong, on every second question of all sets, and
 * measures it on the others.
 *
 * @param sets answers to held-out questions, given without a threshold
 */
export function calibrateConfidence(
  sets: ReadonlyMap<string, readonly Evaluated[]>,
  { step, candidates, allowedWrong = 0.05 }: ConfidenceOptions,
): ConfidenceCalibration {
  const setting = [...sets.values()].flatMap((results) => results.filter((_, i) => i % 2 === 0));
  const threshold = thresholdOf(setting, allowedWrong);
  const figures = Object.fromEntries(
    [...sets].map(([name, results]) => [
      name,
      figuresOf(
        results.filter((_, i) => i % 2 === 1),
        threshold,
      ),
    ]),
  );
  const curve = risingCurve([...sets.values()].flat());
  return { step, threshold, allowedWrong, candidates, curve, figures };
}

interface Given {
  confidence: number;
  right: boolean;
}

function givenOf(results: readonly Evaluated[]): Given[] {
  return results.flatMap(({ isAnswerable, found, confidence, outcome }) =>
    isAnswerable && found !== undefined && confidence !== undefined && outcome !== 'unjudged'
      ? [{ confidence, right: outcome === 'right' }]
      : [],
  );
}

/** 19 in 20: how sure it must be that no more than the allowed share of all such answers is wrong. */
const SURE = 1.6449;

/** The upper end of Wilson's interval (Wilson 1927) for the share of wrong answers. */
function mostWrong(wrong: number, of: number): number {
  const p = wrong / of;
  const z2 = SURE ** 2 / of;
  return (p + z2 / 2 + SURE * Math.sqrt((p * (1 - p) + z2 / 4) / of)) / (1 + z2);
}

/** The lowest confidence from which on surely no more than the allowed share is wrong; 1 if there is none. */
function thresholdOf(results: readonly Evaluated[], allowedWrong: number): number {
  const given = givenOf(results).sort((a, b) => b.confidence - a.confidence);
  let [wrong, threshold] = [0, 1];
  given.forEach(({ confidence, right }, i) => {
    if (!right) wrong++;
    const isLastOfItsKind = given[i + 1]?.confidence !== confidence;
    if (isLastOfItsKind && mostWrong(wrong, i + 1) <= allowedWrong) threshold = confidence;
  });
  return threshold;
}

function figuresOf(results: readonly Evaluated[], threshold: number): z.infer<typeof setFigures> {
  const answerable = results.filter(({ isAnswerable, outcome }) => isAnswerable && outcome !== 'unjudged');
  const given = givenOf(results);
  const sure = given.filter(({ confidence }) => confidence >= threshold);
  const wrongOf = (list: readonly Given[]): number =>
    list.length === 0 ? 0 : list.filter(({ right }) => !right).length / list.length;
  const refused = answerable.length === 0 ? 0 : 1 - sure.length / answerable.length;
  return { questions: answerable.length, refused, wrongBefore: wrongOf(given), wrong: wrongOf(sure) };
}

/** Isotonic regression: the rising steps that are nearest to the outcomes (Barlow et al. 1972, pool adjacent violators). */
function risingCurve(results: readonly Evaluated[]): [number, number][] {
  const given = givenOf(results).sort((a, b) => a.confidence - b.confidence);
  const steps: { from: number; right: number; count: number }[] = [];
  for (const { confidence, right } of given) {
    steps.push({ from: confidence, right: right ? 1 : 0, count: 1 });
    for (;;) {
      const [before, last] = steps.slice(-2);
      if (!before || !last || before.right / before.count < last.right / last.count) break;
      steps.splice(-2, 2, {
        from: before.from,
        right: before.right + last.right,
        count: before.count + last.count,
      });
    }
  }
  return steps.map(({ from, right, count }) => [from, right / count]);
}

/** How often answers of this probability are right; undefined below the least that was measured. */
export function chanceOf(curve: ConfidenceCalibration['curve'], whole: number): number | undefined {
  return curve.findLast(([from]) => whole >= from)?.[1];
}
