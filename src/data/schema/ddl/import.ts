import { SchemaError } from '../../errors.js';
import type { ForeignKey, SchemaBundle, Table } from '../bundle.js';
import { checkBundle } from '../check.js';
import { bareTableName, foldName } from '../../../tsql/identifier.js';
import { splitWords } from '../words.js';
import { DdlParser, type DdlForeignKey, type DdlTable } from './parser.js';
import { ddlError, guessDialect, type Dialect } from './tokens.js';

export interface ImportOptions {
  /** Short name of the bundle: lower-case letters, digits, underscores. */
  name: string;
  title?: string | undefined;
  version?: string | undefined;
  source?: string | undefined;
  licence?: string | undefined;
  /** Guessed from the text by default. */
  dialect?: Dialect | undefined;
  /** Import only the tables of this database schema, for example `dbo`. */
  schema?: string | undefined;
  /** Whether comments become descriptions (default `keep`). */
  comments?: 'keep' | 'drop' | undefined;
  /** File name for error messages. */
  file?: string | undefined;
  /** Called for each declaration that was skipped, with one line of text. */
  onNote?: ((note: string) => void) | undefined;
}

/**
 * Builds a schema bundle from CREATE TABLE and ALTER TABLE statements in T-SQL, PostgreSQL or MySQL. Types become SQL
 * Server types; names keep their case and lose their schema.
 * @throws SchemaError `broken-ddl`, `unknown-type` (with line and column), `empty-ddl`, or `bad-schema` if the tables
 *   contradict each other
 */
export function importDdl(text: string, options: ImportOptions): SchemaBundle {
  const dialect = options.dialect ?? guessDialect(text);
  const parser = new DdlParser(text, dialect, options.file).parse();
  const wanted = parser.tables.filter(
    (table) => options.schema === undefined || foldName(table.schema ?? '') === foldName(options.schema),
  );
  if (wanted.length === 0) throw emptyError(parser.tables, options);
  const resolve = (key: DdlForeignKey): ForeignKey => resolveKey(key, parser.table(key.table));
  const bundle: SchemaBundle = {
    name: options.name,
    title: options.title ?? options.name,
    version: options.version ?? '1',
    source:
      options.source ??
      (options.file === undefined ? 'imported DDL' : `imported from ${baseName(options.file)}`),
    licence: options.licence ?? 'unknown',
    tables: wanted.map((table) => toTable(table, resolve, options.comments ?? 'keep')),
  };
  for (const note of parser.notes) options.onNote?.(note);
  const [fault] = checkBundle(bundle);
  if (fault) throw bundleError(fault.path, fault.message, text, wanted, options);
  return bundle;
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1)!;
}

function emptyError(tables: readonly DdlTable[], options: ImportOptions): SchemaError {
  const schemas = [...new Set(tables.map((table) => table.schema ?? '(none)'))];
  return new SchemaError({
    code: 'empty-ddl',
    file: options.file ?? 'DDL',
    message:
      tables.length === 0
        ? 'contains no CREATE TABLE with columns'
        : `has no table in schema "${options.schema}"; its schemas: ${schemas.join(', ')}`,
  });
}

/** Points to the faulty table's CREATE TABLE, because the bundle is not a file yet. */
function bundleError(
  path: string,
  message: string,
  text: string,
  tables: readonly DdlTable[],
  options: ImportOptions,
): SchemaError {
  const table = tables[Number(/^tables\[(\d+)\]/.exec(path)?.[1] ?? NaN)];
  if (table) return ddlError(text, table.offset, 'bad-schema', message, options.file);
  return new SchemaError({ code: 'bad-schema', file: options.file ?? 'DDL', field: path, message });
}

function toTable(
  table: DdlTable,
  resolve: (key: DdlForeignKey) => ForeignKey,
  comments: 'keep' | 'drop',
): Table {
  const spelling = columnSpelling(table);
  const primary = new Set(table.primaryKey.map(foldName));
  const describe = (comment: string | undefined): string | undefined =>
    comments === 'keep' ? oneLine(comment) : undefined;
  return {
    name: table.name,
    description: describe(table.comment) ?? defaultDescription(table.name),
    primaryKey: table.primaryKey.map(spelling),
    columns: table.columns.map(({ name, type, nullable, comment }) => {
      const description = describe(comment);
      const column = { name, type, nullable: nullable && !primary.has(foldName(name)) };
      return description === undefined ? column : { ...column, description };
    }),
    foreignKeys: distinctKeys(
      table.foreignKeys.map((key) => resolve({ ...key, columns: key.columns.map(spelling) })),
    ),
  };
}

/** The description of a table without a comment: its name, in words. */
export function defaultDescription(tableName: string): string {
  const words = splitWords(bareTableName(tableName)).join(' ');
  return words === '' ? bareTableName(tableName) : words.charAt(0).toUpperCase() + words.slice(1) + '.';
}

function columnSpelling(table: DdlTable): (name: string) => string {
  const names = new Map(table.columns.map((column) => [foldName(column.name), column.name]));
  return (name) => names.get(foldName(name)) ?? name;
}

function resolveKey(key: DdlForeignKey, target: DdlTable | undefined): ForeignKey {
  if (!target)
    return {
      columns: key.columns,
      references: { table: key.table.name, columns: key.targetColumns ?? [...key.columns] },
    };
  const columns = key.targetColumns ?? target.primaryKey;
  return {
    columns: key.columns,
    references: { table: target.name, columns: columns.map(columnSpelling(target)) },
  };
}

function distinctKeys(keys: readonly ForeignKey[]): ForeignKey[] {
  return [...new Map(keys.map((key) => [foldName(JSON.stringify(key)), key])).values()];
}

/** A comment as a description: one line of at most 400 characters; undefined if it is empty. */
function oneLine(comment: string | undefined): string | undefined {
  const line = comment?.replace(/\s+/g, ' ').trim() ?? '';
  return line === '' ? undefined : line.length <= 400 ? line : `${line.slice(0, 399)}…`;
}
