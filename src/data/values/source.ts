/** A column whose values the index may take. */
export interface ValueColumn {
  /** As in the bundle, with its schema if it has one. */
  table: string;
  column: string;
}

/** What a source tells while it is read. */
export interface SourceEvents {
  /** One value that is not null; `column` is its place in the source's list. Blanks at the end are already removed. */
  value(column: number, text: string): void;
  /** `table` is being read; no value of another one follows before the next call. */
  table(table: string): void;
  progress(done: number, total: number): void;
  note(line: string): void;
}

/** Where values come from: a folder of CSV files, or a server. */
export interface ValueSource {
  readonly columns: readonly ValueColumn[];
  read(events: SourceEvents): Promise<void>;
}
