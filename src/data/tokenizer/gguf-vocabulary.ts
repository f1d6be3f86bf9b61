import type { GgufVocabulary } from '../../engine/nn/export-gguf.js';
import { CONTROL_TOKENS } from './special-tokens.js';
import type { Tokenizer } from './tokenizer.js';

/** Numbers of llama.cpp's types of tokens. */
const [NORMAL, CONTROL, USER_DEFINED] = [1, 3, 4];

/**
 * The rule of llama.cpp's that cuts our texts where ours does. Others (llama-bpe, tekken) would do as well; gpt-2's cuts
 * an underscore from the word after it. docs/commands.md says on which texts it differs.
 */
export const GGUF_PRE = 'gpt-4o';

/** The vocabulary in the form that a GGUF file carries. */
export function ggufVocabulary(tokenizer: Tokenizer): GgufVocabulary {
  const { model } = JSON.parse(tokenizer.toJson()) as {
    model: { vocab: Record<string, number>; merges: string[] };
  };
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  const types = tokens.map((token) => {
    if (CONTROL_TOKENS.includes(token)) return CONTROL;
    return tokenizer.specialTokens.has(token) ? USER_DEFINED : NORMAL;
  });
  const { endId, padId } = tokenizer;
  return { tokens, types, merges: model.merges, pre: GGUF_PRE, endId, padId };
}
