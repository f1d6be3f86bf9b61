import { foldTableName, quoteTableName } from '../../../tsql/identifier.js';
import { columnTexts, renderSchema, type Rendering } from '../render.js';
import type { SchemaIndex } from '../schema-index.js';
import type { SchemaSelection } from '../selection.js';
import { type FactJoin, type LinkFacts } from './facts.js';

/** Default limits. Training prompts keep to them too. */
export const MAX_TABLES = 8;
export const MAX_COLUMNS_PER_TABLE = 16;

/** With fewer columns per table, those that the question names need all the room. */
export const LEAST_FOR_SKELETONS = 6;

export interface LinkLimits {
  /** Maximum number of tables, including those on join paths (default 8, or as many as the tokens allow). */
  maxTables?: number | undefined;
  /** Maximum number of columns per table, not counting keys that joins need (default 16, or as the tokens allow). */
  maxColumnsPerTable?: number | undefined;
  /** Maximum number of tokens of the rendered schema; needs `countTokens`. */
  tokenBudget?: number | undefined;
  /** Counts the tokens of a text. Results are cached per function, so always pass the same one. */
  countTokens?: ((text: string) => number) | undefined;
  /** How the selection will be rendered. */
  rendering?: Rendering | undefined;
}

/** What the pieces of a rendered schema cost, in tokens. */
interface Costs {
  tables: Float64Array;
  columns: Float64Array;
  /** Arrows of each column, and those that point to each table. */
  arrows: readonly (readonly { table: number; cost: number }[])[];
  arrowsTo: readonly (readonly { column: number; cost: number }[])[];
}

/** Adds tables and columns one at a time, as long as they fit within the limits. */
export class Packer {
  readonly #picked: number[] = [];
  readonly #hasTable: Uint8Array;
  readonly #hasColumn: Uint8Array;
  readonly #columnCount: Int32Array;
  readonly #refused = new Set<number>();
  /** What was added: a column's number, or `~` a table's. Ends of steps are in `#steps`. */
  readonly #log: number[] = [];
  readonly #steps: number[] = [];
  readonly #costs: Costs | undefined;
  readonly #budget: number;
  #maxTables: number;
  #maxColumns: number;
  #spent = 0;

  constructor(
    private readonly facts: LinkFacts,
    private readonly options: LinkLimits,
  ) {
    this.#hasTable = new Uint8Array(facts.tables.length);
    this.#hasColumn = new Uint8Array(facts.columns.length);
    this.#columnCount = new Int32Array(facts.tables.length);
    const { tokenBudget, countTokens, rendering } = options;
    this.#budget = countTokens === undefined ? Infinity : (tokenBudget ?? Infinity);
    this.#costs = this.#budget === Infinity ? undefined : costsOf(facts, countTokens!, rendering);
    this.#maxTables = options.maxTables ?? MAX_TABLES;
    this.#maxColumns = options.maxColumnsPerTable ?? MAX_COLUMNS_PER_TABLE;
  }

  /** The picked tables, in the order in which they were picked. */
  get tables(): readonly number[] {
    return this.#picked;
  }

  hasTable(table: number): boolean {
    return this.#hasTable[table] === 1;
  }

  /** How many more tables the limits allow. */
  get room(): number {
    return this.#maxTables - this.#picked.length;
  }

  get maxTables(): number {
    return this.#maxTables;
  }

  /** Whether default limits may give way to the number of tokens. */
  get mayGrow(): boolean {
    return this.#budget < Infinity;
  }

  /** From now on, only limits that the caller gave and the number of tokens count. */
  liftDefaults(): void {
    this.#maxTables = this.options.maxTables ?? Infinity;
    this.#maxColumns = this.options.maxColumnsPerTable ?? Infinity;
    this.#refused.clear();
  }

  /** Adds the first table, whatever it costs. */
  start(table: number): void {
    this.#addTable(table);
    const end = this.#log.length;
    this.#addSkeletons(0);
    this.#log.splice(0, end);
  }

  /**
   * Adds the table with its key, the joins that connect it, and for an event when, to whom and in which encounter it
   * happened, if all of that fits.
   */
  tryTable(table: number): void {
    if (this.hasTable(table) || this.#refused.has(table)) return;
    if (this.#picked.length >= this.#maxTables) return;
    const before = this.#log.length;
    this.#addTable(table);
    this.#connect(table);
    this.#addSkeletons(before);
    if (this.#picked.length > this.#maxTables || this.#spent > this.#budget) {
      this.#undoTo(before);
      this.#refused.add(table);
    } else this.#steps.push(before);
  }

  /** Adds the column if its table is included and the limits allow it. */
  tryColumn(column: number): void {
    const table = this.facts.tableOf[column]!;
    if (!this.hasTable(table) || this.#hasColumn[column] === 1) return;
    if (this.#columnCount[table]! >= this.#maxColumns) return;
    const before = this.#log.length;
    this.#addColumn(column);
    if (this.#spent > this.#budget) this.#undoTo(before);
    else this.#steps.push(before);
  }

  /** Adds the declared keys that join the picked tables, as far as they fit: each may be the way that is asked about. */
  tryJoins(): void {
    for (const table of this.#picked) {
      for (const { to, columns, isDeclared } of this.facts.joins[table]!) {
        if (!isDeclared || !this.hasTable(to)) continue;
        const before = this.#log.length;
        columns.forEach((column) => this.#addColumn(column));
        if (this.#spent > this.#budget) this.#undoTo(before);
        else this.#steps.push(before);
      }
    }
  }

  /** The patient, encounter and time of the tables that were added since a place of the log. */
  #addSkeletons(mark: number): void {
    if (this.#maxColumns < LEAST_FOR_SKELETONS) return;
    for (const added of this.#log.slice(mark)) {
      if (added < 0) for (const column of this.facts.skeletons[~added]!) this.#addColumn(column);
    }
  }

  #addTable(table: number): void {
    if (this.hasTable(table)) return;
    this.#hasTable[table] = 1;
    this.#picked.push(table);
    this.#log.push(~table);
    this.#spent += this.#tableCost(table);
    for (const column of this.facts.keys[table]!) this.#addColumn(column);
  }

  #addColumn(column: number): void {
    if (this.#hasColumn[column] === 1) return;
    this.#hasColumn[column] = 1;
    this.#columnCount[this.facts.tableOf[column]!]!++;
    this.#log.push(column);
    this.#spent += this.#columnCost(column);
  }

  #undoTo(mark: number): void {
    while (this.#log.length > mark) {
      const added = this.#log.pop()!;
      if (added >= 0) {
        this.#spent -= this.#columnCost(added);
        this.#hasColumn[added] = 0;
        this.#columnCount[this.facts.tableOf[added]!]!--;
      } else {
        this.#hasTable[~added] = 0;
        this.#picked.pop();
        this.#spent -= this.#tableCost(~added);
      }
    }
  }

  /** The table itself, and the arrows of shown columns that point to it. */
  #tableCost(table: number): number {
    if (this.#costs === undefined) return 0;
    let cost = this.#costs.tables[table]!;
    for (const arrow of this.#costs.arrowsTo[table]!) if (this.#hasColumn[arrow.column]) cost += arrow.cost;
    return cost;
  }

  #columnCost(column: number): number {
    if (this.#costs === undefined) return 0;
    let cost = this.#costs.columns[column]!;
    for (const arrow of this.#costs.arrows[column]!) if (this.#hasTable[arrow.table]) cost += arrow.cost;
    return cost;
  }

  /** Adds what is missing on the join path from the connected tables to this one. */
  #connect(table: number): void {
    const reached = this.#connected();
    if (reached.includes(table)) return;
    for (const join of this.facts.path(reached, table) ?? []) {
      this.#addTable(join.from);
      this.#addTable(join.to);
      join.columns.forEach((column) => this.#addColumn(column));
    }
  }

  /** The tables connected to the first one by columns picked so far. */
  #connected(): number[] {
    const reached = [this.#picked[0]!];
    for (const table of reached) {
      for (const join of this.facts.joins[table]!) {
        if (this.#shows(join) && !reached.includes(join.to)) reached.push(join.to);
      }
    }
    return reached;
  }

  #shows(join: FactJoin): boolean {
    return join.columns.every((column) => this.#hasColumn[column] === 1);
  }

  /** The selection. The whole may need another number of tokens than its pieces, so it is counted again. */
  finish(): SchemaSelection {
    let selection = this.#build();
    const { countTokens, rendering } = this.options;
    while (this.#budget < Infinity && countTokens!(renderSchema(selection, rendering)) > this.#budget) {
      const step = this.#steps.pop();
      if (step === undefined) break;
      this.#undoTo(step);
      selection = this.#build();
    }
    return selection;
  }

  #build(): SchemaSelection {
    const { tables, firstColumn, index } = this.facts;
    const picked = [...this.#picked].sort((a, b) => a - b);
    return {
      index,
      tables: picked.map((place) => {
        const table = tables[place]!;
        const first = firstColumn[place]!;
        return { table, columns: table.columns.filter((_, i) => this.#hasColumn[first + i] === 1) };
      }),
    };
  }
}

/** Every table and column, if the limits that the caller gave allow it and the text fits. */
export function wholeSchema(
  index: SchemaIndex,
  { maxTables, maxColumnsPerTable, tokenBudget, countTokens, rendering }: LinkLimits,
): SchemaSelection | undefined {
  if (tokenBudget === undefined || countTokens === undefined) return undefined;
  if (index.tables.length > (maxTables ?? Infinity)) return undefined;
  const most = maxColumnsPerTable ?? Infinity;
  if (index.tables.some(({ columns }) => columns.length > most)) return undefined;
  const whole = { index, tables: index.tables.map((table) => ({ table, columns: [...table.columns] })) };
  const counts = remembered(countTokens);
  const form = formOf(rendering);
  const known = counts.whole.get(index) ?? new Map<string, number>();
  counts.whole.set(index, known);
  let tokens = known.get(form);
  if (tokens === undefined)
    known.set(form, (tokens = countTokens(renderSchema(whole, { format: rendering?.format }))));
  if (tokens > tokenBudget) return undefined;
  const isMarked = rendering?.format?.marks === true && rendering.question !== undefined;
  if (isMarked && countTokens(renderSchema(whole, rendering)) > tokenBudget) return undefined;
  return whole;
}

function formOf(rendering: Rendering | undefined): string {
  const { names = '', schema = '' } = rendering?.format ?? {};
  return `${names} ${schema}`;
}

interface Remembered {
  whole: WeakMap<SchemaIndex, Map<string, number>>;
  pieces: WeakMap<SchemaIndex, Map<string, Costs>>;
}

const counters = new WeakMap<(text: string) => number, Remembered>();

/** What is known of a counter's counts: pieces repeat from question to question, and tokenizing is slow. */
function remembered(count: (text: string) => number): Remembered {
  let known = counters.get(count);
  if (!known) counters.set(count, (known = { whole: new WeakMap(), pieces: new WeakMap() }));
  return known;
}

function costsOf(facts: LinkFacts, count: (text: string) => number, rendering: Rendering | undefined): Costs {
  const { pieces } = remembered(count);
  const styles = pieces.get(facts.index) ?? new Map<string, Costs>();
  pieces.set(facts.index, styles);
  const form = formOf(rendering);
  let costs = styles.get(form);
  if (!costs) styles.set(form, (costs = countPieces(facts, count, rendering)));
  return costs;
}

function countPieces(
  facts: LinkFacts,
  count: (text: string) => number,
  rendering: Rendering | undefined,
): Costs {
  const texts = columnTexts(facts.index, rendering?.format);
  const places = new Map(facts.tables.map(({ name }, place) => [foldTableName(name), place]));
  const arrowsTo = facts.tables.map((): { column: number; cost: number }[] => []);
  const arrows = facts.columns.map(({ column }, number) =>
    texts.get(column)!.arrows.map(({ table, text }) => {
      const arrow = { table: places.get(table)!, cost: count(text) };
      arrowsTo[arrow.table]!.push({ column: number, cost: arrow.cost });
      return arrow;
    }),
  );
  return {
    tables: Float64Array.from(facts.tables, ({ name }) => count(`${quoteTableName(name)}(`) + count(')\n')),
    columns: Float64Array.from(facts.columns, ({ column }) => count(`${texts.get(column)!.text}, `)),
    arrows,
    arrowsTo,
  };
}
