/**
 * The grammar cannot serve: `unplaceable` when no table has a column that a placeholder could be compared with,
 * `no-token` when the tokenizer lacks a token that every statement needs, `not-allowed` when a token is chosen that
 * the mask had ruled out, `finished` when a token follows the end.
 */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
  constructor(
    readonly code: 'unplaceable' | 'no-token' | 'not-allowed' | 'finished',
    message: string,
  ) {
    super(message);
  }
}
