import type { Column, SchemaBundle, Table } from './bundle.js';
import { foldName } from '../../tsql/identifier.js';
import { JoinGraph, type Join } from './join-graph.js';
import { parseSqlType, type SqlType } from '../../tsql/types.js';

/** A column with the table it belongs to and its type taken apart. */
export interface ColumnRef {
  table: Table;
  column: Column;
  type: SqlType;
  /** Part of the table's primary key. */
  isPrimaryKey: boolean;
  /** Part of a declared foreign key. */
  isForeignKey: boolean;
}

interface TableEntry {
  table: Table;
  columns: Map<string, ColumnRef>;
}

/**
 * A checked bundle, made fast to ask: tables and columns by name in any case, types, joins. Build it once for a
 * bundle and keep it; the bundle must not change afterwards.
 */
export class SchemaIndex {
  readonly bundle: SchemaBundle;
  readonly graph: JoinGraph;
  readonly #tables = new Map<string, TableEntry>();
  readonly #byColumnName = new Map<string, ColumnRef[]>();

  /** @param bundle without faults (`loadBundle` and `importDdl` see to that). */
  constructor(bundle: SchemaBundle) {
    this.bundle = bundle;
    this.graph = new JoinGraph(bundle);
    for (const table of bundle.tables) this.#add(table);
  }

  #add(table: Table): void {
    const primary = new Set(table.primaryKey.map(foldName));
    const foreign = new Set(table.foreignKeys.flatMap((key) => key.columns.map(foldName)));
    const columns = new Map<string, ColumnRef>();
    for (const column of table.columns) {
      const key = foldName(column.name);
      const type = parseSqlType(column.type) ?? { base: column.type, family: 'other' };
      const ref = { table, column, type, isPrimaryKey: primary.has(key), isForeignKey: foreign.has(key) };
      columns.set(key, ref);
      const sameName = this.#byColumnName.get(key);
      if (sameName) sameName.push(ref);
      else this.#byColumnName.set(key, [ref]);
    }
    this.#tables.set(foldName(table.name), { table, columns });
  }

  get tables(): readonly Table[] {
    return this.bundle.tables;
  }

  /** The table of that name in any case, or undefined. */
  table(name: string): Table | undefined {
    return this.#tables.get(foldName(name))?.table;
  }

  /** The column of that table in any case, or undefined when table or column does not exist. */
  column(table: string, column: string): ColumnRef | undefined {
    return this.#tables.get(foldName(table))?.columns.get(foldName(column));
  }

  /** All columns of a table in declared order; empty for an unknown table. */
  columns(table: string): ColumnRef[] {
    return [...(this.#tables.get(foldName(table))?.columns.values() ?? [])];
  }

  /** Every column of that name, in whatever table: how an unqualified name is resolved. */
  columnsNamed(name: string): readonly ColumnRef[] {
    return this.#byColumnName.get(foldName(name)) ?? [];
  }

  /** Every join that leaves the table: its foreign keys, keys that point to it, and the bundle's `joins`. */
  joinsFrom(table: string): readonly Join[] {
    return this.graph.from(table);
  }

  /** Every join from `a` to `b`, oriented that way. */
  joinsBetween(a: string, b: string): Join[] {
    return this.graph.between(a, b);
  }

  /** The most natural chain of joins from `a` to `b` (see JoinGraph.path); undefined when there is none. */
  joinPath(a: string, b: string): Join[] | undefined {
    return this.graph.path([a], b);
  }
}
