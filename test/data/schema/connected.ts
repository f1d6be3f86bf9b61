import type { SchemaSelection } from '../../../src/data/schema/selection.js';

/**
 * True if the tables of a selection are connected by foreign keys or undeclared joins with both ends shown. It uses
 * only the bundle, independently of the code it checks.
 */
export function isConnected({ index, tables }: SchemaSelection): boolean {
  const fold = (name: string): string => name.toLowerCase();
  const shown = new Map(
    tables.map(({ table, columns }) => [fold(table.name), columns.map((c) => fold(c.name))]),
  );
  const group = new Map([...shown.keys()].map((name) => [name, name]));
  const link = (a: string, aColumns: string[], b: string, bColumns: string[]): void => {
    const has = (table: string, columns: string[]) =>
      columns.every((c) => shown.get(fold(table))?.includes(fold(c)));
    if (!has(a, aColumns) || !has(b, bColumns)) return;
    const [from, to] = [group.get(fold(a))!, group.get(fold(b))!];
    for (const [name, root] of group) if (root === from) group.set(name, to);
  };
  for (const { table } of tables) {
    for (const key of table.foreignKeys)
      link(table.name, key.columns, key.references.table, key.references.columns);
  }
  for (const { from, to } of index.bundle.joins ?? []) {
    const [a = '', aColumn = ''] = from.split('.');
    const [b = '', bColumn = ''] = to.split('.');
    link(a, [aColumn], b, [bColumn]);
  }
  return new Set(group.values()).size <= 1;
}
