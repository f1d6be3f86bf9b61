import { formatIdMap } from '../data/placeholder.js';
import { formatPrompt } from '../data/record.js';
import type { LinkOptions } from '../data/schema/link/link.js';
import { namesOf } from '../data/schema/names.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { AgentError } from './errors.js';
import type { LanguageModel } from './language-model.js';
import type { VaultResult } from './vault/index.js';

/** How the model's context is shared between schema, question and statement. */
export interface RoomOptions {
  model: LanguageModel;
  index?: SchemaIndex | undefined;
  /** Tokens reserved for the statement (default 96, at most half of the context). */
  maxNewTokens?: number | undefined;
  /** How much of the schema the prompt shows; the context limits it further. */
  link?: Pick<LinkOptions, 'maxTables' | 'maxColumnsPerTable'> | undefined;
}

const DEFAULT_NEW_TOKENS = 96;

/**
 * Limits for the linker: the schema gets the tokens that question, ID map and statement leave in the context.
 *
 * @throws AgentError `prompt-too-long` if nothing is left
 */
export function linkLimits(vault: VaultResult, options: RoomOptions): LinkOptions {
  const { model, link, index } = options;
  const { question, placeholders } = vault;
  const { format } = model;
  const idMap = formatIdMap(placeholders, index && namesOf(index, format?.names ?? 'identifiers'));
  const frame = formatPrompt({ schema: '', question, idMap }, format?.order);
  const taken = model.tokenizer.encode(frame).length + reservedForStatement(options);
  const tokenBudget = model.context - taken;
  if (tokenBudget < 1) throw tooLong(taken, model.context);
  const rendering = { format, question, placeholders };
  return {
    ...format?.link,
    ...link,
    placeholders,
    rendering,
    tokenBudget,
    countTokens: tokenCounter(model.tokenizer),
  };
}

/**
 * Tokens that the statement may take after a prompt.
 *
 * @throws AgentError `prompt-too-long` if there are none
 */
export function roomForStatement(promptTokens: number, options: RoomOptions): number {
  const { context } = options.model;
  const room = Math.min(reservedForStatement(options), context - promptTokens);
  if (room < 1) throw tooLong(promptTokens, context);
  return room;
}

function reservedForStatement({ model, maxNewTokens = DEFAULT_NEW_TOKENS }: RoomOptions): number {
  return Math.min(maxNewTokens, Math.floor(model.context / 2));
}

/** One counter per tokenizer: the linker caches counts by the identity of this function. */
const counters = new WeakMap<Tokenizer, (text: string) => number>();

function tokenCounter(tokenizer: Tokenizer): (text: string) => number {
  const counter = counters.get(tokenizer) ?? ((text: string) => tokenizer.encode(text).length);
  counters.set(tokenizer, counter);
  return counter;
}

function tooLong(tokens: number, context: number): AgentError {
  return new AgentError(
    'prompt-too-long',
    `the question and its statement need ${tokens} tokens, but the model's context is ${context}: ask a shorter question`,
  );
}
