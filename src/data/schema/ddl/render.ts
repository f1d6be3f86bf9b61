import type { ForeignKey, SchemaBundle, Table } from '../bundle.js';
import { quoteIdentifier } from '../../../tsql/identifier.js';

/**
 * The bundle's tables as T-SQL: a CREATE TABLE for each, then an ALTER TABLE for each foreign key, so the order of the
 * tables does not matter. Descriptions, synonyms and undeclared joins are not included.
 */
export function renderDdl(bundle: SchemaBundle): string {
  const keys = bundle.tables.flatMap((table) => table.foreignKeys.map((key) => renderForeignKey(table, key)));
  return [...bundle.tables.map(renderTable), ...keys].join('\n') + '\n';
}

function renderTable(table: Table): string {
  const lines = table.columns.map(
    ({ name, type, nullable }) => `  ${quoteIdentifier(name)} ${type} ${nullable ? 'NULL' : 'NOT NULL'}`,
  );
  if (table.primaryKey.length > 0) lines.push(`  PRIMARY KEY ${list(table.primaryKey)}`);
  return `CREATE TABLE ${quoteIdentifier(table.name)} (\n${lines.join(',\n')}\n);`;
}

function renderForeignKey(table: Table, { columns, references }: ForeignKey): string {
  const target = `${quoteIdentifier(references.table)} ${list(references.columns)}`;
  return `ALTER TABLE ${quoteIdentifier(table.name)} ADD FOREIGN KEY ${list(columns)} REFERENCES ${target};`;
}

function list(names: readonly string[]): string {
  return `(${names.map(quoteIdentifier).join(', ')})`;
}
