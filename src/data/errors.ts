import { AppError } from '../base/errors.js';

/** What a DataError says besides its message. */
export interface DataErrorDetails {
  /** Stable, for programs: `schema-not-found`, `broken-json`, … */
  code: string;
  /** What is wrong, without file and field: the error puts these in front. */
  message: string;
  file?: string | undefined;
  field?: string | undefined;
  /** What to do about it. */
  hint?: string | undefined;
}

/** Data that cannot be read or used: records, corpora, shards, tokenizers. The message is one line. */
export class DataError extends AppError {
  readonly file: string | undefined;
  readonly field: string | undefined;
  readonly hint: string | undefined;

  constructor(
    readonly details: DataErrorDetails,
    options?: ErrorOptions,
  ) {
    const { code, message, file, field, hint } = details;
    const where = [file, field].filter((part) => part !== undefined && part !== '');
    super(code, [...where, message].join(': ') + (hint === undefined ? '' : `; ${hint}`), options);
    this.file = file;
    this.field = field;
    this.hint = hint;
  }
}

/** A schema file or DDL text that is missing, broken, or contradicts itself. */
export class SchemaError extends DataError {}
