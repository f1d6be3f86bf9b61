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
export class VaultError extends Error {
  override readonly name = 'VaultError';
  constructor(
    readonly code: VaultErrorCode,
    message: string,
    /** Offset of the fault in the question, in UTF-16 units, if it has one. */
    readonly at?: number,
  ) {
    super(message);
  }
}
