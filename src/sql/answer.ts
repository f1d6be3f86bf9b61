import type { RefusalReason } from './answerable/gate.js';
import type { Strangeness } from './answerable/score.js';
import type { Problem } from './validator/problems.js';
import type { AskKind, Note, VaultEntry } from './vault/index.js';

/** Everything the pipeline found out about one question. */
export interface Answer {
  question: string;
  /** The question as the model saw it, with placeholders for its values. */
  masked: string;
  placeholders: VaultEntry[];
  /** How doubtful values were read. */
  notes: Note[];
  /** The words of the question that the schema does not explain; absent if answerability was not checked. */
  strangeness?: Strangeness | undefined;
  /** Tables shown in the prompt. */
  tables: string[];
  /** Everything the model was told. */
  prompt: string;
  promptTokens: number;
  /** The accepted candidate with placeholders; undefined if none was accepted. */
  rawSql: string | undefined;
  /** The statement with its values, safe to run; undefined if no candidate was accepted. */
  statement: string | undefined;
  /** What the statement does, in plain words. It contains values: show it only to the person who asked. */
  explanation: string | undefined;
  /** Confidence in the accepted candidate. */
  confidence: Confidence | undefined;
  /** `errors` is empty if a candidate was accepted; otherwise it holds the refusal or the best candidate's errors. */
  verdict: { ok: boolean; errors: AnswerFault[] };
  refusal?: Refusal | undefined;
  /** Every statement the model wrote, most confident first. */
  candidates: Candidate[];
  timings: Timings;
}

/** One statement that the model wrote, and whether it passed. */
export interface Candidate {
  /** With placeholders, as the model wrote it. */
  sql: string;
  logProb?: number | undefined;
  confidence?: Confidence | undefined;
  /** Empty if the validator accepted the statement and its values could be put back. */
  errors: AnswerFault[];
}

/** How sure the model was, among the tokens it was allowed to write. Probabilities, 0 to 1. The model is judged by `whole`. */
export interface Confidence {
  /** Geometric mean over the tokens: the statement's probability, normalised for length. */
  mean: number;
  /** The probability of the least likely token. */
  least: number;
  /** The probability of the whole statement, with that of the other candidates that say the same in another way. */
  whole: number;
  /** How often answers of such a probability were right on held-out questions; absent if the model was not calibrated. */
  chance?: number | undefined;
}

/** Why there is no statement although the question could be read. */
export interface Refusal {
  /**
   * - `not-in-schema`: the schema has no table or column for something that the question names.
   * - `no-query`: an order, or a question about no recorded data (advice, the meaning of a word).
   * - `needs-having`, `needs-window`, `needs-subquery`, `needs-union`: one flat SELECT cannot answer the question.
   * - `incomplete-date`: a date has no year. `invalid-date`: a day or a time of day does not exist.
   * - `unread-time`, `unread-number`: words for a time or a number have no one exact meaning (`weekends`, `a few`).
   * - `unplaceable`: no table in reach has a column for one of the question's values.
   * - `unsure`: the model's confidence in its best statement is below the minimum, or a word of the question (`not`,
   *   `alive`) does not show in any statement.
   */
  code: RefusalReason['code'] | AskKind | 'unplaceable' | 'unsure';
  /** For the person who asked. It names placeholders, not values; `not-in-schema` quotes words of the question. */
  message: string;
}

/** Why a candidate was refused: a problem found by the validator, or by the renderer (which reports no position). */
export type AnswerFault = Omit<Problem, 'code' | 'at'> & { code: string; at?: Problem['at'] | undefined };

/** Milliseconds. */
export interface Timings {
  vault: number;
  link: number;
  decode: number;
  check: number;
  total: number;
}
