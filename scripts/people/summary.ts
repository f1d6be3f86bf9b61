import type { Unanswerable } from './cases.js';
import type { Measured, Verdict } from './measure.js';
import type { Fate } from './values.js';

/** Shares of questions, from 0 to 1, except `questions`. */
export interface Summary {
  questions: number;
  /** Questions of which every value of the statement is held by a placeholder. */
  valuesOut: number;
  /** Values of the statements that a placeholder holds. */
  valueRecall: number;
  /** Placeholders that hold something the statement uses. */
  valuePrecision: number;
  /** Questions with years of the statement, all of them held; 1 if there are none. */
  years: number;
  linker: number;
  /** The same within the format's limits of tables and columns, with which prompts are written. */
  linkerWithin: number;
  refused: number;
  accepted: number;
  constructs: number;
  grammar: number;
  /** Questions that pass everything, wrong placeholders included: the ceiling of a perfect model. */
  ceiling: number;
}

export interface GateSummary {
  unanswerable: number;
  /** Share of the questions without an answer that are refused. */
  refused: number;
  /** The chance that a question without an answer has a higher score than one with an answer. */
  auc: number;
}

export interface Refused {
  item: Unanswerable;
  verdict: Verdict;
}

const HELD: ReadonlySet<Fate> = new Set(['out', 'implied']);

/** Whether a question passes each part. */
export const CHECKS = {
  valuesOut: ({ values }: Measured) => values.literals.every(({ fate }) => HELD.has(fate)),
  noWrongValue: ({ values }: Measured) => values.wrong.length === 0,
  linker: ({ notShown }: Measured) => notShown.length === 0,
  gate: ({ gate }: Measured) => gate.reasons.length === 0,
  accepted: ({ invalid }: Measured) => invalid === undefined,
  constructs: ({ unseen }: Measured) => unseen.length === 0,
  grammar: ({ unwritable }: Measured) => unwritable === undefined,
} satisfies Record<string, (one: Measured) => boolean>;

export function passesAll(one: Measured): boolean {
  return Object.values(CHECKS).every((check) => check(one));
}

export function summarise(measured: readonly Measured[]): Summary {
  const literals = measured.flatMap(({ values }) => values.literals).filter(({ fate }) => fate !== 'implied');
  const right = measured.flatMap(({ values }) => [...values.right]).length;
  const wrong = measured.flatMap(({ values }) => values.wrong).length;
  const dated = measured.filter((one) => yearsOf(one).length > 0);
  return {
    questions: measured.length,
    valuesOut: shareOf(measured, CHECKS.valuesOut),
    valueRecall: shareOf(literals, ({ fate }) => fate === 'out'),
    valuePrecision: right + wrong === 0 ? 1 : right / (right + wrong),
    years: shareOf(dated, (one) => yearsOf(one).every(({ fate }) => fate === 'out')),
    linker: shareOf(measured, CHECKS.linker),
    linkerWithin: shareOf(measured, ({ notShownWithin }) => notShownWithin.length === 0),
    refused: 1 - shareOf(measured, CHECKS.gate),
    accepted: shareOf(measured, CHECKS.accepted),
    constructs: shareOf(measured, CHECKS.constructs),
    grammar: shareOf(measured, CHECKS.grammar),
    ceiling: shareOf(measured, passesAll),
  };
}

function yearsOf({ values }: Measured): Measured['values']['literals'] {
  return values.literals.filter(({ literal: { value } }) =>
    /^(1[89]|2[0-2])\d\d(-\d\d-\d\d.*)?$/.test(value),
  );
}

export function summariseGate(measured: readonly Measured[], refusals: readonly Refused[]): GateSummary {
  const strange = refusals.map(({ verdict }) => verdict.score);
  const usual = measured.map(({ gate }) => gate.score);
  return {
    unanswerable: refusals.length,
    refused: shareOf(refusals, ({ verdict }) => verdict.reasons.length > 0),
    auc: auc(strange, usual),
  };
}

/** The chance that the first list's score is the higher one; ties count for half. */
export function auc(above: readonly number[], below: readonly number[]): number {
  const pairs = above.length * below.length;
  if (pairs === 0) return 1;
  let won = 0;
  for (const a of above) for (const b of below) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / pairs;
}

function shareOf<T>(list: readonly T[], holds: (item: T) => boolean): number {
  return list.length === 0 ? 1 : list.filter(holds).length / list.length;
}
