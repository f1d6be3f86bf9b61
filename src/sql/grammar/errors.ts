/**
 * The grammar cannot go on. `unplaceable`: no table has a column that a placeholder could be compared with. `no_token`:
 * the tokenizer lacks a token that every statement needs. `not_allowed`: the caller chose a token that the mask had ruled
 * out. `finished`: a token followed the end.
 */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
  constructor(
    readonly code: 'unplaceable' | 'no_token' | 'not_allowed' | 'finished',
    message: string,
  ) {
    super(message);
  }
}
