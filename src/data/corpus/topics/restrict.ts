import { DataError } from '../../errors.js';
import type { SchemaBundle, Table } from '../../schema/bundle.js';
import { foldName, foldTableName, splitColumnPath } from '../../../tsql/identifier.js';

/** The tables to keep, by name, each with the columns to keep; null keeps all columns. */
export type Restriction = Record<string, string[] | null>;

/**
 * The part of a bundle that a small corpus asks about. Foreign keys to other tables are dropped. Primary key columns
 * are kept even if they are not named.
 *
 * @throws DataError if the bundle has no such table or column
 */
export function restrictBundle(bundle: SchemaBundle, restriction: Restriction): SchemaBundle {
  const kept = Object.entries(restriction).map(([name, columns]) => restrictTable(bundle, name, columns));
  const has = (table: string, columns: readonly string[]): boolean => {
    const found = kept.find((t) => foldTableName(t.name) === foldTableName(table));
    return columns.every((name) => found?.columns.some((c) => foldName(c.name) === foldName(name)) ?? false);
  };
  const tables = kept.map((table) => ({
    ...table,
    foreignKeys: table.foreignKeys.filter(
      (key) => has(table.name, key.columns) && has(key.references.table, key.references.columns),
    ),
  }));
  const joins = (bundle.joins ?? []).filter((join) =>
    [join.from, join.to].every((end) => {
      const [table, column] = splitColumnPath(end);
      return has(table, [column]);
    }),
  );
  return { ...bundle, tables, joins };
}

function restrictTable(bundle: SchemaBundle, name: string, columns: string[] | null): Table {
  const table = bundle.tables.find((t) => foldTableName(t.name) === foldTableName(name));
  if (table === undefined) throw unknownName(`table '${name}'`, bundle);
  if (columns === null) return table;
  const wanted = new Set([...table.primaryKey, ...columns].map(foldName));
  const missing = columns.find((c) => !table.columns.some((column) => foldName(column.name) === foldName(c)));
  if (missing !== undefined) throw unknownName(`column '${missing}' of table '${name}'`, bundle);
  return { ...table, columns: table.columns.filter((column) => wanted.has(foldName(column.name))) };
}

function unknownName(what: string, bundle: SchemaBundle): DataError {
  return new DataError({
    code: 'unknown-name',
    message: `the schema ${bundle.name} has no ${what}`,
    field: 'tables',
    hint: 'name tables and columns as the schema spells them',
  });
}
