/**
 * Every error that the project throws on purpose. Anything else that is thrown is a bug, or an error of
 * the operating system.
 */
export class AppError<Code extends string = string> extends Error {
  constructor(
    /** For programs: kebab-case, and stable between versions. */
    readonly code: Code,
    /** For a person: what is wrong, where, and what to do about it. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
