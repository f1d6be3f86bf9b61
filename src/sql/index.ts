/**
 * `openward/sql`: a question about a healthcare database becomes one safe T-SQL SELECT.
 *
 * ```ts
 * import { openAgent } from 'openward/sql';
 *
 * const agent = await openAgent({ schema: 'omop_cdm_5_4', model: 'runs/demo/model' });
 * const { statement, explanation, refusal } = await agent.ask('How many visits did patient 0048213 have?');
 * await agent.close();
 * ```
 *
 * The parts of the pipeline are here too: `extract` takes the values out of a question and `restore` puts them back
 * into it, `validate` decides whether a text is one safe statement over a schema, and `render` writes the values into
 * a statement with placeholders.
 *
 * @module
 */
export { openAgent, openModel } from './open-agent.js';
export type { Agent, AgentOptions, AskOptions, OpenedModel } from './open-agent.js';
export type { AnswerWatch } from './watch.js';
export type { DecoderModelOptions, Search } from './decoder-model.js';
export type { JoinRule } from './grammar/catalog.js';
export type { Strangeness, Unexplained } from './answerable/score.js';
export type { Answer, AnswerFault, Candidate, Confidence, Refusal, Timings } from './answer.js';
export type { BranchingMask } from '../engine/decode/beam.js';
export type { Completion, CompleteOptions, LanguageModel } from './language-model.js';

export { extract, restore, VaultError } from './vault/index.js';
export type {
  DateOrder,
  Note,
  NoteCode,
  Span,
  VaultEntry,
  VaultErrorCode,
  VaultOptions,
  VaultResult,
} from './vault/index.js';

export { validate } from './validator/validate.js';
export type { ValidationResult } from './validator/validate.js';
export type { Problem } from './validator/problems.js';

export type { PlaceholderUse } from './validator/placeholders.js';
export type { Strictness } from './validator/binder.js';
export type { TextPosition } from '../base/text-position.js';
export type { Datepart } from '../tsql/dateparts.js';
export type { SqlType, TypeFamily } from '../tsql/types.js';
export type { ValueType } from '../tsql/value-type.js';
/** The tree of a statement. */
export type * as ast from '../tsql/ast.js';

export { render } from './renderer/render.js';
export type { Rendered } from './renderer/render.js';
export type { PlaceholderValue } from './values.js';

export { loadBundle } from '../data/schema/load.js';
export { SchemaIndex } from '../data/schema/schema-index.js';
export type { CodedValue, Column, ForeignKey, JoinPath, SchemaBundle, Table } from '../data/schema/bundle.js';
export type { JoinGraph, JoinSide, SchemaJoin } from '../data/schema/join-graph.js';
export type { SchemaColumn } from '../data/schema/schema-index.js';
export type { IdBuffer } from '../data/tokenizer/id-buffer.js';
export type { Tokenizer } from '../data/tokenizer/tokenizer.js';
export type { PlaceholderInfo } from '../data/placeholder.js';
export type { MatchedValue, MatchKind, PhraseMatch, ValueLookup } from '../data/values/longest.js';
export type { NamesWithDigits, SchemaKnowledge } from './vault/schema-knowledge.js';
export type { Restorable } from './vault/restore.js';

export { AgentError, RenderError, ValidationError } from './errors.js';
export { DataError, SchemaError, type DataErrorDetails } from '../data/errors.js';
