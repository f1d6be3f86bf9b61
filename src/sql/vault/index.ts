export { VaultError } from './errors.js';
export type { VaultErrorCode } from './errors.js';
export { extract } from './extract.js';
export { MAX_QUESTION_BYTES } from './guard.js';
export { restore } from './restore.js';
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
