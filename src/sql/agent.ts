import type { BranchingMask } from '../engine/decode/beam.js';
import { linkSchema } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { SchemaSelection } from '../data/schema/selection.js';
import type { Answer, Candidate, Refusal } from './answer.js';
import type { Calibration } from './answerable/calibrate.js';
import { judge } from './answerable/gate.js';
import type { Strangeness } from './answerable/score.js';
import { checkCandidates, type CheckedCandidate } from './candidates.js';
import { Stopwatch } from './stopwatch.js';
import { watchMask, type AnswerWatch } from './watch.js';
import type { Grammar } from './grammar/index.js';
import { buildPrompt } from './prompt.js';
import { noneSure, refuseUnread, refuseUnsettled, refuseUnsure, startMask } from './refusals.js';
import { linkLimits, roomForStatement, type RoomOptions } from './room.js';
import {
  extract,
  knowledgeOf,
  type DateOrder,
  type SchemaKnowledge,
  type VaultResult,
} from './vault/index.js';

export interface AnswerOptions extends RoomOptions {
  index: SchemaIndex;
  /** Restricts the model to tokens that can lead to a valid statement. Without it the model writes freely. */
  grammar?: Grammar | undefined;
  /** How many statements the model writes; the best one that passes is taken (default 1). Duplicates count once. */
  candidates?: number | undefined;
  /**
   * How many statements the model writes where the first, written alone, does not fit the words of the question (default
   * 1: no more).
   */
  retry?: number | undefined;
  /** Refuses questions that need something the schema lacks. Without it every question goes to the model. */
  answerable?: Pick<Calibration, 'threshold'> | undefined;
  /** Refuses statements that mean nothing, or that do not fit the words of the question (default true). */
  sense?: boolean | undefined;
  /** Refuses a statement whose mean confidence is lower, 0 to 1 (default 0). */
  minConfidence?: number | undefined;
  /** How ambiguous dates are read (default month first). */
  dateOrder?: DateOrder | undefined;
  /** What the vault knows of the schema and its values (default: of the schema alone). */
  knowledge?: SchemaKnowledge | undefined;
  /** Follows the answer while it is made, and can end it. */
  watch?: AnswerWatch | undefined;
}

/**
 * Turns a question into one safe statement: text → vault → linker → prompt → tokens → decoder (mask from grammar) →
 * text → validator → renderer → statement. The model sees placeholders only, and what it writes stays text until the
 * validator accepts it.
 *
 * @throws VaultError if the question is empty, too long, or contains placeholders
 * @throws AgentError `prompt-too-long` if the question leaves no room for a table in the model's context
 */
export async function answer(question: string, options: AnswerOptions): Promise<Answer> {
  const {
    index,
    model,
    grammar,
    answerable,
    candidates: count = 1,
    retry = 1,
    minConfidence = 0,
    sense = true,
    watch = {},
  } = options;
  watch.signal?.throwIfAborted();
  const stopwatch = new Stopwatch(watch.onStage);
  const vault = stopwatch.time('vault', () => hideValues(question, options));
  const selection = stopwatch.time('link', () =>
    linkSchema(vault.read ?? vault.question, index, linkLimits(vault, options)),
  );
  const { format } = model;
  const { read: masked = vault.question, placeholders } = vault;
  const schema = renderSchema(selection, { format, question: masked, placeholders });
  const prompt = buildPrompt(masked, placeholders, schema, { index, format });
  const tokens = model.tokenizer.encode(prompt);
  const maxNewTokens = roomForStatement(tokens.length, vault, options);
  const hasValues = options.knowledge?.values !== undefined;
  const gate = answerable && judge(vault, index, { threshold: answerable.threshold, hasValues });

  const finish = (outcome: Outcome): Answer => ({
    ...describe({ question, vault, selection, prompt, tokens, strange: gate?.strangeness }),
    ...outcome,
    timings: stopwatch.timings(),
  });

  const unread = refuseUnread(vault);
  if (unread) return finish(refused(unread));
  const [reason] = gate?.reasons ?? [];
  if (reason) return finish(refused(reason));
  const start = grammar && startMask(grammar, vault, { selection, maxTokens: maxNewTokens });
  if (start && 'refusal' in start) return finish(refused(start.refusal));

  const write = async (count: number, mask: BranchingMask | undefined): Promise<CheckedCandidate[]> => {
    const completions = await stopwatch.timeAsync('decode', () =>
      // Candidates that say the same add up: below this, all of them together are too unsure.
      model.complete(tokens, { count, maxNewTokens, mask, floor: minConfidence / count }),
    );
    watch.signal?.throwIfAborted();
    return stopwatch.time('check', () =>
      checkCandidates(completions, model, index, placeholders, sense ? { sense, question: masked } : {}),
    );
  };
  // Writing moves the mask on, so a second round needs its own.
  const again = start && retry > count && count === 1 ? start.mask.fork() : undefined;
  let checked = await write(count, start && watchMask(start.mask, watch, { model, index }));
  const isRefused = checked.length > 0 && checked.every(({ statement }) => statement === undefined);
  if (again && isRefused && refuseUnsettled(checked.map(({ candidate }) => candidate)))
    checked = await write(retry, watchMask(again, watch, { model, index }));
  return finish(choose(checked, minConfidence));
}

function hideValues(question: string, { index, dateOrder, knowledge }: AnswerOptions): VaultResult {
  return extract(question, { knowledge: knowledge ?? knowledgeOf(index.bundle), dateOrder });
}

/** The part of an answer that depends on what the model wrote. */
type Outcome = Pick<
  Answer,
  'rawSql' | 'statement' | 'explanation' | 'confidence' | 'verdict' | 'refusal' | 'candidates'
>;

const NO_STATEMENT = {
  rawSql: undefined,
  statement: undefined,
  explanation: undefined,
  confidence: undefined,
};

function refused(refusal: Refusal, candidates: Candidate[] = []): Outcome {
  return { ...NO_STATEMENT, verdict: { ok: false, errors: [refusal] }, refusal, candidates };
}

/** Takes the most confident candidate that passed, unless the model is too unsure of it. */
function choose(checked: readonly CheckedCandidate[], minConfidence: number): Outcome {
  const candidates = checked.map(({ candidate }) => candidate);
  const accepted = checked.find(({ statement }) => statement !== undefined);
  if (checked.length === 0 && minConfidence > 0) return refused(noneSure(minConfidence));
  if (!accepted) {
    const unsettled = refuseUnsettled(candidates);
    if (unsettled) return refused(unsettled, candidates);
    return { ...NO_STATEMENT, verdict: { ok: false, errors: candidates[0]?.errors ?? [] }, candidates };
  }
  const { candidate, statement, explanation } = accepted;
  const unsure = refuseUnsure(candidate, minConfidence);
  if (unsure) return refused(unsure, candidates);
  const { sql: rawSql, confidence } = candidate;
  const verdict = { ok: true, errors: [] };
  return { rawSql, statement, explanation, confidence, verdict, candidates };
}

/** The part of an answer that is known before the model writes. */
function describe({
  question,
  vault,
  selection,
  prompt,
  tokens,
  strange,
}: {
  question: string;
  vault: VaultResult;
  selection: SchemaSelection;
  prompt: string;
  tokens: Uint32Array;
  strange: Strangeness | undefined;
}): Omit<Answer, keyof Outcome | 'timings'> {
  return {
    question,
    masked: vault.question,
    placeholders: vault.placeholders,
    notes: vault.notes,
    strangeness: strange,
    tables: selection.tables.map(({ table }) => table.name),
    prompt,
    promptTokens: tokens.length,
  };
}
