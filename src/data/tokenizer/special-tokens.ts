import { MAX_PLACEHOLDERS, PLACEHOLDER_PREFIXES, placeholderName } from '../placeholder.js';
import { MARKERS } from '../record.js';

/** Fills a row of a batch behind its record; never a target. */
export const PAD_TOKEN = '<|pad|>';
/** Follows the statement: the model's sign that it has finished. */
export const END_TOKEN = '<|end|>';

/** Tokens that carry no text of the record; engines that load `tokenizer.json` leave them out of decoded text. */
export const CONTROL_TOKENS: readonly string[] = [PAD_TOKEN, END_TOKEN];

/** Every string that is one token wherever it stands, in the order of its id: `<|pad|>` is 0, `<|end|>` is 1. */
export const SPECIAL_TOKENS: readonly string[] = [
  ...CONTROL_TOKENS,
  ...Object.values(MARKERS),
  ...PLACEHOLDER_PREFIXES.flatMap((prefix) =>
    Array.from({ length: MAX_PLACEHOLDERS }, (_, i) => placeholderName(prefix, i + 1)),
  ),
];

/**
 * Special tokens are two or more printable ASCII characters, without spaces: such a string stands for itself in the
 * byte alphabet, and as texts are cut at special tokens no merge can ever spell one.
 */
export function isSpecialTokenName(token: string): boolean {
  return /^[!-~]{2,}$/.test(token);
}
