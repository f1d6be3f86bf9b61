import type { SchemaBundle, Table } from '../../data/schema/bundle.js';
import { parseSqlType, postgresTypeOf } from '../../tsql/types.js';
import type { ValueType } from '../../tsql/value-type.js';
import { pgName, pgSchema, pgTable } from './names.js';

/** The PostgreSQL type for a SQL Server type. char becomes varchar, since its padding would count in comparisons. */
export function pgType(type: ValueType): string {
  if (type.base === 'decimal' || type.base === 'numeric') {
    return `numeric(${type.precision ?? 18},${type.scale ?? 0})`;
  }
  const known = postgresTypeOf(type.base);
  if (known !== undefined) return known;
  if (type.family === 'string' && typeof type.length === 'number') return `varchar(${type.length})`;
  return type.family === 'string' && type.length === undefined && /char$/.test(type.base)
    ? 'varchar(1)'
    : 'text';
}

/** The PostgreSQL schemas of a bundle, in quotes: its own, and one for each schema of its tables. */
export function pgSchemas(bundle: SchemaBundle, schema: string): string[] {
  return [...new Set([pgName(schema), ...bundle.tables.map((table) => pgSchema(schema, table.name))])];
}

/** CREATE TABLE for every table, without keys: `createKeys` adds them once the rows are there. */
export function createTables(bundle: SchemaBundle, schema: string): string {
  const tables = bundle.tables.map((table) => {
    const columns = table.columns.map((column) => {
      const type = pgType(parseSqlType(column.type) ?? { base: column.type, family: 'other' });
      return `${pgName(column.name)} ${type}${column.nullable ? '' : ' NOT NULL'}`;
    });
    return `CREATE TABLE ${pgTable(schema, table.name)} (${columns.join(', ')});`;
  });
  const schemas = pgSchemas(bundle, schema).map((name) => `CREATE SCHEMA ${name};`);
  return [...schemas, ...tables].join('\n');
}

const list = (names: readonly string[]): string => names.map(pgName).join(', ');

/**
 * The keys. A primary key becomes UNIQUE: with PRIMARY KEY, PostgreSQL would accept a query that groups by the key and
 * selects other columns, which SQL Server refuses.
 */
export function createKeys(bundle: SchemaBundle, schema: string): string {
  const statements: string[] = [];
  const unique = new Set<string>();
  const at = (table: string): string => pgTable(schema, table);
  const addUnique = (table: string, columns: readonly string[]): void => {
    const key = `${at(table)}(${columns.map(pgName).sort().join()})`;
    if (columns.length === 0 || unique.has(key)) return;
    unique.add(key);
    statements.push(`ALTER TABLE ${at(table)} ADD UNIQUE (${list(columns)});`);
  };
  const tables = bundle.tables;
  for (const table of tables) addUnique(table.name, table.primaryKey);
  for (const { references } of tables.flatMap((table) => table.foreignKeys)) {
    addUnique(references.table, references.columns);
  }
  for (const table of tables) {
    for (const key of table.foreignKeys) {
      statements.push(
        `ALTER TABLE ${at(table.name)} ADD FOREIGN KEY (${list(key.columns)}) ` +
          `REFERENCES ${at(key.references.table)} (${list(key.references.columns)});`,
      );
    }
  }
  return statements.join('\n');
}

export function insertRows(table: Table, schema: string, rows: readonly string[]): string {
  return `INSERT INTO ${pgTable(schema, table.name)} VALUES ${rows.join(',\n')};`;
}
