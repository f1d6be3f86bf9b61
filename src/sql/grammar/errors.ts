import { AppError } from '../../base/errors.js';

/**
 * The grammar cannot continue. `unplaceable`: no table has a column that a placeholder could be compared with. `no-token`:
 * the tokenizer lacks a token that every statement needs. `no-room`: no statement for the placeholders is short enough.
 * `not-allowed`: the caller chose a token that the mask had
 * ruled out. `finished`: a token followed the end.
 */
export class GrammarError extends AppError<
  'unplaceable' | 'no-token' | 'no-room' | 'not-allowed' | 'finished'
> {}
