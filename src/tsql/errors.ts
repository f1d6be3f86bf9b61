import { AppError } from '../base/errors.js';
import type { TextPosition } from '../base/text-position.js';

/**
 * A text is not a statement of the allowed shape. `code` is stable (see codes.ts); `number` is SQL Server's message
 * number where SQL Server reports the same fault.
 */
export class ValidationError extends AppError {
  constructor(
    code: string,
    message: string,
    readonly at: TextPosition,
    readonly number?: number | undefined,
  ) {
    super(code, message);
  }
}
