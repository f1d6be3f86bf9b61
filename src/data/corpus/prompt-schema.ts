import type { Column, Table } from '../schema/bundle.js';
import { foldName } from '../schema/identifier.js';
import type { Join } from '../schema/join-graph.js';
import type { SchemaIndex } from '../schema/schema-index.js';
import type { SchemaSelection } from '../schema/selection.js';
import type { CorpusKnobs } from './knobs.js';
import { columnsOf, type Program } from './program.js';
import type { Random } from './random.js';

type Picked = Map<Table, Set<Column>>;

/**
 * What the prompts of one schema show: the tables and columns that a statement needs, as the linker would pick
 * them (primary keys, the columns of connecting joins), among distractors, so that neither a table's presence nor
 * a column's place tells the answer. Everything that repeats from sample to sample is looked up once.
 */
export class PromptSchemas {
  private readonly columns = new Map<string, Map<string, Column>>();
  private readonly keys = new Map<Table, Column[]>();
  private readonly places = new Map<Table, number>();
  private readonly neighbours = new Map<Table, Table[]>();
  private readonly paths = new Map<Table, Map<Table, [Table, Column][]>>();

  constructor(private readonly index: SchemaIndex) {
    index.tables.forEach((table, place) => {
      const columns = new Map(table.columns.map((column) => [foldName(column.name), column]));
      this.columns.set(foldName(table.name), columns);
      this.keys.set(
        table,
        table.primaryKey.map((name) => columns.get(foldName(name))!),
      );
      this.places.set(table, place);
    });
    for (const table of index.tables) {
      const near = index.joinsFrom(table.name).map((join) => index.table(join.to.table)!);
      this.neighbours.set(
        table,
        [...new Set(near)].filter((other) => other !== table),
      );
    }
  }

  select(
    program: Program,
    random: Random,
    knobs: Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns'>,
  ): SchemaSelection {
    const picked: Picked = new Map();
    for (const [name, columns] of columnsOf(program)) {
      const table = this.index.table(name)!;
      const known = this.columns.get(foldName(name))!;
      const set = this.addTable(picked, table);
      for (const column of columns) set.add(known.get(foldName(column))!);
    }
    const root = this.index.table(program.from[0]!.table)!;
    for (let n = random.between(...knobs.distractorTables); n > 0; n--)
      this.addDistractor(picked, root, random);
    addColumns(picked, random, random.between(...knobs.distractorColumns));
    return { index: this.index, tables: this.inOrder(picked) };
  }

  private addTable(picked: Picked, table: Table): Set<Column> {
    let columns = picked.get(table);
    if (columns === undefined) {
      columns = new Set(this.keys.get(table));
      picked.set(table, columns);
    }
    return columns;
  }

  /** Half of the distractors are neighbours: those the linker lets in by mistake. All are joined to the rest. */
  private addDistractor(picked: Picked, root: Table, random: Random): void {
    const near = this.neighbours.get(random.pick([...picked.keys()]))!;
    const isNear = near.length > 0 && random.chance(0.5);
    const table = isNear ? random.pick(near) : random.pick(this.index.tables);
    this.addTable(picked, table);
    for (const [joined, column] of this.path(root, table)) this.addTable(picked, joined).add(column);
  }

  /** Columns of the joins that lead from one table to another; none where no path exists. */
  private path(from: Table, to: Table): [Table, Column][] {
    let known = this.paths.get(from);
    if (known === undefined) {
      known = new Map();
      this.paths.set(from, known);
    }
    let columns = known.get(to);
    if (columns === undefined) {
      columns = (this.index.joinPath(from.name, to.name) ?? []).flatMap((join) => this.columnsOfJoin(join));
      known.set(to, columns);
    }
    return columns;
  }

  private columnsOfJoin(join: Join): [Table, Column][] {
    return [join.from, join.to].flatMap((side) => {
      const table = this.index.table(side.table)!;
      const known = this.columns.get(foldName(side.table))!;
      return side.columns.map((name): [Table, Column] => [table, known.get(foldName(name))!]);
    });
  }

  private inOrder(picked: Picked): SchemaSelection['tables'] {
    return [...picked]
      .sort(([a], [b]) => this.places.get(a)! - this.places.get(b)!)
      .map(([table, columns]) => ({ table, columns: table.columns.filter((column) => columns.has(column)) }));
  }
}

/** `count` further columns, spread over the picked tables; all there are when they are fewer. */
function addColumns(picked: Picked, random: Random, count: number): void {
  const spare = [...picked].map(([table, columns]) => table.columns.length - columns.size);
  let left = Math.min(
    count,
    spare.reduce((sum, n) => sum + n, 0),
  );
  const tables = [...picked];
  while (left > 0) {
    const [table, columns] = random.pick(tables);
    const column = random.pick(table.columns);
    if (columns.has(column)) {
      // The last few columns of a nearly full selection are not worth drawing for: take the next free one.
      const next = table.columns.find((other) => !columns.has(other));
      if (next === undefined) continue;
      columns.add(next);
    } else columns.add(column);
    left--;
  }
}
