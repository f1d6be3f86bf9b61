import type { ForeignKey, SchemaBundle, Table } from '../schema/bundle.js';
import { checkBundle, tableNameFault } from '../schema/check.js';
import { defaultDescription } from '../schema/ddl/import.js';
import { SchemaError } from '../errors.js';
import { foldName, isUsableName } from '../../tsql/identifier.js';
import { parseSqlType } from '../../tsql/types.js';
import { splitWords } from '../schema/words.js';
import type { Server } from './connect.js';
import { legible } from './legible.js';

export interface ServerImportOptions {
  /** The database schema to import (default `dbo`). Tables of another one keep it in their names. */
  schema?: string | undefined;
  name?: string | undefined;
  title?: string | undefined;
  version?: string | undefined;
  source?: string | undefined;
  licence?: string | undefined;
}

export interface ServerImport {
  bundle: SchemaBundle;
  /** What was left out, one line per item. */
  notes: string[];
}

const COLUMNS = `SELECT c.TABLE_NAME AS [table], c.COLUMN_NAME AS [column], c.DATA_TYPE AS [type],
  c.CHARACTER_MAXIMUM_LENGTH AS [length], c.NUMERIC_PRECISION AS [precision], c.NUMERIC_SCALE AS [scale],
  c.DATETIME_PRECISION AS [fraction], c.IS_NULLABLE AS [nullable]
FROM INFORMATION_SCHEMA.COLUMNS AS c
INNER JOIN INFORMATION_SCHEMA.TABLES AS t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE t.TABLE_TYPE = 'BASE TABLE' AND c.TABLE_SCHEMA = @schema
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION;`;

const PRIMARY_KEYS = `SELECT k.TABLE_NAME AS [table], k.COLUMN_NAME AS [column]
FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS AS t
INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k
  ON k.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = t.CONSTRAINT_NAME
WHERE t.CONSTRAINT_TYPE = 'PRIMARY KEY' AND t.TABLE_SCHEMA = @schema
ORDER BY k.TABLE_NAME, k.ORDINAL_POSITION;`;

const FOREIGN_KEYS = `SELECT f.name AS [key], OBJECT_NAME(f.parent_object_id) AS [table],
  COL_NAME(c.parent_object_id, c.parent_column_id) AS [column],
  OBJECT_SCHEMA_NAME(f.referenced_object_id) AS [targetSchema], OBJECT_NAME(f.referenced_object_id) AS [target],
  COL_NAME(c.referenced_object_id, c.referenced_column_id) AS [targetColumn]
FROM sys.foreign_keys AS f
INNER JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = f.object_id
WHERE OBJECT_SCHEMA_NAME(f.parent_object_id) = @schema
ORDER BY f.object_id, c.constraint_column_id;`;

/**
 * Imports the tables, columns and keys of a database. It reads only catalogue views, never a row of a table.
 *
 * @throws ServerError if the server does not answer; SchemaError `empty-ddl` if there are no tables, `bad-schema` if
 *   a bundle cannot represent them
 */
export async function importFromServer(
  server: Server,
  database: string,
  options: ServerImportOptions = {},
): Promise<ServerImport> {
  const schema = options.schema ?? 'dbo';
  const columns = await server.rows(COLUMNS, { schema });
  const primary = await server.rows(PRIMARY_KEYS, { schema });
  const foreign = await server.rows(FOREIGN_KEYS, { schema });
  return bundleOfCatalogue({ columns, primary, foreign }, database, { ...options, schema });
}

type Row = Readonly<Record<string, unknown>>;

/** The bundle described by the rows of the catalogue views. */
export function bundleOfCatalogue(
  {
    columns,
    primary,
    foreign,
  }: { columns: readonly Row[]; primary: readonly Row[]; foreign: readonly Row[] },
  database: string,
  options: ServerImportOptions & { schema: string },
): ServerImport {
  const notes: string[] = [];
  const tables = new Map<string, Table>();
  for (const row of columns) addColumn(tables, row, options.schema, notes);
  for (const row of primary) {
    const table = tables.get(foldName(text(row, 'table')));
    if (table && hasColumn(table, text(row, 'column'))) table.primaryKey.push(text(row, 'column'));
  }
  for (const rows of groupBy(foreign, 'key').values()) addForeignKey(tables, rows, options.schema, notes);
  if (tables.size === 0) {
    throw new SchemaError({
      code: 'empty-ddl',
      message: `the database ${database} has no visible table in the schema ${options.schema}`,
      hint: 'choose another schema with --tables-of; the login needs VIEW DEFINITION on the tables',
    });
  }
  const words = splitWords(database).map((word) => word.replace(/[^a-z0-9]/g, ''));
  const bundle: SchemaBundle = {
    name: options.name ?? (words.filter((word) => word !== '').join('_') || 'imported'),
    title: options.title ?? database,
    version: options.version ?? '1',
    source: options.source ?? `imported from the database ${database}`,
    licence: options.licence ?? 'unknown',
    tables: [...tables.values()],
  };
  const [fault] = checkBundle(bundle);
  if (fault) throw new SchemaError({ code: 'bad-schema', field: fault.path, message: fault.message });
  return { bundle, notes };
}

function addColumn(tables: Map<string, Table>, row: Row, schema: string, notes: string[]): void {
  const [table, column, type] = [text(row, 'table'), text(row, 'column'), typeOf(row)];
  const fullName = foldName(schema) === 'dbo' ? table : `${schema}.${table}`;
  if (!isUsableName(table) || tableNameFault(fullName) !== undefined || !isUsableName(column)) {
    notes.push(
      `${legible(`${table}.${column}`)}: left out, the name has characters that statements cannot use`,
    );
    return;
  }
  if (parseSqlType(type) === undefined) {
    notes.push(`${table}.${column}: left out, the type ${legible(type)} is unknown`);
    return;
  }
  let entry = tables.get(foldName(table));
  if (!entry) {
    entry = {
      name: fullName,
      description: defaultDescription(table),
      primaryKey: [],
      columns: [],
      foreignKeys: [],
    };
    tables.set(foldName(table), entry);
  }
  entry.columns.push({ name: column, type, nullable: row['nullable'] === 'YES' });
}

function addForeignKey(
  tables: ReadonlyMap<string, Table>,
  rows: readonly Row[],
  schema: string,
  notes: string[],
): void {
  const first = rows[0]!;
  const table = tables.get(foldName(text(first, 'table')));
  const target = tables.get(foldName(text(first, 'target')));
  const isInside = foldName(text(first, 'targetSchema')) === foldName(schema);
  const key: ForeignKey = {
    columns: rows.map((row) => text(row, 'column')),
    references: { table: target?.name ?? '', columns: rows.map((row) => text(row, 'targetColumn')) },
  };
  const isWhole =
    table !== undefined &&
    target !== undefined &&
    isInside &&
    key.columns.every((column) => hasColumn(table, column)) &&
    key.references.columns.every((column) => hasColumn(target, column));
  if (isWhole) table.foreignKeys.push(key);
  else
    notes.push(
      `${legible(text(first, 'table'))}: the key to ${legible(text(first, 'target'))} is left out, its target is not imported`,
    );
}

/** The type as written in CREATE TABLE: `varchar(50)`, `decimal(18,2)`, `datetime2(3)`. */
function typeOf(row: Row): string {
  const base = text(row, 'type').toLowerCase();
  const [length, precision, scale, fraction] = ['length', 'precision', 'scale', 'fraction'].map(
    (name) => row[name],
  );
  if (/^n?(var)?char$|^(var)?binary$/.test(base)) return `${base}(${length === -1 ? 'max' : Number(length)})`;
  if (base === 'decimal' || base === 'numeric') return `${base}(${Number(precision)},${Number(scale)})`;
  // 7 fractional digits and, for float, 53 bits are the defaults.
  if (/^(datetime2|datetimeoffset|time)$/.test(base))
    return fraction === 7 ? base : `${base}(${Number(fraction)})`;
  if (base === 'float') return precision === 53 ? base : `float(${Number(precision)})`;
  return base;
}

function text(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

function hasColumn(table: Table, name: string): boolean {
  return table.columns.some((column) => foldName(column.name) === foldName(name));
}

function groupBy(rows: readonly Row[], name: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(text(row, name), [...(groups.get(text(row, name)) ?? []), row]);
  return groups;
}
