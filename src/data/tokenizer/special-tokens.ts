import { MAX_PLACEHOLDERS, PLACEHOLDER_PREFIXES, placeholderName } from '../placeholder.js';
import { MARKERS } from '../record.js';

/** Fills a row of a batch after its record; never a target. */
export const PAD_TOKEN = '<|pad|>';
/** Follows the statement: by this token the model says that it has finished. */
export const END_TOKEN = '<|end|>';

/** Tokens that are not text; programs that load `tokenizer.json` omit them from decoded text. */
export const CONTROL_TOKENS: readonly string[] = [PAD_TOKEN, END_TOKEN];

/** Strings that are always one token, in the order of their ids: `<|pad|>` is 0, `<|end|>` is 1. */
export const SPECIAL_TOKENS: readonly string[] = [
  ...CONTROL_TOKENS,
  ...Object.values(MARKERS),
  ...PLACEHOLDER_PREFIXES.flatMap((prefix) =>
    Array.from({ length: MAX_PLACEHOLDERS }, (_, i) => placeholderName(prefix, i + 1)),
  ),
];

/**
 * Special tokens are two or more printable ASCII characters without spaces. Such a string stands for itself in the byte
 * alphabet. As texts are cut at special tokens, no merge can spell one.
 */
export function isSpecialTokenName(token: string): boolean {
  return /^[!-~]{2,}$/.test(token);
}
