import { AppError } from '../base/errors.js';

export { ValidationError } from '../tsql/errors.js';

/** The values could not be put back into a statement, and nothing was written. `placeholder` is the one at fault. */
export class RenderError extends AppError {
  constructor(
    code: string,
    message: string,
    readonly placeholder?: string | undefined,
  ) {
    super(code, message);
  }
}

/** A question that the pipeline cannot pass to the model. */
export class AgentError extends AppError {}
