import type { Answer } from '../answer.js';
import { VaultError } from '../vault/errors.js';
import { AgentError } from '../errors.js';
import type { ErrorKind } from './error-kind.js';
import type { Judge } from './judge.js';
import type { SetQuestion } from './question-set.js';

/**
 * How a question came out.
 * - `right`: the statement gives the expected answer, or the question has none and was refused
 * - `wrong`: a valid statement that gives another answer, or any statement for a question that has none
 * - `refused`: no statement, with a reason
 * - `invalid`: no candidate passed the validator
 * - `unjudged`: the expected statement does not run here
 */
export type OutcomeKind = 'right' | 'wrong' | 'refused' | 'invalid' | 'unjudged';

export interface Evaluated {
  id: string;
  question: string;
  groups: Readonly<Record<string, string>>;
  /** Whether the schema can answer the question. */
  isAnswerable: boolean;
  outcome: OutcomeKind;
  /** The same statement but for spelling. */
  exact: boolean;
  /** What a wrong statement gets wrong first, or the code of a refusal. */
  reason?: ErrorKind | (string & {}) | undefined;
  expected?: string | undefined;
  found?: string | undefined;
  /** 0 to 1; of the accepted statement, before any threshold. */
  confidence?: number | undefined;
  /** From question to statement; of questions that are asked at the same time, each waits for the others. */
  milliseconds: number;
}

/** What is asked: the pipeline of `engine generate`, for the question's own schema. */
export type AskQuestion = (question: SetQuestion) => Promise<Answer>;

export interface EvaluateOptions {
  onProgress?: ((done: number) => void) | undefined;
  /** The time, of `performance.now()`, after which no further question is asked. */
  until?: number | undefined;
  /** Questions that are asked at the same time (default 1). */
  atOnce?: number | undefined;
}

/** Asks and judges the questions, in the order of the list as far as time allows. */
export async function evaluate(
  questions: readonly SetQuestion[],
  ask: AskQuestion,
  judge: Pick<Judge, 'judge'>,
  { onProgress, until = Infinity, atOnce = 1 }: EvaluateOptions = {},
): Promise<Evaluated[]> {
  const results: Evaluated[] = [];
  let [next, done] = [0, 0];
  // The judge has one database.
  let judging: Promise<unknown> = Promise.resolve();
  const askInTurn = async (): Promise<void> => {
    while (next < questions.length && performance.now() <= until) {
      const at = next++;
      const question = questions[at]!;
      const asked = await askOne(question, ask);
      const judged = judging.then(() => outcomeOf(question, asked.answer, asked.reason, judge));
      judging = judged.catch(() => undefined);
      results[at] = { ...asked.known, ...(await judged) };
      onProgress?.(++done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askInTurn));
  return results;
}

/** What is known of a question before its answer is judged. */
async function askOne(
  question: SetQuestion,
  ask: AskQuestion,
): Promise<{ answer?: Answer; reason?: string; known: Omit<Evaluated, 'outcome' | 'exact' | 'reason'> }> {
  const began = performance.now();
  let answer: Answer | undefined;
  let reason: string | undefined;
  try {
    answer = await ask(question);
  } catch (error) {
    if (!(error instanceof VaultError) && !(error instanceof AgentError)) throw error;
    reason = error.code;
  }
  const known = {
    id: question.id,
    question: question.question,
    groups: { ...question.groups, ...joinsOf(question) },
    isAnswerable: question.sql !== undefined,
    expected: question.sql,
    found: answer?.statement,
    confidence: answer?.confidence?.whole,
    milliseconds: performance.now() - began,
  };
  return { known, ...(answer && { answer }), ...(reason !== undefined && { reason }) };
}

function joinsOf({ sql }: SetQuestion): Record<string, string> {
  return sql === undefined ? {} : { joins: String(sql.match(/\bJOIN\b/gi)?.length ?? 0) };
}

async function outcomeOf(
  { sql, index }: SetQuestion,
  answer: Answer | undefined,
  reason: string | undefined,
  judge: Pick<Judge, 'judge'>,
): Promise<Pick<Evaluated, 'outcome' | 'exact' | 'reason'>> {
  if (answer?.statement === undefined) {
    const refusal = reason ?? answer?.refusal?.code;
    if (sql === undefined) return { outcome: 'right', exact: false, reason: refusal ?? 'invalid' };
    if (refusal !== undefined) return { outcome: 'refused', exact: false, reason: refusal };
    return { outcome: 'invalid', exact: false, reason: answer?.verdict.errors[0]?.code };
  }
  if (sql === undefined) return { outcome: 'wrong', exact: false, reason: 'answered' };
  const judged = await judge.judge(sql, answer.statement, index);
  if ('fault' in judged) return { outcome: 'unjudged', exact: false, reason: judged.fault };
  return { outcome: judged.right ? 'right' : 'wrong', exact: judged.exact, reason: judged.error };
}
