import { formatIdMap } from '../data/placeholder.js';
import { formatPrompt } from '../data/record.js';
import { linkSchema, type LinkOptions } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import type { TokenMask } from '../engine/decode/generate.js';
import { AgentError, RenderError } from './errors.js';
import type { Grammar } from './grammar/index.js';
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
  /** Natural logarithm of its probability, where the model tells. */
  logProb?: number;
}

/** Anything that continues token ids; `attempt` counts from 0, and 0 is the likeliest continuation. */
export interface LanguageModel {
  tokenizer: Tokenizer;
  /** Tokens that prompt and statement may take together. */
  context: number;
  complete(
    prompt: Uint32Array,
    options: { attempt: number; maxNewTokens: number; mask?: TokenMask },
  ): Promise<Completion>;
}

export interface AnswerOptions {
  index: SchemaIndex;
  model: LanguageModel;
  /** Lets the model write only what can become a valid statement; without it the model is on its own. */
  grammar?: Grammar;
  /** Statements that the model may write before the agent gives up (default 1). */
  candidates?: number;
  /** Room kept for the statement, in tokens (default 96, at most half of the context). */
  maxNewTokens?: number;
  /** How much of the schema the prompt shows; the room in the context limits it further. */
  link?: Pick<LinkOptions, 'maxTables' | 'maxColumnsPerTable'>;
  /** How ambiguous dates are read (default month first). */
  dateOrder?: DateOrder;
}

/** One statement that the model wrote, and what became of it. */
export interface Candidate {
  /** With placeholders, as the model wrote it. */
  sql: string;
  logProb?: number;
  /** Empty when the statement was accepted and its values could be put back. */
  errors: AnswerFault[];
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
  /** Tables in the prompt. */
  tables: string[];
  promptTokens: number;
  /** The accepted candidate with placeholders, or undefined when none was accepted. */
  rawSql: string | undefined;
  /** The statement with its values: safe to run. Undefined when no candidate was accepted. */
  sql: string | undefined;
  /** The accepted candidate's, else the last one's. */
  verdict: { ok: boolean; errors: AnswerFault[] };
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

  const candidates: Candidate[] = [];
  let accepted: { raw: string; sql: string } | undefined;
  for (let attempt = 0; attempt < (options.candidates ?? 1) && !accepted; attempt++) {
    const completion = await clock.timeAsync('decode', () =>
      model.complete(tokens, {
        attempt,
        maxNewTokens,
        ...(grammar && { mask: grammar.start(vault.placeholders, { selection, maxTokens: maxNewTokens }) }),
      }),
    );
    const raw = model.tokenizer.decode(completion.tokens).trim();
    const { sql, errors } = clock.time('check', () => checkAndRender(raw, index, vault.placeholders));
    const { logProb } = completion;
    candidates.push({ sql: raw, errors, ...(logProb !== undefined && { logProb }) });
    if (sql !== undefined) accepted = { raw, sql };
  }
  const errors = candidates.at(-1)?.errors ?? [];
  return {
    question,
    masked: vault.question,
    placeholders: vault.placeholders,
    notes: vault.notes,
    tables: selection.tables.map(({ table }) => table.name),
    promptTokens: tokens.length,
    rawSql: accepted?.raw,
    sql: accepted?.sql,
    verdict: { ok: accepted !== undefined, errors: accepted ? [] : errors },
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

/** The statement with its values, or why there is none. */
function checkAndRender(
  raw: string,
  index: SchemaIndex,
  placeholders: readonly VaultEntry[],
): { sql?: string; errors: AnswerFault[] } {
  const values = new Map(placeholders.map((entry) => [entry.name, entry]));
  const verdict = validate(raw, index, values);
  if (!verdict.ok) return { errors: verdict.errors };
  try {
    return { sql: render(raw, index, values).sql, errors: [] };
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
