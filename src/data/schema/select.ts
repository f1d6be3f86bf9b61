import { foldName } from './identifier.js';
import type { SchemaIndex } from './schema-index.js';
import { SelectionBuilder, type NamedColumns, type SchemaSelection } from './selection.js';

/** A source of chance: `int(n)` is a uniform integer in [0, n). */
export interface Chance {
  int(n: number): number;
}

export interface Distractors {
  /** Tables that the statement does not need. */
  tables: number;
  /** Columns that the statement does not need, spread over all tables of the selection. */
  columns: number;
}

/**
 * What a training prompt shows: the tables and columns that the statement needs, with keys and connecting joins as
 * `linkSchema` adds them, and distractors. Half of the distractor tables are neighbours of the needed ones, since
 * those are what the linker lets in by mistake. The same chance gives the same selection.
 */
export function selectSchema(
  index: SchemaIndex,
  needed: NamedColumns,
  distractors: Distractors,
  chance: Chance,
): SchemaSelection {
  const builder = new SelectionBuilder(index);
  for (const [table, columns] of needed) {
    builder.addTable(table);
    for (const column of columns) builder.addColumn(table, column);
  }
  builder.connect();
  addDistractorTables(builder, distractors.tables, chance);
  addDistractorColumns(builder, distractors.columns, chance);
  return builder.build();
}

function addDistractorTables(builder: SelectionBuilder, count: number, chance: Chance): void {
  const { index } = builder;
  for (let i = 0; i < count; i += 1) {
    const neighbours = builder.tableNames
      .flatMap((table) => index.joinsFrom(table).map((join) => join.to.table))
      .filter((table) => !builder.hasTable(table));
    const others = index.tables.map((table) => table.name).filter((table) => !builder.hasTable(table));
    const pool = neighbours.length > 0 && chance.int(2) === 0 ? neighbours : others;
    if (pool.length === 0) return;
    builder.addTable(pool[chance.int(pool.length)]!);
    builder.connect();
  }
}

function addDistractorColumns(builder: SelectionBuilder, count: number, chance: Chance): void {
  const pool = builder.tableNames.flatMap((table) =>
    builder.index.columns(table).filter((ref) => !builder.hasColumn(table, ref.column.name)),
  );
  for (let i = 0; i < count && pool.length > 0; i += 1) {
    const [ref] = pool.splice(chance.int(pool.length), 1);
    builder.addColumn(foldName(ref!.table.name), ref!.column.name);
  }
}
