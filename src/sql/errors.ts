export { ValidationError } from '../tsql/errors.js';

/** The values could not be put back into a statement; nothing was written. `placeholder` is the one at fault. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  constructor(
    readonly code: string,
    message: string,
    readonly placeholder?: string,
  ) {
    super(message);
  }
}

/** A question that the pipeline cannot take to the model. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
