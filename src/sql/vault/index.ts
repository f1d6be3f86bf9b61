export { inTheClear } from './clear.js';
export { VaultError } from './errors.js';
export type { VaultErrorCode } from './errors.js';
export { extract } from './extract.js';
export { MAX_QUESTION_BYTES } from './guard.js';
export { restore, withMentions } from './restore.js';
export { knowledgeOf } from './mentions/knowledge.js';
export type { SchemaKnowledge } from './mentions/knowledge.js';
export { namesWithDigits } from './schema-names.js';
export type {
  DateOrder,
  Note,
  NoteCode,
  SchemaNames,
  Span,
  VaultEntry,
  VaultOptions,
  VaultResult,
} from './types.js';
