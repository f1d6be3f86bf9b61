import type { ForeignKey, SchemaBundle, Table } from '../bundle.js';
import { quoteIdentifier, quoteTableName, splitTableName } from '../../../tsql/identifier.js';
import { defaultDescription } from './import.js';

/**
 * The bundle's tables as T-SQL that `engine schema import` reads back: schemas, a CREATE TABLE for each table, an ALTER
 * TABLE for each foreign key (so the order of the tables does not matter), and descriptions as MS_Description properties.
 * A view becomes a view without rows, of the same columns. DDL has no place for synonyms and undeclared joins.
 */
export function renderDdl(bundle: SchemaBundle): string {
  const schemas = new Set(bundle.tables.flatMap(({ name }) => splitTableName(name).schema ?? []));
  const keys = bundle.tables.flatMap((table) =>
    [...table.foreignKeys, ...(table.unresolvedKeys ?? [])].map((key) => renderForeignKey(table, key)),
  );
  return [
    ...[...schemas].map((schema) => `CREATE SCHEMA ${quoteIdentifier(schema)};\nGO`),
    ...bundle.tables.map((table) => (table.view ? renderView(table) : renderTable(table))),
    ...keys,
    ...bundle.tables.flatMap(renderDescriptions),
    '',
  ].join('\n');
}

function renderTable(table: Table): string {
  const lines = table.columns.map(
    ({ name, type, nullable }) => `  ${quoteIdentifier(name)} ${type} ${nullable ? 'NULL' : 'NOT NULL'}`,
  );
  if (table.primaryKey.length > 0) lines.push(`  PRIMARY KEY ${list(table.primaryKey)}`);
  return `CREATE TABLE ${quoteTableName(table.name)} (\n${lines.join(',\n')}\n);\nGO`;
}

/** T-SQL wants CREATE VIEW alone in its batch. */
function renderView({ name, columns }: Table): string {
  const items = columns.map((column) => `  CAST(NULL AS ${column.type}) AS ${quoteIdentifier(column.name)}`);
  return `GO\nCREATE VIEW ${quoteTableName(name)} AS SELECT\n${items.join(',\n')}\nGO`;
}

function renderForeignKey(table: Table, { columns, references }: ForeignKey): string {
  const target = `${quoteTableName(references.table)} ${list(references.columns)}`;
  return `ALTER TABLE ${quoteTableName(table.name)} ADD FOREIGN KEY ${list(columns)} REFERENCES ${target};`;
}

function renderDescriptions(table: Table): string[] {
  const { schema = 'dbo', table: name } = splitTableName(table.name);
  const kind = table.view ? 'VIEW' : 'TABLE';
  const describe = (text: string, column?: string): string =>
    `EXEC sp_addextendedproperty N'MS_Description', ${string(text)}, N'SCHEMA', ${string(schema)}, N'${kind}', ${string(name)}` +
    `${column === undefined ? '' : `, N'COLUMN', ${string(column)}`};`;
  const own = table.description === defaultDescription(table.name) ? [] : [describe(table.description)];
  return [
    ...own,
    ...table.columns.flatMap(({ name: column, description }) =>
      description === undefined ? [] : [describe(description, column)],
    ),
  ];
}

function string(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

function list(names: readonly string[]): string {
  return `(${names.map(quoteIdentifier).join(', ')})`;
}
