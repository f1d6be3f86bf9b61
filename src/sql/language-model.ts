import type { RecordFormat } from '../data/record-format.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import type { BranchingMask } from '../engine/decode/beam.js';

/** What a model wrote after a prompt. */
export interface Completion {
  /** Without the end token. */
  tokens: ArrayLike<number> & Iterable<number>;
  /** Natural logarithm of the text's probability, including the end token; absent if the model does not report it. */
  logProb?: number | undefined;
  /** Log-probability of the least likely token. */
  leastLogProb?: number | undefined;
}

export interface CompleteOptions {
  /** How many different continuations to write; fewer may come back. */
  count: number;
  maxNewTokens: number;
  /** Statements of a lower probability are of no use: the model may give them up half-written (default 0). */
  floor?: number | undefined;
  mask?: BranchingMask | undefined;
}

/** Anything that continues token ids. The first completion is the one it would write if asked for only one. */
export interface LanguageModel {
  tokenizer: Tokenizer;
  /** How its records were written (default: `FIRST_FORMAT`). */
  format?: RecordFormat | undefined;
  /** Context length in tokens, shared by prompt and statement. */
  context: number;
  complete(prompt: Uint32Array, options: CompleteOptions): Promise<Completion[]>;
}
