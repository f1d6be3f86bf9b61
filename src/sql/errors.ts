import { AppError } from '../base/errors.js';

/** A position in a text: `offset` counts UTF-16 units from 0, `line` and `column` count from 1. */
export interface TextPosition {
  offset: number;
  line: number;
  column: number;
}

/** Line and column of an offset; an offset past the end counts as the end. */
export function positionAt(text: string, offset: number): TextPosition {
  const end = Math.max(0, Math.min(offset, text.length));
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < end; i++) {
    if (text.charCodeAt(i) === 10) {
      line++;
      lineStart = i + 1;
    }
  }
  return { offset: end, line, column: end - lineStart + 1 };
}

/**
 * A statement was refused. `code` is one of validator/codes.ts; `number` is SQL Server's message number for the same
 * fault, where there is one.
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
