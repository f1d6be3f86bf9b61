/** The embedded database cannot run a statement or load a schema; `code` is stable. */
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
