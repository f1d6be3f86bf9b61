import type { Column, Table } from '../schema/bundle.js';
import { foldName } from '../schema/identifier.js';
import type { Join } from '../schema/join-graph.js';
import type { SchemaIndex } from '../schema/schema-index.js';
import type { SchemaSelection } from '../schema/selection.js';
import type { CorpusKnobs } from './knobs.js';
import { columnsOf, type Program } from './program.js';
import type { Random } from './random.js';

/** What is known of a table once and for all; columns go by their places in it. */
interface KnownTable {
  table: Table;
  place: number;
  /** Place of a column by its name, folded or as anyone spelled it so far. */
  columns: Map<string, number>;
  key: number[];
  /** Other tables that a join leads to. */
  neighbours: KnownTable[];
  /** By the place of a table, the columns of the joins that lead there; made when first asked for. */
  paths: [KnownTable, number][][];
}

/** A table of the prompt being picked, and which of its columns. */
interface PickedTable {
  known: KnownTable;
  isShown: Uint8Array;
  shown: number;
}

/**
 * What the prompts of one schema show: the tables and columns that a statement needs, as the linker would pick
 * them (primary keys, the columns of connecting joins), among distractors, so that neither a table's presence nor
 * a column's place tells the answer. Everything that repeats from sample to sample is looked up once.
 */
export class PromptSchemas {
  private readonly tables: KnownTable[];
  /** By name, folded or as anyone spelled it so far. */
  private readonly byName = new Map<string, KnownTable>();

  constructor(private readonly index: SchemaIndex) {
    this.tables = index.tables.map((table, place) => {
      const columns = new Map(table.columns.map((column, at) => [foldName(column.name), at]));
      const key = table.primaryKey.map((name) => columns.get(foldName(name))!);
      return { table, place, columns, key, neighbours: [], paths: [] };
    });
    for (const known of this.tables) this.byName.set(foldName(known.table.name), known);
    for (const known of this.tables) {
      const near = index.joinsFrom(known.table.name).map((join) => this.known(join.to.table));
      known.neighbours = [...new Set(near)].filter((other) => other !== known);
    }
  }

  select(
    program: Program,
    random: Random,
    knobs: Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns'>,
  ): SchemaSelection {
    const picked: PickedTable[] = [];
    for (const [name, columns] of columnsOf(program)) {
      const table = pick(picked, this.known(name));
      for (const column of columns) show(table, placeOf(table.known, column));
    }
    const root = this.known(program.from[0]!.table);
    const [fewest, most] = knobs.distractorTables;
    for (let n = random.between(fewest, most); n > 0; n--) this.addDistractor(picked, root, random);
    addColumns(picked, random, random.between(...knobs.distractorColumns));
    picked.sort((a, b) => a.known.place - b.known.place);
    return { index: this.index, tables: picked.map(selected) };
  }

  private known(name: string): KnownTable {
    return spelled(this.byName, name);
  }

  /** Half of the distractors are neighbours: those the linker lets in by mistake. All are joined to the rest. */
  private addDistractor(picked: PickedTable[], root: KnownTable, random: Random): void {
    const near = random.pick(picked).known.neighbours;
    const isNear = near.length > 0 && random.chance(0.5);
    const table = isNear ? random.pick(near) : random.pick(this.tables);
    pick(picked, table);
    for (const [joined, column] of this.path(root, table)) show(pick(picked, joined), column);
  }

  /** Columns of the joins that lead from one table to another; none where no path exists. */
  private path(from: KnownTable, to: KnownTable): [KnownTable, number][] {
    let columns = from.paths[to.place];
    if (columns === undefined) {
      const joins = this.index.joinPath(from.table.name, to.table.name) ?? [];
      columns = joins.flatMap((join) => this.columnsOfJoin(join));
      from.paths[to.place] = columns;
    }
    return columns;
  }

  private columnsOfJoin(join: Join): [KnownTable, number][] {
    return [join.from, join.to].flatMap((side) => {
      const table = this.known(side.table);
      return side.columns.map((name): [KnownTable, number] => [table, placeOf(table, name)]);
    });
  }
}

function placeOf(table: KnownTable, column: string): number {
  return spelled(table.columns, column);
}

/** Looks a name up as it is spelled, and remembers the spelling. */
function spelled<T>(byName: Map<string, T>, name: string): T {
  let found = byName.get(name);
  if (found === undefined) {
    found = byName.get(foldName(name))!;
    byName.set(name, found);
  }
  return found;
}

/** The table among those picked; a new one comes with its primary key. */
function pick(picked: PickedTable[], known: KnownTable): PickedTable {
  for (const table of picked) if (table.known === known) return table;
  const table = { known, isShown: new Uint8Array(known.table.columns.length), shown: 0 };
  for (const column of known.key) show(table, column);
  picked.push(table);
  return table;
}

function show(table: PickedTable, column: number): void {
  if (table.isShown[column] === 1) return;
  table.isShown[column] = 1;
  table.shown++;
}

function selected({ known, isShown }: PickedTable): SchemaSelection['tables'][number] {
  const columns: Column[] = [];
  for (let i = 0; i < isShown.length; i++) if (isShown[i] === 1) columns.push(known.table.columns[i]!);
  return { table: known.table, columns };
}

/** `count` further columns, spread over the picked tables; all there are when they are fewer. */
function addColumns(picked: readonly PickedTable[], random: Random, count: number): void {
  let spare = 0;
  for (const { isShown, shown } of picked) spare += isShown.length - shown;
  for (let left = Math.min(count, spare); left > 0;) {
    const table = random.pick(picked);
    const { isShown } = table;
    let column = random.int(isShown.length);
    // The last few columns of a nearly full selection are not worth drawing for: take the next free one.
    if (isShown[column] === 1) column = isShown.indexOf(0);
    if (column < 0) continue;
    show(table, column);
    left--;
  }
}
