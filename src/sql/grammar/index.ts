export {
  createGrammar,
  StatementMask,
  type Grammar,
  type GrammarOptions,
  type StartOptions,
} from './grammar.js';
export { GrammarError } from './errors.js';
