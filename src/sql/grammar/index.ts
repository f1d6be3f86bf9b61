export { createGrammar, type Grammar, type GrammarOptions, type StartOptions } from './grammar.js';
export type { JoinRule } from './catalog.js';
export { StatementMask } from './statement-mask.js';
export { GrammarError } from './errors.js';
