export { EmbeddedDatabase, EmbeddedServer } from './database.js';
export type { Cell, LoadOptions, Outcome, ServerOptions } from './database.js';
export { EmbeddedError } from './errors.js';
