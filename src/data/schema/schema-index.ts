import type { Column, SchemaBundle, Table } from './bundle.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';
import { JoinGraph, type SchemaJoin } from './join-graph.js';
import { parseSqlType, type SqlType } from '../../tsql/types.js';

/** A column with its table and its parsed type. */
export interface SchemaColumn {
  table: Table;
  column: Column;
  type: SqlType;
  /** True if the column is part of the table's primary key. */
  isPrimaryKey: boolean;
  /** True if the column is part of a declared foreign key. */
  isForeignKey: boolean;
}

interface TableEntry {
  table: Table;
  columns: Map<string, SchemaColumn>;
}

/**
 * A checked bundle with fast lookups: tables and columns by name in any case, types, joins. Build it once per bundle
 * and keep it; the bundle must not change afterwards.
 */
export class SchemaIndex {
  readonly bundle: SchemaBundle;
  readonly graph: JoinGraph;
  readonly #tables = new Map<string, TableEntry>();
  readonly #byColumnName = new Map<string, SchemaColumn[]>();

  /** @param bundle a bundle without faults, as `loadBundle` and `importDdl` return it */
  constructor(bundle: SchemaBundle) {
    this.bundle = bundle;
    this.graph = new JoinGraph(bundle);
    for (const table of bundle.tables) this.#add(table);
  }

  #add(table: Table): void {
    const primary = new Set(table.primaryKey.map(foldName));
    const foreign = new Set(table.foreignKeys.flatMap((key) => key.columns.map(foldName)));
    const columns = new Map<string, SchemaColumn>();
    for (const column of table.columns) {
      const key = foldName(column.name);
      const type = parseSqlType(column.type) ?? { base: column.type, family: 'other' };
      const ref = { table, column, type, isPrimaryKey: primary.has(key), isForeignKey: foreign.has(key) };
      columns.set(key, ref);
      const sameName = this.#byColumnName.get(key);
      if (sameName) sameName.push(ref);
      else this.#byColumnName.set(key, [ref]);
    }
    this.#tables.set(foldTableName(table.name), { table, columns });
  }

  get tables(): readonly Table[] {
    return this.bundle.tables;
  }

  /** The table of that name in any case, with its schema if it has one; undefined if there is none. */
  table(name: string): Table | undefined {
    return this.#tables.get(foldTableName(name))?.table;
  }

  /** The column of that table, names in any case; undefined if the table or the column does not exist. */
  column(table: string, column: string): SchemaColumn | undefined {
    return this.#tables.get(foldTableName(table))?.columns.get(foldName(column));
  }

  /** All columns of a table in declared order; empty for an unknown table. */
  columns(table: string): SchemaColumn[] {
    return [...(this.#tables.get(foldTableName(table))?.columns.values() ?? [])];
  }

  /** Every column of that name in any table; used to resolve unqualified names. */
  columnsNamed(name: string): readonly SchemaColumn[] {
    return this.#byColumnName.get(foldName(name)) ?? [];
  }

  /** Every join that leaves the table: its foreign keys, keys that point to it, and the bundle's `joins`. */
  joinsFrom(table: string): readonly SchemaJoin[] {
    return this.graph.from(table);
  }

  /** Every join from `a` to `b`, in that direction. */
  joinsBetween(a: string, b: string): SchemaJoin[] {
    return this.graph.between(a, b);
  }

  /** The most natural chain of joins from `a` to `b` (see `JoinGraph.path`); undefined if there is none. */
  joinPath(a: string, b: string): SchemaJoin[] | undefined {
    return this.graph.path([a], b);
  }
}
