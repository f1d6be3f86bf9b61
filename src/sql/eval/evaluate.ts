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
  milliseconds: number;
}

/** What is asked: the pipeline of `engine generate`, for the question's own schema. */
export type AskQuestion = (question: SetQuestion) => Promise<Answer>;

export interface EvaluateOptions {
  onProgress?: ((done: number) => void) | undefined;
  /** The time, of `performance.now()`, after which no further question is asked. */
  until?: number | undefined;
}

/** Asks and judges the questions in turn. */
export async function evaluate(
  questions: readonly SetQuestion[],
  ask: AskQuestion,
  judge: Pick<Judge, 'judge'>,
  { onProgress, until = Infinity }: EvaluateOptions = {},
): Promise<Evaluated[]> {
  const results: Evaluated[] = [];
  for (const question of questions) {
    const began = performance.now();
    if (began > until) break;
    let answer: Answer | undefined;
    let reason: string | undefined;
    try {
      answer = await ask(question);
    } catch (error) {
      if (!(error instanceof VaultError) && !(error instanceof AgentError)) throw error;
      reason = error.code;
    }
    const milliseconds = performance.now() - began;
    results.push({
      id: question.id,
      question: question.question,
      groups: { ...question.groups, ...joinsOf(question) },
      isAnswerable: question.sql !== undefined,
      expected: question.sql,
      found: answer?.statement,
      confidence: answer?.confidence?.whole,
      milliseconds,
      ...(await outcomeOf(question, answer, reason, judge)),
    });
    onProgress?.(results.length);
  }
  return results;
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
