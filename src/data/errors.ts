/** What a data-floor error carries besides its message; `field` is a JSON path such as `tables[3].columns[0].type`. */
export interface DataErrorDetails {
  /** Stable, for programs: `schema-not-found`, `broken-json`, … */
  code: string;
  /** What is wrong, without file and field: these are put in front. */
  message: string;
  file?: string | undefined;
  field?: string | undefined;
  /** What to do about it. */
  hint?: string | undefined;
}

/** Data that cannot be read or used: records, corpora, shards, tokenizers. The message is one line. */
export class DataError extends Error {
  readonly code: string;
  readonly file: string | undefined;
  readonly field: string | undefined;
  readonly hint: string | undefined;

  constructor(
    readonly details: DataErrorDetails,
    options?: ErrorOptions,
  ) {
    const where = [details.file, details.field].filter((part) => part !== undefined && part !== '');
    const hint = details.hint === undefined ? '' : `; ${details.hint}`;
    super([...where, details.message].join(': ') + hint, options);
    this.name = new.target.name;
    this.code = details.code;
    this.file = details.file;
    this.field = details.field;
    this.hint = details.hint;
  }
}

/** A schema file or DDL text that is absent, broken, or contradicts itself. */
export class SchemaError extends DataError {}
