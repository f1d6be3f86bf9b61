/** Where in a text an error lies: `offset` counts UTF-16 units from 0, `line` and `column` count from 1. */
export interface TextPosition {
  offset: number;
  line: number;
  column: number;
}

/** Position of an offset in a text; an offset past the end is the end. */
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
 * A statement was refused. `code` is stable (list: validator/codes.ts); `number` is SQL Server's message number
 * where SQL Server has one for this fault.
 */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  constructor(
    readonly code: string,
    message: string,
    readonly at: TextPosition,
    readonly number?: number,
  ) {
    super(message);
  }
}

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
