import { AppError } from '../../base/errors.js';

export type VaultErrorCode =
  | 'not-text'
  | 'empty-question'
  | 'question-too-long'
  | 'placeholder-in-question'
  | 'too-many-placeholders'
  | 'unknown-placeholder'
  | 'value-leak'
  | 'masking-failed';

/** A question that the vault refuses, or a masked question that does not fit its placeholders. */
export class VaultError extends AppError<VaultErrorCode> {
  constructor(
    code: VaultErrorCode,
    message: string,
    /** Offset in the question (UTF-16 units), where it is known. */
    readonly at?: number | undefined,
  ) {
    super(code, message);
  }
}
