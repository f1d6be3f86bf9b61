import { SchemaError } from '../../errors.js';
import type { ForeignKey, SchemaBundle, Table } from '../bundle.js';
import { checkBundle } from '../check.js';
import { bareTableName, foldName } from '../../../tsql/identifier.js';
import { splitWords } from '../words.js';
import { Assembly, type ReadScript } from './assemble.js';
import { dialectMarks, guessDialect } from './dialect.js';
import { ddlError, placeText, type Skipped } from './fault.js';
import { DdlParser } from './parser.js';
import type { Dialect } from './tokens.js';
import { schemaOf, type WholeKey, type WholeTable } from './whole.js';

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
  /** Whether tables keep their schemas, all but `dbo` and `public` (default `keep`). */
  schemas?: 'keep' | 'drop' | undefined;
  /** Whether comments become descriptions (default `keep`). */
  comments?: 'keep' | 'drop' | undefined;
  /** What cannot be read is an error, not skipped (default false). */
  strict?: boolean | undefined;
  /** File name for error messages. */
  file?: string | undefined;
  /** Called for each declaration that did not come in. */
  onSkipped?: ((skipped: Skipped) => void) | undefined;
}

/**
 * Builds a schema bundle from CREATE TABLE, CREATE VIEW and ALTER TABLE statements in T-SQL, PostgreSQL or MySQL. Types
 * become SQL Server types; names keep their case and their schema. What cannot be read is skipped and reported.
 * @throws SchemaError `empty-ddl` if no table comes in; with `strict`, the first fault
 */
export function importDdl(text: string, options: ImportOptions): SchemaBundle {
  const dialect = options.dialect ?? guessDialect(dialectMarks(text));
  const script = new DdlParser(text, dialect, options.file ?? 'DDL').parse();
  return bundleOfScripts([{ dialect, script }], options);
}

/**
 * The bundle that the scripts define together.
 * @throws SchemaError as importDdl; `conflicting-tables` if two files define one table differently
 */
export function bundleOfScripts(scripts: readonly ReadScript[], options: ImportOptions): SchemaBundle {
  const assembly = new Assembly(scripts, options.schemas === 'drop');
  const tables = assembly.tables();
  const { schema } = options;
  const wanted = tables.filter(
    ({ name }) => schema === undefined || foldName(schemaOf(name)) === foldName(schema),
  );
  const skipped = inOrder(assembly.skipped);
  // A table that is lost as a whole is so because of something in it, which tells more.
  const first = skipped.find(({ code }) => code !== 'skipped') ?? skipped[0];
  if (first && options.strict === true) {
    const more = skipped.length > 1 ? ` (and ${skipped.length - 1} more)` : '';
    throw ddlError(first, first.code, first.reason + more);
  }
  if (wanted.length === 0) throw emptyError(tables, first, options);
  for (const one of skipped) options.onSkipped?.(one);
  const isWanted = new Set(wanted.map(({ name }) => name));
  const bundle: SchemaBundle = {
    name: options.name,
    title: options.title ?? options.name,
    version: options.version ?? '1',
    source:
      options.source ??
      (options.file === undefined ? 'imported DDL' : `imported from ${baseName(options.file)}`),
    licence: options.licence ?? 'unknown',
    tables: wanted.map((table) => toTable(table, isWanted, options.comments ?? 'keep')),
  };
  const [fault] = checkBundle(bundle);
  if (fault) {
    const table = wanted[Number(/^tables\[(\d+)\]/.exec(fault.path)?.[1] ?? NaN)];
    throw table
      ? ddlError(table.place, 'bad-schema', fault.message)
      : new SchemaError({
          code: 'bad-schema',
          file: options.file ?? 'DDL',
          field: fault.path,
          message: fault.message,
        });
  }
  return bundle;
}

/** By file in the order of reading, then by place. */
function inOrder(skipped: readonly Skipped[]): Skipped[] {
  const files = [...new Set(skipped.map(({ file }) => file))];
  return [...skipped].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1)!;
}

function emptyError(
  tables: readonly WholeTable[],
  first: Skipped | undefined,
  options: ImportOptions,
): SchemaError {
  const schemas = [...new Set(tables.map(({ name }) => schemaOf(name)))];
  const why = first ? `; first fault: ${placeText(first)}: ${first.reason}` : '';
  return new SchemaError({
    code: 'empty-ddl',
    file: options.file ?? 'DDL',
    message:
      tables.length === 0
        ? `contains no CREATE TABLE with columns${why}`
        : `has no table in schema "${options.schema}"; its schemas: ${schemas.join(', ')}`,
  });
}

function toTable(table: WholeTable, isWanted: ReadonlySet<string>, comments: 'keep' | 'drop'): Table {
  const describe = (comment: string | undefined): string | undefined =>
    comments === 'keep' ? oneLine(comment) : undefined;
  const inside = distinctKeys(table.foreignKeys.filter((key) => isWanted.has(key.table)));
  const outside = distinctKeys([
    ...table.foreignKeys.filter((key) => !isWanted.has(key.table)),
    ...table.unresolvedKeys,
  ]);
  return {
    name: table.name,
    description: describe(table.comment) ?? defaultDescription(table.name),
    ...(table.isView && { view: true }),
    primaryKey: table.primaryKey,
    columns: table.columns.map(({ name, type, nullable, comment }) => {
      const description = describe(comment);
      return { name, type, nullable, ...(description !== undefined && { description }) };
    }),
    foreignKeys: inside,
    ...(outside.length > 0 && { unresolvedKeys: outside }),
  };
}

/** The description of a table without a comment: its name, in words. */
export function defaultDescription(tableName: string): string {
  const bare = bareTableName(tableName);
  const words = splitWords(bare).join(' ');
  return words === '' ? bare : words.charAt(0).toUpperCase() + words.slice(1) + '.';
}

function distinctKeys(keys: readonly WholeKey[]): ForeignKey[] {
  const distinct = new Map(keys.map((key) => [foldName(JSON.stringify(key)), key]));
  return [...distinct.values()].map(({ columns, table, targetColumns }) => ({
    columns,
    references: { table, columns: targetColumns },
  }));
}

/** A comment as a description: one line of at most 400 characters; undefined if it is empty. */
function oneLine(comment: string | undefined): string | undefined {
  const line = comment?.replace(/\s+/g, ' ').trim() ?? '';
  return line === '' ? undefined : line.length <= 400 ? line : `${line.slice(0, 399)}…`;
}
