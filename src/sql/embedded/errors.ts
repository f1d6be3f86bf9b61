/** A statement or schema that the embedded database cannot take; `code` is stable. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  constructor(
    /** `not-installed`, `bad-rows`, `placeholder`, or `untranslatable`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
