import { VaultError } from './errors.js';

/** The maximum length of a question, in UTF-8 bytes. */
export const MAX_QUESTION_BYTES = 10_240;

/**
 * Refuses a question that is empty, too long, or contains text that reads like a placeholder.
 *
 * @throws VaultError `not-text`, `empty-question`, `question-too-long`, `placeholder-in-question`
 */
export function checkQuestion(question: unknown): asserts question is string {
  if (typeof question !== 'string') {
    throw new VaultError('not-text', 'the question must be a string');
  }
  // A UTF-16 unit is at most three bytes of UTF-8.
  const isShort = question.length * 3 <= MAX_QUESTION_BYTES;
  if (
    !isShort &&
    (question.length > MAX_QUESTION_BYTES || Buffer.byteLength(question) > MAX_QUESTION_BYTES)
  ) {
    throw new VaultError(
      'question-too-long',
      `the question is longer than ${MAX_QUESTION_BYTES} bytes; ask one question in a few sentences`,
    );
  }
  if (!/\S/.test(question)) {
    throw new VaultError('empty-question', 'the question is empty; write what you want to know');
  }
  const at = findPlaceholderLike(question);
  if (at !== undefined) {
    throw new VaultError(
      'placeholder-in-question',
      `the question contains text that reads like a placeholder (at character ${at}); such names are reserved: write the value instead`,
      at,
    );
  }
}

// Characters that look like `_`: connector punctuation, combining low lines and macrons, and the block character that
// some tokenizers use for a space.
const LOW_LINES = '\\p{Pc}\u0320\u0331\u0332\u0333\u0347\u02CD\u02ED\u02D7\u2017\u2581\u23BD\uA7F7';
const LOW_LINE = new RegExp(`[${LOW_LINES}]`, 'u');
const INVISIBLE = /[\p{M}\p{Cf}\p{Cc}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;
// Matches any name, in letters of any script, so no list of look-alike letters is needed.
const PLACEHOLDER_LIKE = new RegExp(
  `[${LOW_LINES}]{2}[\\p{L}\\p{N}]{1,16}[${LOW_LINES}]{0,4}[\\p{L}\\p{N}]{0,8}[${LOW_LINES}]{2}`,
  'u',
);
const PLAIN_START = '__';
const ASCII_ONLY = /^[\x20-\x7e\t\n\r]*$/;

/** Offset of the first text that reads like `__ID_1__`, in any letters and case, with or without invisible characters. */
function findPlaceholderLike(question: string): number | undefined {
  const ascii = ASCII_ONLY.test(question);
  if (ascii && !question.includes(PLAIN_START)) return undefined;
  if (ascii) {
    const found = PLACEHOLDER_LIKE.exec(question);
    return found === null ? undefined : found.index;
  }
  const { visible, offsets } = withoutInvisible(question);
  const found = PLACEHOLDER_LIKE.exec(visible);
  return found === null ? undefined : offsets[found.index];
}

/** The text in NFKC without invisible characters, and the original offset of each unit. */
function withoutInvisible(text: string): { visible: string; offsets: number[] } {
  let visible = '';
  const offsets: number[] = [];
  let at = 0;
  for (const character of text) {
    const line = LOW_LINE.test(character);
    if (line || !INVISIBLE.test(character)) {
      const plain = line ? character : character.normalize('NFKC');
      visible += plain;
      for (let k = 0; k < plain.length; k++) offsets.push(at);
    }
    at += character.length;
  }
  return { visible, offsets };
}
