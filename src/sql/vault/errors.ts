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

/** The vault refuses a question, or a masked question does not match its placeholders. */
export class VaultError extends AppError<VaultErrorCode> {
  constructor(
    code: VaultErrorCode,
    message: string,
    /** Offset of the fault in the question, in UTF-16 units, if it has one. */
    readonly at?: number | undefined,
  ) {
    super(code, message);
  }
}
