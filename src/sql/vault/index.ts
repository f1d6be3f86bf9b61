export { VaultError } from './errors.js';
export type { VaultErrorCode } from './errors.js';
export { extract } from './extract.js';
export { MAX_QUESTION_BYTES } from './guard.js';
export { restore } from './restore.js';
export type { DateOrder, Note, NoteCode, Span, VaultEntry, VaultOptions, VaultResult } from './types.js';
