import { AppError } from '../base/errors.js';

/** What the server itself refuses, with the HTTP status that says so. */
export class ServeError extends AppError {
  constructor(
    code: string,
    message: string,
    readonly status: ErrorStatus,
    /** Seconds after which the client may try again. */
    readonly retryAfter?: number | undefined,
  ) {
    super(code, message);
  }
}

/** Statuses of errors. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
