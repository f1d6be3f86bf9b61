import { formatIdMap } from '../data/placeholder.js';
import { formatPrompt } from '../data/record.js';
import { linkSchema, type LinkOptions } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import type { BranchingMask } from '../engine/decode/beam.js';
import type { Calibration } from './answerable/calibrate.js';
import { strangeness, type Strangeness } from './answerable/score.js';
import { AgentError, RenderError } from './errors.js';
import { explain } from './explain/explain.js';
import { GrammarError, type Grammar, type StartOptions } from './grammar/index.js';
import { buildPrompt } from './prompt.js';
import { render } from './renderer/render.js';
import type { Problem } from './validator/problems.js';
import { validate } from './validator/validate.js';
import {
  extract,
  namesWithDigits,
  type DateOrder,
  type Note,
  type VaultEntry,
  type VaultResult,
} from './vault/index.js';

/** What a model wrote after a prompt. */
export interface Completion {
  /** Without the end token. */
  tokens: ArrayLike<number> & Iterable<number>;
  /** Natural logarithm of its probability, the end token's included, where the model tells. */
  logProb?: number;
  /** The least of the tokens' log-probabilities. */
  leastLogProb?: number;
}

export interface CompleteOptions {
  /** Different continuations that are wanted; there may be fewer. */
  count: number;
  maxNewTokens: number;
  mask?: BranchingMask;
}

/** Anything that continues token ids; what comes first is what it would write if it were asked for one alone. */
export interface LanguageModel {
  tokenizer: Tokenizer;
  /** Tokens that prompt and statement may take together. */
  context: number;
  complete(prompt: Uint32Array, options: CompleteOptions): Promise<Completion[]>;
}

export interface AnswerOptions {
  index: SchemaIndex;
  model: LanguageModel;
  /** Lets the model write only what can become a valid statement; without it the model is on its own. */
  grammar?: Grammar | undefined;
  /** Statements that the model writes, of which the best that passes is taken (default 1); equal ones count once. */
  candidates?: number | undefined;
  /** Room kept for the statement, in tokens (default 96, at most half of the context). */
  maxNewTokens?: number;
  /** How much of the schema the prompt shows; the room in the context limits it further. */
  link?: Pick<LinkOptions, 'maxTables' | 'maxColumnsPerTable'> | undefined;
  /** Refuses questions that need what the schema does not have; without it every question goes to the model. */
  answerable?: Pick<Calibration, 'counts' | 'threshold'> | undefined;
  /** Refuses a statement that the model is less sure of (its mean confidence, 0 to 1). */
  minConfidence?: number | undefined;
  /** How ambiguous dates are read (default month first). */
  dateOrder?: DateOrder | undefined;
}

/** One statement that the model wrote, and what became of it. */
export interface Candidate {
  /** With placeholders, as the model wrote it. */
  sql: string;
  logProb?: number;
  confidence?: Confidence;
  /** Empty when the statement was accepted and its values could be put back. */
  errors: AnswerFault[];
}

/** How sure the model was, among what it was allowed to write. Probabilities, 0 to 1. */
export interface Confidence {
  /** Geometric mean over the tokens: the statement's probability, normalised for its length. */
  mean: number;
  /** Of the token that the model was least sure of. */
  least: number;
}

/** Why there is no statement although the question could be read. */
export interface Refusal {
  /**
   * `not-in-schema`: too much of the question is named by no table or column; `unplaceable`: no table that can be
   * joined holds a value of the question; `unsure`: the model's best statement is below the confidence asked for.
   */
  code: 'not-in-schema' | 'unplaceable' | 'unsure';
  /** For the person who asks; names placeholders, not values. */
  message: string;
}

/** Why a candidate was refused: a validator's problem, or a renderer's refusal (which has no place in the text). */
export type AnswerFault = Omit<Problem, 'code' | 'at'> & { code: string; at?: Problem['at'] };

/** Milliseconds. */
export interface Timings {
  vault: number;
  link: number;
  decode: number;
  check: number;
  total: number;
}

export interface Answer {
  question: string;
  /** The question as the model saw it. */
  masked: string;
  placeholders: VaultEntry[];
  /** How doubtful values were read. */
  notes: Note[];
  /** What the schema leaves unexplained of the question; absent where nobody asked. */
  strangeness?: Strangeness;
  /** Tables in the prompt. */
  tables: string[];
  /** All that the model was told. */
  prompt: string;
  promptTokens: number;
  /** The accepted candidate with placeholders, or undefined when none was accepted. */
  rawSql: string | undefined;
  /** The statement with its values: safe to run. Undefined when no candidate was accepted. */
  sql: string | undefined;
  /** What the statement does, in plain words, its values among them: for the person who asks alone. */
  explanation: string | undefined;
  /** Of the accepted candidate. */
  confidence: Confidence | undefined;
  /** Without errors when a candidate was accepted; else the best one's, or those of the refusal. */
  verdict: { ok: boolean; errors: AnswerFault[] };
  refusal?: Refusal;
  /** All that the model wrote, the surest first. */
  candidates: Candidate[];
  timings: Timings;
}

const DEFAULT_NEW_TOKENS = 96;

/**
 * A question to one safe statement: vault → linker → prompt → tokens → decoder → text → validator → renderer. The
 * model sees placeholders only, and what it writes is text until the validator has accepted it.
 *
 * @throws VaultError for a question that cannot be asked (empty, too long, placeholders of its own)
 * @throws AgentError `prompt-too-long` when the question leaves no room for a table in the model's context
 */
export async function answer(question: string, options: AnswerOptions): Promise<Answer> {
  const { index, model, grammar } = options;
  const clock = new Clock();
  const vault = clock.time('vault', () => hideValues(question, options));
  const selection = clock.time('link', () => linkSchema(vault.question, index, linkLimits(vault, options)));
  const prompt = buildPrompt(vault.question, vault.placeholders, renderSchema(selection));
  const tokens = model.tokenizer.encode(prompt);
  const maxNewTokens = Math.min(roomForStatement(options), model.context - tokens.length);
  if (maxNewTokens < 1) throw tooLong(tokens.length, model.context);

  const { answerable } = options;
  const strange = answerable && strangeness(vault.question, index, answerable.counts);
  const known = {
    question,
    masked: vault.question,
    placeholders: vault.placeholders,
    notes: vault.notes,
    tables: selection.tables.map(({ table }) => table.name),
    prompt,
    promptTokens: tokens.length,
    ...(strange && { strangeness: strange }),
  };
  const nothing = { rawSql: undefined, sql: undefined, explanation: undefined, confidence: undefined };

  const refuse = (refusal: Refusal): Answer => {
    const verdict = { ok: false, errors: [refusal] };
    return { ...known, ...nothing, verdict, refusal, candidates: [], timings: clock.timings() };
  };
  if (strange && strange.score > answerable!.threshold) return refuse(notInSchema(strange));
  const mask = grammar && startMask(grammar, vault, { selection, maxTokens: maxNewTokens });
  if (mask && 'code' in mask) return refuse(mask);
  const completions = await clock.timeAsync('decode', () =>
    model.complete(tokens, { count: options.candidates ?? 1, maxNewTokens, ...(mask && { mask }) }),
  );
  const checked = clock.time('check', () =>
    completions
      .map((completion) => checkCandidate(completion, index, vault.placeholders, model.tokenizer))
      .sort((a, b) => (b.candidate.confidence?.mean ?? 0) - (a.candidate.confidence?.mean ?? 0))
      .filter(isFirstOfItsText),
  );
  const candidates = checked.map(({ candidate }) => candidate);
  const accepted = checked.find(({ sql }) => sql !== undefined);
  const doubt = accepted && doubtIn(accepted.candidate, options);
  if (doubt) return { ...refuse(doubt), candidates };
  return {
    ...known,
    ...nothing,
    ...(accepted && {
      rawSql: accepted.candidate.sql,
      sql: accepted.sql,
      explanation: accepted.explanation,
      confidence: accepted.candidate.confidence,
    }),
    verdict: { ok: accepted !== undefined, errors: accepted ? [] : (candidates[0]?.errors ?? []) },
    candidates,
    timings: clock.timings(),
  };
}

function hideValues(question: string, { index, dateOrder }: AnswerOptions): VaultResult {
  const names = namesWithDigits(index.bundle);
  return extract(question, { names, ...(dateOrder && { dateOrder }) });
}

function roomForStatement({ model, maxNewTokens = DEFAULT_NEW_TOKENS }: AnswerOptions): number {
  return Math.min(maxNewTokens, Math.floor(model.context / 2));
}

/** The schema gets what question, ID map and statement leave of the context. */
function linkLimits(vault: VaultResult, options: AnswerOptions): LinkOptions {
  const { model, link } = options;
  const idMap = formatIdMap(vault.placeholders);
  const frame = formatPrompt({ schema: '', question: vault.question, idMap });
  const taken = model.tokenizer.encode(frame).length + roomForStatement(options);
  const tokenBudget = model.context - taken;
  if (tokenBudget < 1) throw tooLong(taken, model.context);
  return { ...link, tokenBudget, countTokens: tokenCounter(model.tokenizer) };
}

/** The linker remembers counts for as long as the function lives, so that each tokenizer keeps one. */
const counters = new WeakMap<Tokenizer, (text: string) => number>();

function tokenCounter(tokenizer: Tokenizer): (text: string) => number {
  const counter = counters.get(tokenizer) ?? ((text: string) => tokenizer.encode(text).length);
  counters.set(tokenizer, counter);
  return counter;
}

function tooLong(tokens: number, context: number): AgentError {
  return new AgentError(
    'prompt-too-long',
    `question and statement take ${tokens} tokens and the model's context has ${context}: ask a shorter question`,
  );
}

/** Words, not values: the vault has taken those out. */
function notInSchema({ words }: Strangeness): Refusal {
  const named = words.slice(0, 4).map(({ word }) => `'${word}'`);
  const message = `the schema has no table or column for ${named.join(', ')}; ask in its own words, or of another schema`;
  return { code: 'not-in-schema', message };
}

/** The refusal of a statement that the model is not sure enough of. */
function doubtIn({ confidence }: Candidate, { minConfidence = 0 }: AnswerOptions): Refusal | undefined {
  if (!confidence || confidence.mean >= minConfidence) return undefined;
  const [has, needs] = [confidence.mean, minConfidence].map((share) => `${(100 * share).toFixed(1)}%`);
  const message = `the model is unsure of its statement (confidence ${has}, and ${needs} is asked for): ask in other words`;
  return { code: 'unsure', message };
}

/** A candidate and, where it passed, what a person gets. */
interface Checked {
  candidate: Candidate;
  sql?: string;
  explanation?: string;
}

/** One text may be written in several tokens: the likeliest spelling stands for all. */
function isFirstOfItsText({ candidate }: Checked, i: number, all: readonly Checked[]): boolean {
  return all.findIndex((other) => other.candidate.sql === candidate.sql) === i;
}

function startMask(
  grammar: Grammar,
  { placeholders }: VaultResult,
  options: StartOptions,
): BranchingMask | Refusal {
  try {
    return grammar.start(placeholders, options);
  } catch (error) {
    if (!(error instanceof GrammarError) || error.code !== 'unplaceable') throw error;
    return { code: 'unplaceable', message: error.message };
  }
}

/** What became of one statement, and the statement with its values if it passed. */
function checkCandidate(
  { tokens, logProb, leastLogProb }: Completion,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
  tokenizer: Tokenizer,
): Checked {
  const raw = tokenizer.decode(tokens).trim();
  const { errors, ...passed } = checkAndRender(raw, index, placeholders);
  const confidence = logProb !== undefined &&
    leastLogProb !== undefined && {
      mean: Math.exp(logProb / (tokens.length + 1)),
      least: Math.exp(leastLogProb),
    };
  const candidate: Candidate = {
    sql: raw,
    ...(logProb !== undefined && { logProb }),
    ...(confidence && { confidence }),
    errors,
  };
  return { candidate, ...passed };
}

/** The statement with its values, or why there is none. */
function checkAndRender(
  raw: string,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
): { sql?: string; explanation?: string; errors: AnswerFault[] } {
  const values = new Map(placeholders.map((entry) => [entry.name, entry]));
  const verdict = validate(raw, index, values);
  if (!verdict.ok) return { errors: verdict.errors };
  try {
    const { sql } = render(raw, index, values);
    return { sql, explanation: explain(verdict.statement!, index, values), errors: [] };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return { errors: [{ code: error.code, message: error.message }] };
  }
}

type Part = keyof Omit<Timings, 'total'>;

/** Adds up what each part of an answer took. */
class Clock {
  readonly #start = performance.now();
  readonly #parts: Record<Part, number> = { vault: 0, link: 0, decode: 0, check: 0 };

  time<T>(part: Part, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#parts[part] += performance.now() - start;
    }
  }

  async timeAsync<T>(part: Part, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#parts[part] += performance.now() - start;
    }
  }

  timings(): Timings {
    return { ...this.#parts, total: performance.now() - this.#start };
  }
}
