import { formatIdMap, type PlaceholderInfo } from '../data/placeholder.js';
import type { RecordFormat } from '../data/record-format.js';
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
  /** Tokens reserved for the statement, at most half of the context (default: by `estimateStatement`). */
  maxNewTokens?: number | undefined;
  /** How much of the schema the prompt shows; the context limits it further. */
  link?: Pick<LinkOptions, 'maxTables' | 'maxColumnsPerTable'> | undefined;
}

/** Tokens reserved for a statement over a schema that is not known. */
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
  const idMap = formatIdMap(placeholders, index && namesOf(index, format?.names ?? 'identifiers'), format);
  const frame = formatPrompt({ schema: '', question, idMap }, format?.order);
  const taken = model.tokenizer.encode(frame).length + reservedForStatement(placeholders, options);
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
export function roomForStatement(
  promptTokens: number,
  { placeholders }: Pick<VaultResult, 'placeholders'>,
  options: RoomOptions,
): number {
  const { context } = options.model;
  const room = Math.min(reservedForStatement(placeholders, options), context - promptTokens);
  if (room < 1) throw tooLong(promptTokens, context);
  return room;
}

function reservedForStatement(placeholders: readonly PlaceholderInfo[], options: RoomOptions): number {
  const { model, index, maxNewTokens } = options;
  const estimate =
    index === undefined
      ? DEFAULT_NEW_TOKENS
      : estimateStatement(placeholders, index, model.tokenizer, model.format?.names);
  return Math.min(maxNewTokens ?? estimate, Math.floor(model.context / 2));
}

/** Tokens of a statement beside the names: keywords, signs, aliases. Each is measured on statements of the corpus. */
const FRAME = 36;
const PER_TABLE = 13;
const PER_VALUE = 7;
const PER_DATE = 18;
const MOST_JOINS = 3;
/** Tokens of `SELECT COUNT(*) FROM … WHERE …;` beside the names. */
const LEAST_FRAME = 16;

/**
 * Tokens that nearly every statement for such values over such a schema fits in: each value needs a condition, a date two,
 * and names of the schema are as long as its longer ones are.
 */
export function estimateStatement(
  placeholders: readonly Pick<PlaceholderInfo, 'name'>[],
  index: SchemaIndex,
  tokenizer: Tokenizer,
  style: RecordFormat['names'] = 'identifiers',
): number {
  const { table, column, longestTable, longestColumn } = nameTokens(index, tokenizer, style);
  const joins = Math.min(index.tables.length - 1, MOST_JOINS);
  const dates = placeholders.filter(({ name }) => name.startsWith('__DATE_')).length;
  const values = placeholders.length - dates;
  const conditions = values * (PER_VALUE + column) + dates * (PER_DATE + 2 * column);
  const usual = FRAME + 3 * column + table + joins * (PER_TABLE + table + 2 * column) + conditions;
  // One odd name may be longer than all that: then the shortest statement has to fit.
  const least = LEAST_FRAME + longestTable + placeholders.length * (PER_VALUE + longestColumn);
  return Math.ceil(Math.max(usual, least));
}

/** Tokens of a schema's names: three in four are no longer than `table` and `column`. */
interface NameTokens {
  table: number;
  column: number;
  longestTable: number;
  longestColumn: number;
}

const lengths = new WeakMap<SchemaIndex, Map<string, WeakMap<Tokenizer, NameTokens>>>();

function nameTokens(index: SchemaIndex, tokenizer: Tokenizer, style: RecordFormat['names']): NameTokens {
  const styles = lengths.get(index) ?? new Map<string, WeakMap<Tokenizer, NameTokens>>();
  lengths.set(index, styles);
  const known = styles.get(style) ?? new WeakMap<Tokenizer, NameTokens>();
  styles.set(style, known);
  let tokens = known.get(tokenizer);
  if (!tokens) {
    const names = namesOf(index, style);
    const counts = (texts: readonly string[]): number[] =>
      texts.map((text) => tokenizer.encode(text).length).sort((a, b) => a - b);
    const longer = (all: readonly number[]): number => all[Math.floor(0.75 * (all.length - 1))] ?? 1;
    const tables = counts(index.tables.map(({ name }) => names.table(name)));
    const columns = counts(
      index.tables.flatMap(({ name, columns }) => columns.map((one) => names.column(name, one.name))),
    );
    tokens = {
      table: longer(tables),
      column: longer(columns),
      longestTable: tables.at(-1) ?? 1,
      longestColumn: columns.at(-1) ?? 1,
    };
    known.set(tokenizer, tokens);
  }
  return tokens;
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
