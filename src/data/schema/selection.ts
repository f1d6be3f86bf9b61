import type { Column, Table } from './bundle.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';
import type { SchemaJoin } from './join-graph.js';
import type { SchemaIndex } from './schema-index.js';

/** The part of a schema that a prompt shows. Tables and columns keep the bundle's order. */
export interface SchemaSelection {
  index: SchemaIndex;
  tables: SelectedTable[];
}

export interface SelectedTable {
  table: Table;
  columns: Column[];
}

/** Tables with columns, by name, as `columnsOf(program)` returns them. */
export type NamedColumns = Iterable<readonly [table: string, columns: Iterable<string>]>;

/** Tables and columns being picked. Keys are folded names. */
export class SelectionBuilder {
  readonly #picked = new Map<string, Set<string>>();

  constructor(readonly index: SchemaIndex) {}

  get tableNames(): string[] {
    return [...this.#picked.keys()];
  }

  hasTable(table: string): boolean {
    return this.#picked.has(foldTableName(table));
  }

  hasColumn(table: string, column: string): boolean {
    return this.#picked.get(foldTableName(table))?.has(foldName(column)) ?? false;
  }

  columnCount(table: string): number {
    return this.#picked.get(foldTableName(table))?.size ?? 0;
  }

  /** Picks the table with its primary key. Unknown names are ignored. */
  addTable(name: string): void {
    const table = this.index.table(name);
    if (!table || this.hasTable(name)) return;
    this.#picked.set(foldTableName(name), new Set(table.primaryKey.map(foldName)));
  }

  /** Picks the column and its table. */
  addColumn(table: string, column: string): void {
    if (!this.index.column(table, column)) return;
    this.addTable(table);
    this.#picked.get(foldTableName(table))!.add(foldName(column));
  }

  /** Removes a picked column, unless it belongs to the primary key. */
  removeColumn(table: string, column: string): void {
    if (!this.index.column(table, column)?.isPrimaryKey)
      this.#picked.get(foldTableName(table))?.delete(foldName(column));
  }

  /** Picks both tables of a join and the columns it compares. */
  addJoin(join: SchemaJoin): void {
    for (const side of [join.from, join.to]) {
      for (const column of side.columns) this.addColumn(side.table, column);
    }
  }

  /** The tables connected to the first one by columns picked so far. */
  connected(): Set<string> {
    const reached = new Set<string>();
    const open = this.tableNames.slice(0, 1);
    for (let table = open.pop(); table !== undefined; table = open.pop()) {
      if (reached.has(table)) continue;
      reached.add(table);
      for (const join of this.index.joinsFrom(table))
        if (this.#shows(join)) open.push(foldTableName(join.to.table));
    }
    return reached;
  }

  #shows(join: SchemaJoin): boolean {
    return [join.from, join.to].every((side) =>
      side.columns.every((column) => this.hasColumn(side.table, column)),
    );
  }

  /** Picks what is missing on the join paths between the picked tables. Tables without a path stay unconnected. */
  connect(): void {
    let reached = this.connected();
    for (const table of this.tableNames) {
      if (reached.has(table)) continue;
      const path = this.index.graph.path([...reached], table);
      path?.forEach((join) => this.addJoin(join));
      if (path) reached = this.connected();
    }
  }

  clone(): SelectionBuilder {
    const copy = new SelectionBuilder(this.index);
    for (const [table, columns] of this.#picked) copy.#picked.set(table, new Set(columns));
    return copy;
  }

  build(): SchemaSelection {
    const tables = this.index.tables
      .filter((table) => this.hasTable(table.name))
      .map((table) => {
        const picked = this.#picked.get(foldTableName(table.name))!;
        return { table, columns: table.columns.filter((column) => picked.has(foldName(column.name))) };
      });
    return { index: this.index, tables };
  }
}

/** True if the selection contains all of these columns. */
export function covers(selection: SchemaSelection, needed: NamedColumns): boolean {
  const shown = new Map(
    selection.tables.map(({ table, columns }) => [
      foldTableName(table.name),
      new Set(columns.map((c) => foldName(c.name))),
    ]),
  );
  for (const [table, columns] of needed) {
    const here = shown.get(foldTableName(table));
    if (!here) return false;
    for (const column of columns) if (!here.has(foldName(column))) return false;
  }
  return true;
}
