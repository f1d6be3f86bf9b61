import type { Column, Table } from '../schema/bundle.js';
import { foldName } from '../../tsql/identifier.js';
import type { Join } from '../schema/join-graph.js';
import { MAX_COLUMNS_PER_TABLE, MAX_TABLES } from '../schema/link/pack.js';
import type { SchemaIndex } from '../schema/schema-index.js';
import type { SchemaSelection } from '../schema/selection.js';
import type { CorpusKnobs } from './knobs.js';
import { columnsOf, type Program } from './program.js';
import type { Random } from '../../base/random.js';

/** What is known of a table once and for all; columns go by their places in it. */
interface KnownTable {
  table: Table;
  place: number;
  /** Place of a column by its name, folded or as anyone spelled it so far. */
  columns: Map<string, number>;
  /** By the place of a column, its folded name. */
  names: string[];
  key: number[];
  /** Along every join that leaves the table; made when first asked for. */
  neighbours: Way[] | undefined;
  /** By the place of a table, the way there; made when first asked for. */
  ways: Way[];
}

/** How a table is reached from another: the tables on the way, itself the last, and the columns of all joins. */
interface Way {
  tables: KnownTable[];
  columns: [KnownTable, number][];
}

/** A table of the prompt being picked, and which of its columns. */
interface PickedTable {
  known: KnownTable;
  isShown: Uint8Array;
  shown: number;
}

type PromptKnobs = Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns' | 'filledShare'>;

/** A filled prompt has the linker's most tables; how many columns fit depends on the room in the model's context. */
const FILLED: Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns'> = {
  distractorTables: [MAX_TABLES, MAX_TABLES],
  distractorColumns: [(MAX_TABLES * MAX_COLUMNS_PER_TABLE) / 4, MAX_TABLES * MAX_COLUMNS_PER_TABLE],
};

/** Draws for each table of the prompt: one that is there already, or whose joins need too many more, is none. */
const TRIES = 3;

/**
 * What the prompts of one schema show: the tables and columns that a statement needs, as the linker would pick
 * them (primary keys, the columns of connecting joins), among distractors, so that neither a table's presence nor
 * a column's place tells the answer. It keeps the linker's limits, and a share of the prompts is filled up to them
 * as the linker fills its room: running the linker itself takes more than ten times what a whole sample does.
 * Everything that repeats from sample to sample is looked up once.
 */
export class PromptSchemas {
  private readonly tables: KnownTable[];
  /** By name, folded or as anyone spelled it so far. */
  private readonly byName = new Map<string, KnownTable>();
  /** Those that have a column, by its folded name; made when first asked for. */
  private readonly byColumn = new Map<string, KnownTable[]>();

  constructor(private readonly index: SchemaIndex) {
    this.tables = index.tables.map((table, place) => {
      const names = table.columns.map(({ name }) => foldName(name));
      const columns = new Map(names.map((name, at) => [name, at]));
      const key = table.primaryKey.map((name) => columns.get(foldName(name))!);
      return { table, place, columns, names, key, neighbours: undefined, ways: [] };
    });
    for (const known of this.tables) this.byName.set(foldName(known.table.name), known);
  }

  select(program: Program, random: Random, knobs: PromptKnobs): SchemaSelection {
    const picked: PickedTable[] = [];
    const names: string[] = [];
    for (const [name, columns] of columnsOf(program)) {
      const table = pick(picked, this.known(name));
      for (const column of columns) {
        const place = placeOf(table.known, column);
        show(table, place);
        names.push(table.known.names[place]!);
      }
    }
    const root = this.known(program.from[0]!.table);
    const { filledShare = 0 } = knobs;
    const { distractorTables, distractorColumns } =
      filledShare > 0 && random.chance(filledShare) ? FILLED : knobs;
    const wanted = picked.length + random.between(...distractorTables);
    const most = Math.min(wanted, MAX_TABLES, this.tables.length);
    for (let tries = TRIES * most; picked.length < most && tries > 0; tries--) {
      this.addDistractor(picked, root, names, random);
    }
    addColumns(picked, random, random.between(...distractorColumns));
    picked.sort((a, b) => a.known.place - b.known.place);
    return { index: this.index, tables: picked.map(selected) };
  }

  private known(name: string): KnownTable {
    return spelled(this.byName, name);
  }

  /**
   * A table that the linker lets in by mistake, joined to the rest: half of them are neighbours, a quarter has a
   * column of a name that the statement uses. Such columns are always shown: the question's words name them as well.
   *
   * @param names folded, of the columns that the statement uses
   */
  private addDistractor(
    picked: PickedTable[],
    root: KnownTable,
    names: readonly string[],
    random: Random,
  ): void {
    const { tables, columns } = this.drawDistractor(picked, root, names, random);
    let added = 0;
    for (const table of tables) if (!isPicked(picked, table)) added++;
    if (added === 0 || picked.length + added > MAX_TABLES) return;
    for (const known of tables) {
      if (isPicked(picked, known)) continue;
      const distractor = pick(picked, known);
      for (const name of names) {
        const column = known.columns.get(name);
        if (column !== undefined) show(distractor, column);
      }
    }
    for (const [joined, column] of columns) show(pick(picked, joined), column);
  }

  private drawDistractor(
    picked: readonly PickedTable[],
    root: KnownTable,
    names: readonly string[],
    random: Random,
  ): Way {
    const kind = random.int(4);
    if (kind >= 2) {
      const near = this.neighboursOf(random.pick(picked).known);
      if (near.length > 0) return random.pick(near);
    }
    const isNamesake = kind === 1 && names.length > 0;
    return this.way(root, random.pick(isNamesake ? this.holders(random.pick(names)) : this.tables));
  }

  /** The tables that have a column of that name. */
  private holders(column: string): KnownTable[] {
    let holders = this.byColumn.get(column);
    if (holders === undefined) {
      holders = this.index.columnsNamed(column).map(({ table }) => this.known(table.name));
      this.byColumn.set(column, holders);
    }
    return holders;
  }

  private neighboursOf(known: KnownTable): Way[] {
    return (known.neighbours ??= this.index.joinsFrom(known.table.name).map((join) => this.wayAlong([join])));
  }

  /** The way from one table to another; where none exists, the other table alone. */
  private way(from: KnownTable, to: KnownTable): Way {
    let way = from.ways[to.place];
    if (way === undefined) {
      const joins = this.index.joinPath(from.table.name, to.table.name);
      way = joins === undefined ? { tables: [to], columns: [] } : this.wayAlong(joins);
      from.ways[to.place] = way;
    }
    return way;
  }

  private wayAlong(joins: readonly Join[]): Way {
    return {
      tables: joins.map((join) => this.known(join.to.table)),
      columns: joins.flatMap((join) => this.columnsOfJoin(join)),
    };
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

function isPicked(picked: readonly PickedTable[], known: KnownTable): boolean {
  for (const table of picked) if (table.known === known) return true;
  return false;
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

function selected({ known, isShown, shown }: PickedTable): SchemaSelection['tables'][number] {
  const columns = new Array<Column>(shown);
  for (let i = 0, at = 0; at < shown; i++) if (isShown[i] === 1) columns[at++] = known.table.columns[i]!;
  return { table: known.table, columns };
}

/** `count` further columns, spread over the picked tables; all there is room for when that is less. */
function addColumns(picked: readonly PickedTable[], random: Random, count: number): void {
  const open = picked.filter((table) => roomOf(table) > 0);
  for (let left = count; left > 0 && open.length > 0; left--) {
    const i = random.int(open.length);
    const table = open[i]!;
    const { isShown } = table;
    let column = random.int(isShown.length);
    // The last few columns of a nearly full table are not worth drawing for: take the next free one.
    if (isShown[column] === 1) column = isShown.indexOf(0);
    show(table, column);
    if (roomOf(table) > 0) continue;
    open[i] = open.at(-1)!;
    open.pop();
  }
}

/** Columns that may join those shown: what is needed always stands, what is not keeps the linker's limit. */
function roomOf({ isShown, shown }: PickedTable): number {
  return Math.min(isShown.length, MAX_COLUMNS_PER_TABLE) - shown;
}
