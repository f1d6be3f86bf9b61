/**
 * Pre-tokenization: where a text is cut before merges are learned or applied. No token crosses a cut.
 *
 *     "SELECT p.birthDate_1"  →  SELECT · ␣p · . · birth · Date · _ · 1
 *
 * The pattern means the same in JavaScript (flag `u`) and in Oniguruma, which Hugging Face's tokenizers use. It names
 * only ASCII, because `\p{…}` and `\s` depend on the Unicode version of the regex engine; everything else counts as a
 * lower-case letter. Every character matches some alternative, so the pieces tile the text.
 */
const LOWER = '[^\\x00-\\x60\\x7B-\\x7F]';
const PUNCTUATION = '[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x21-\\x2F\\x3A-\\x40\\x5B-\\x5E\\x60\\x7B-\\x7F]';
const SPACE = '[ \\t\\r\\n]';

export const PRE_TOKEN_PATTERN = [
  // A run of capitals that ends before the capital of a following word: `ICD` and `Code` in `ICDCode`.
  `[ _]?[A-Z]+(?!${LOWER})`,
  // A word, capitalised or not; a space or one underscore before it belongs to it.
  `[ _]?[A-Z]?${LOWER}+`,
  '[0-9]',
  ' ?_+',
  ` ?${PUNCTUATION}+`,
  // White space, except that the last character before a word may belong to the word; then any other white space.
  `${SPACE}+(?![^ \\t\\r\\n])`,
  `${SPACE}+`,
].join('|');

const prePattern = new RegExp(PRE_TOKEN_PATTERN, 'gu');

/** The pieces of a text without special tokens, in order. Joined, they are the text. */
export function preTokenize(text: string): string[] {
  return text.match(prePattern) ?? [];
}

/**
 * Cuts a text at its special tokens. In the result, elements at odd indices are special tokens, and those at even
 * indices are the text between them, possibly empty. If two tokens match at one place, the longer wins, as in Hugging
 * Face's tokenizers.
 */
export function specialTokenSplitter(specialTokens: readonly string[]): (text: string) => string[] {
  if (specialTokens.length === 0) return (text) => [text];
  const alternatives = [...specialTokens]
    .sort((a, b) => b.length - a.length)
    .map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const pattern = new RegExp(`(${alternatives.join('|')})`, 'u');
  return (text) => text.split(pattern);
}
