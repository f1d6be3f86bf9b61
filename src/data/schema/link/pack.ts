import { quoteTableName } from '../../../tsql/identifier.js';
import { columnTexts, renderSchema, type ColumnText, type Rendering } from '../render.js';
import type { SchemaColumn, SchemaIndex } from '../schema-index.js';
import { SelectionBuilder, type SchemaSelection } from '../selection.js';
import type { Column } from '../bundle.js';

/** Default limits. Training prompts keep to them too. */
export const MAX_TABLES = 8;
export const MAX_COLUMNS_PER_TABLE = 16;

export interface LinkOptions {
  /** Maximum number of tables, including those on join paths (default 8). */
  maxTables?: number | undefined;
  /** Maximum number of columns per table, not counting keys that joins need (default 16). */
  maxColumnsPerTable?: number | undefined;
  /** Maximum number of tokens of the rendered schema; needs `countTokens`. */
  tokenBudget?: number | undefined;
  /** Counts the tokens of a text. Results are cached per function, so always pass the same one. */
  countTokens?: ((text: string) => number) | undefined;
  /** How the selection will be rendered. */
  rendering?: Rendering | undefined;
}

/** Undoes the latest step. */
type Undo = () => void;

/** Adds tables and columns one at a time, as long as they fit within the limits. */
export class Packer {
  #builder: SelectionBuilder;
  readonly #steps: Undo[] = [];
  readonly #refused = new Set<string>();
  readonly #texts: Map<Column, ColumnText>;
  readonly #rendering: Rendering;
  readonly #maxTables: number;
  readonly #maxColumns: number;
  readonly #budget: number;
  readonly #count: (text: string) => number;
  #spent = 0;

  constructor(
    readonly index: SchemaIndex,
    options: LinkOptions,
  ) {
    this.#builder = new SelectionBuilder(index);
    this.#rendering = options.rendering ?? {};
    this.#texts = columnTexts(index, this.#rendering.format);
    const { tokenBudget, countTokens } = options;
    this.#budget = countTokens === undefined ? Infinity : (tokenBudget ?? Infinity);
    this.#count = this.#budget === Infinity ? () => 0 : remember(countTokens!);
    this.#maxTables = options.maxTables ?? MAX_TABLES;
    this.#maxColumns = options.maxColumnsPerTable ?? MAX_COLUMNS_PER_TABLE;
  }

  get tableNames(): string[] {
    return this.#builder.tableNames;
  }

  /** Adds the first table, whatever it costs. */
  start(table: string): void {
    this.#builder.addTable(table);
    this.#spent = this.#cost(this.#builder);
  }

  /** Adds the table with its key and the joins that connect it, if all of that fits. */
  tryTable(table: string): void {
    if (this.#builder.hasTable(table) || this.#refused.has(table)) return;
    const before = this.#builder;
    if (before.tableNames.length >= this.#maxTables) return;
    const next = before.clone();
    next.addTable(table);
    next.connect();
    const cost = this.#cost(next);
    if (next.tableNames.length > this.#maxTables || cost > this.#budget) {
      this.#refused.add(table);
      return;
    }
    this.#builder = next;
    this.#spent = cost;
    this.#steps.push(() => (this.#builder = before));
  }

  /** Adds the column if its table is included and the limits allow it. */
  tryColumn({ table, column }: SchemaColumn): void {
    const builder = this.#builder;
    if (!builder.hasTable(table.name) || builder.hasColumn(table.name, column.name)) return;
    if (builder.columnCount(table.name) >= this.#maxColumns) return;
    const cost = this.#spent + this.#columnCost(builder, column);
    if (cost > this.#budget) return;
    builder.addColumn(table.name, column.name);
    this.#spent = cost;
    this.#steps.push(() => builder.removeColumn(table.name, column.name));
  }

  /** The tokens of all pieces. The whole may need a different number, so `finish` counts it again. */
  #cost(builder: SelectionBuilder): number {
    if (this.#budget === Infinity) return 0;
    let cost = 0;
    for (const { table, columns } of builder.build().tables) {
      cost += this.#count(`${quoteTableName(table.name)}(`) + this.#count(')\n');
      for (const column of columns) cost += this.#columnCost(builder, column);
    }
    return cost;
  }

  #columnCost(builder: SelectionBuilder, column: Column): number {
    const { text, arrows } = this.#texts.get(column)!;
    let cost = this.#count(`${text}, `);
    for (const arrow of arrows) if (builder.hasTable(arrow.table)) cost += this.#count(arrow.text);
    return cost;
  }

  finish(): SchemaSelection {
    let selection = this.#builder.build();
    while (this.#budget < Infinity && this.#count(renderSchema(selection, this.#rendering)) > this.#budget) {
      const undo = this.#steps.pop();
      if (!undo) break;
      undo();
      selection = this.#builder.build();
    }
    return selection;
  }
}

const counts = new WeakMap<(text: string) => number, Map<string, number>>();
const MAX_REMEMBERED = 50_000;

/** Caches counts: pieces repeat from question to question, and tokenizing is slow. */
function remember(count: (text: string) => number): (text: string) => number {
  const known = counts.get(count) ?? new Map<string, number>();
  counts.set(count, known);
  return (text) => {
    let tokens = known.get(text);
    if (tokens === undefined) {
      tokens = count(text);
      if (known.size < MAX_REMEMBERED && text.length < 200) known.set(text, tokens);
    }
    return tokens;
  };
}
