import type { SchemaIndex } from '../data/schema/schema-index.js';
import { namesOf } from '../data/schema/names.js';
import { withAgreement } from './answerable/agreement.js';
import type { AnswerFault, Candidate, Confidence } from './answer.js';
import { RenderError } from './errors.js';
import { explain } from './explain/explain.js';
import type { Completion, LanguageModel } from './language-model.js';
import { render } from './renderer/render.js';
import type { Strictness } from './validator/binder.js';
import { validate } from './validator/validate.js';
import type { VaultEntry } from './vault/index.js';

/** The model that wrote the completions. */
type Writer = Pick<LanguageModel, 'tokenizer' | 'format'>;

/** A candidate and, if it passed, the statement with its values and what it does. */
export interface CheckedCandidate {
  candidate: Candidate;
  statement?: string | undefined;
  explanation?: string | undefined;
}

/**
 * Turns completions into candidates: decodes, validates and renders each. The most likely statement comes first, by the
 * probability of all its tokens, since a mean per token favours long statements. Each text appears once, with its most
 * likely tokenisation.
 * @param strictness what to refuse beside what is unsafe or wrong: without sense, or not what the question asks
 */
export function checkCandidates(
  completions: readonly Completion[],
  writer: Writer,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
  strictness: Strictness = {},
): CheckedCandidate[] {
  const checked = completions
    .map((completion) => check(completion, writer, index, placeholders, strictness))
    .sort((a, b) => (b.candidate.confidence?.whole ?? 0) - (a.candidate.confidence?.whole ?? 0))
    .filter(isFirstOfItsText);
  return withAgreement(checked, index);
}

function isFirstOfItsText(
  { candidate }: CheckedCandidate,
  i: number,
  all: readonly CheckedCandidate[],
): boolean {
  return all.findIndex((other) => other.candidate.sql === candidate.sql) === i;
}

function check(
  completion: Completion,
  writer: Writer,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
  strictness: Strictness,
): CheckedCandidate {
  const written = writer.tokenizer.decode(completion.tokens).trim();
  const sql = namesOf(index, writer.format?.names ?? 'identifiers').toSql(written);
  const { errors, ...passed } = validateAndRender(sql, index, placeholders, strictness);
  const { logProb } = completion;
  return { candidate: { sql, logProb, confidence: confidenceOf(completion), errors }, ...passed };
}

function confidenceOf({ tokens, logProb, leastLogProb }: Completion): Confidence | undefined {
  if (logProb === undefined || leastLogProb === undefined) return undefined;
  // The end token is not among `tokens`, but its probability counts.
  const whole = Math.exp(logProb);
  return { mean: Math.exp(logProb / (tokens.length + 1)), least: Math.exp(leastLogProb), whole };
}

function validateAndRender(
  sql: string,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
  strictness: Strictness,
): Omit<CheckedCandidate, 'candidate'> & { errors: AnswerFault[] } {
  const values = new Map(placeholders.map((entry) => [entry.name, entry]));
  const verdict = validate(sql, index, values, strictness);
  if (!verdict.ok) return { errors: verdict.errors };
  try {
    const rendered = render(sql, index, values, strictness);
    const explanation = explain(verdict.statement!, index, values);
    return { statement: rendered.sql, explanation, errors: [] };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return { errors: [{ code: error.code, message: error.message }] };
  }
}
