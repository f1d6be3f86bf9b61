import type { PlaceholderInfo } from '../placeholder.js';
import type { Column, Table } from '../schema/bundle.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';
import type { SchemaJoin } from '../schema/join-graph.js';
import { linkSchema } from '../schema/link/link.js';
import { MAX_COLUMNS_PER_TABLE, MAX_TABLES } from '../schema/link/pack.js';
import { FIRST_FORMAT } from '../record-format.js';
import type { SchemaIndex } from '../schema/schema-index.js';
import { covers, SelectionBuilder, type NamedColumns, type SchemaSelection } from '../schema/selection.js';
import type { CorpusKnobs } from './knobs.js';
import { columnsOf, type QueryProgram } from './statement/program.js';
import type { Random } from '../../base/random.js';

/** Facts about a table that never change. Columns are referred to by their index. */
interface KnownTable {
  table: Table;
  place: number;
  /** Column index by name: folded, and as spelled in earlier lookups. */
  columns: Map<string, number>;
  /** Folded column names, by index. */
  names: string[];
  key: number[];
  /** The ways along each join that leaves the table; built on first use. */
  neighbours: Way[] | undefined;
  /** The way to each other table, by its index; built on first use. */
  ways: Way[];
}

/** How to reach a table from another: the tables on the way, the target last, and the columns of all joins. */
interface Way {
  tables: KnownTable[];
  columns: [KnownTable, number][];
}

/** A table picked for the prompt, and which of its columns are shown. */
interface PickedTable {
  known: KnownTable;
  isShown: Uint8Array;
  shown: number;
}

/** What a prompt shows, and whether the linker had missed a part of it. */
export interface ShownSchema {
  selection: SchemaSelection;
  isMended: boolean;
}

type PromptKnobs = Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns' | 'filledShare'>;

/** A filled prompt has as many tables as the linker allows; the number of columns varies, as it does at inference. */
const FILLED: Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns'> = {
  distractorTables: [MAX_TABLES, MAX_TABLES],
  distractorColumns: [(MAX_TABLES * MAX_COLUMNS_PER_TABLE) / 4, MAX_TABLES * MAX_COLUMNS_PER_TABLE],
};

/** Given a number of tokens, the linker fills its other limits; at inference there is always one, and rarely a small one. */
const NO_BUDGET = { tokenBudget: Number.MAX_SAFE_INTEGER, countTokens: () => 0 };

/** Draws per table of the prompt: a draw fails if the table is already there or its joins need too many others. */
const TRIES = 3;

/**
 * Picks what the prompt shows of a schema: the tables and columns that a statement needs, with primary keys and join
 * columns as the linker would add them, among distractors. Neither the presence of a table nor the position of a
 * column gives the answer away. The linker's limits apply, and a share of the prompts is filled up to them, as the
 * linker does. The linker itself is not run: it takes more than ten times as long as a whole sample. Everything that
 * repeats between samples is cached.
 */
export class PromptSchemas {
  private readonly tables: KnownTable[];
  /** Tables by name: folded, and as spelled in earlier lookups. */
  private readonly byName = new Map<string, KnownTable>();
  /** The tables that have a column, by its folded name; built on first use. */
  private readonly byColumn = new Map<string, KnownTable[]>();

  constructor(private readonly index: SchemaIndex) {
    this.tables = index.tables.map((table, place) => {
      const names = table.columns.map(({ name }) => foldName(name));
      const columns = new Map(names.map((name, at) => [name, at]));
      const key = table.primaryKey.map((name) => columns.get(foldName(name))!);
      return { table, place, columns, names, key, neighbours: undefined, ways: [] };
    });
    for (const known of this.tables) this.byName.set(foldTableName(known.table.name), known);
  }

  /**
   * The linker's choice, if the format has its limits; otherwise a draw.
   * @param also columns to show besides: those that may hold a value of the question
   */
  show(
    program: QueryProgram,
    question: { masked: string; values: readonly PlaceholderInfo[] },
    { random, knobs }: { random: Random; knobs: CorpusKnobs },
    also: NamedColumns = [],
  ): ShownSchema {
    const { link } = knobs.format ?? FIRST_FORMAT;
    if (link === null) return { selection: this.select(program, random, knobs, also), isMended: false };
    const limits = { ...link, ...NO_BUDGET, placeholders: question.values };
    const selection = linkSchema(question.masked, this.index, limits);
    const needed = [...columnsOf(program), ...also];
    if (covers(selection, needed)) return { selection, isMended: false };
    return { selection: mended(selection, needed), isMended: true };
  }

  select(
    program: QueryProgram,
    random: Random,
    knobs: PromptKnobs,
    also: NamedColumns = [],
  ): SchemaSelection {
    const picked: PickedTable[] = [];
    const names: string[] = [];
    for (const [name, columns] of [...columnsOf(program), ...also]) {
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
   * Adds a table that the linker might include by mistake, joined to the rest. Half of them are neighbours; a quarter
   * have a column with the same name as one that the statement uses. Such columns are always shown, because the
   * question's words match them too.
   *
   * @param names folded names of the columns that the statement uses
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

  /** The tables with a column of that name. */
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

  /** The way from one table to another; if there is none, just the other table. */
  private way(from: KnownTable, to: KnownTable): Way {
    let way = from.ways[to.place];
    if (way === undefined) {
      const joins = this.index.joinPath(from.table.name, to.table.name);
      way = joins === undefined ? { tables: [to], columns: [] } : this.wayAlong(joins);
      from.ways[to.place] = way;
    }
    return way;
  }

  private wayAlong(joins: readonly SchemaJoin[]): Way {
    return {
      tables: joins.map((join) => this.known(join.to.table)),
      columns: joins.flatMap((join) => this.columnsOfJoin(join)),
    };
  }

  private columnsOfJoin(join: SchemaJoin): [KnownTable, number][] {
    return [join.from, join.to].flatMap((side) => {
      const table = this.known(side.table);
      return side.columns.map((name): [KnownTable, number] => [table, placeOf(table, name)]);
    });
  }
}

/** The selection with what a statement needs added to it. */
function mended(selection: SchemaSelection, needed: NamedColumns): SchemaSelection {
  const builder = new SelectionBuilder(selection.index);
  const shown = selection.tables.map(({ table, columns }): [string, string[]] => [
    table.name,
    columns.map(({ name }) => name),
  ]);
  for (const [table, columns] of [...shown, ...needed]) {
    builder.addTable(table);
    for (const column of columns) builder.addColumn(table, column);
  }
  return builder.build();
}

function placeOf(table: KnownTable, column: string): number {
  return spelled(table.columns, column);
}

/** Looks up a name and caches its spelling, which saves folding it next time. */
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

/** The picked table; if it is new, it is added with its primary key. */
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

/** Shows `count` more columns, spread over the picked tables, or as many as there is room for. */
function addColumns(picked: readonly PickedTable[], random: Random, count: number): void {
  const open = picked.filter((table) => roomOf(table) > 0);
  for (let left = count; left > 0 && open.length > 0; left--) {
    const i = random.int(open.length);
    const table = open[i]!;
    const { isShown } = table;
    let column = random.int(isShown.length);
    // Redrawing until a free column comes up would be slow for a nearly full table: take its first free one.
    if (isShown[column] === 1) column = isShown.indexOf(0);
    show(table, column);
    if (roomOf(table) > 0) continue;
    open[i] = open.at(-1)!;
    open.pop();
  }
}

/** How many more columns the table may show. Needed columns may exceed the linker's limit; distractors may not. */
function roomOf({ isShown, shown }: PickedTable): number {
  return Math.min(isShown.length, MAX_COLUMNS_PER_TABLE) - shown;
}
