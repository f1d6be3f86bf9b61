import type { Answer, Candidate, Confidence } from '../sql/answer.js';
import { isAskKind, type VaultEntry } from '../sql/vault/index.js';
import { GATES, type AnswerBody, type GateName } from './contract.js';

export interface AnswerView {
  schema: string;
  /** Whether the placeholders show their values. */
  values: boolean;
  /** Under which the statement can be run. */
  id?: string | undefined;
  /** Milliseconds that the question waited. */
  waited: number;
}

/** An answer as the server returns it. */
export function answerBody(answer: Answer, { schema, values, waited, id }: AnswerView): AnswerBody {
  const { verdict, timings } = answer;
  const refusal = whyNone(answer);
  const errors = verdict.errors.map(({ code, message, number, at }) => ({ code, message, number, at }));
  return {
    ...(id === undefined ? {} : { id }),
    schema,
    statement: answer.statement ?? null,
    masked: answer.masked,
    maskedStatement: answer.rawSql ?? null,
    verdict: { ok: verdict.ok, errors, gates: gatesOf(answer) },
    refusal,
    placeholders: answer.placeholders.map((entry) => placeholderBody(entry, values)),
    confidence: confidenceBody(answer.confidence),
    explanation: answer.explanation ?? null,
    alternatives: answer.candidates.map((candidate) => ({
      sql: candidate.sql,
      confidence: confidenceBody(candidate.confidence),
      errors: candidate.errors,
    })),
    notes: answer.notes,
    tables: answer.tables,
    unexplained: answer.strangeness?.words.map(({ word }) => word) ?? [],
    timings: { queue: waited, ...timings, total: waited + timings.total },
  };
}

/** Why there is no statement: the refusal, or what is wrong with the best one that the model wrote. */
export function whyNone({
  statement,
  refusal,
  verdict,
}: Pick<Answer, 'statement' | 'refusal' | 'verdict'>): { code: string; message: string } | null {
  if (statement !== undefined) return null;
  if (refusal) return { code: refusal.code, message: refusal.message };
  const [fault] = verdict.errors;
  const why = fault ? `: ${fault.message}` : '';
  return { code: 'no-valid-statement', message: `the model wrote no valid statement${why}` };
}

export function placeholderBody(
  { name, kind, type, columns, spans, text, value }: VaultEntry,
  values: boolean,
): AnswerBody['placeholders'][number] {
  return {
    name,
    kind,
    type,
    columns: columns && [...columns],
    spans: spans.map(({ start, end }) => ({ start, end })),
    ...(values ? { text, value } : {}),
  };
}

function confidenceBody(confidence: Confidence | undefined): AnswerBody['confidence'] {
  if (!confidence) return null;
  // Sums of rounded probabilities may pass 1 by a hair.
  const share = (value: number): number => Math.min(1, Math.max(0, value));
  const { mean, least, whole, chance } = confidence;
  return { mean: share(mean), least: share(least), whole: share(whole), chance };
}

const passedOne = ({ errors }: Candidate): boolean => errors.length === 0;

/** Which gates the question passed, up to the one that refused it. */
function gatesOf(answer: Pick<Answer, 'statement' | 'refusal' | 'candidates'>): {
  gate: GateName;
  passed: boolean | null;
}[] {
  const stop = stoppedAt(answer);
  const at = stop === undefined ? GATES.length : GATES.indexOf(stop);
  // A statement that could not become sure enough was given up, so nothing was there to be checked.
  const isUnwritten = stop === 'confident' && answer.candidates.length === 0;
  const unchecked = new Set<GateName>(isUnwritten ? ['valid', 'fits'] : []);
  return GATES.map((gate, i) => ({
    gate,
    passed: i === at ? false : i < at && !unchecked.has(gate) ? true : null,
  }));
}

function stoppedAt({
  statement,
  refusal,
  candidates,
}: Pick<Answer, 'statement' | 'refusal' | 'candidates'>): GateName | undefined {
  if (statement !== undefined) return undefined;
  if (!refusal) return 'valid';
  if (isAskKind(refusal.code)) return 'read';
  if (refusal.code === 'unplaceable') return 'placeable';
  if (refusal.code === 'unsure')
    return candidates.length === 0 || candidates.some(passedOne) ? 'confident' : 'fits';
  return 'answerable';
}
