import { quoteIdentifier } from '../identifier.js';
import { columnTexts, renderSchema, type ColumnText } from '../render.js';
import type { ColumnRef, SchemaIndex } from '../schema-index.js';
import { SelectionBuilder, type SchemaSelection } from '../selection.js';
import type { Column } from '../bundle.js';

/** Limits unless the caller has others; training prompts keep them as well. */
export const MAX_TABLES = 8;
export const MAX_COLUMNS_PER_TABLE = 16;

export interface LinkOptions {
  /** Most tables in the selection, tables on join paths included (default 8). */
  maxTables?: number | undefined;
  /** Most columns of one table; keys that joins need come on top (default 16). */
  maxColumnsPerTable?: number;
  /** Most tokens that the rendered schema may take; needs `countTokens`. */
  tokenBudget?: number;
  /** Tokens of a text. Counts of the schema's pieces are remembered as long as the function lives: pass the same one. */
  countTokens?: (text: string) => number;
}

/** What takes the newest step back. */
type Undo = () => void;

/** Adds tables and columns one step at a time while they fit into the limits. */
export class Packer {
  #builder: SelectionBuilder;
  readonly #steps: Undo[] = [];
  readonly #refused = new Set<string>();
  readonly #texts: Map<Column, ColumnText>;
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
    this.#texts = columnTexts(index);
    const { tokenBudget, countTokens } = options;
    this.#budget = countTokens === undefined ? Infinity : (tokenBudget ?? Infinity);
    this.#count = this.#budget === Infinity ? () => 0 : remember(countTokens!);
    this.#maxTables = options.maxTables ?? MAX_TABLES;
    this.#maxColumns = options.maxColumnsPerTable ?? MAX_COLUMNS_PER_TABLE;
  }

  get tableNames(): string[] {
    return this.#builder.tableNames;
  }

  /** The first table: it is there whatever it costs. */
  start(table: string): void {
    this.#builder.addTable(table);
    this.#spent = this.#cost(this.#builder);
  }

  /** Adds the table with its key and what connects it, if all of that fits. */
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

  /** Adds the column if its table is there and the limits allow it. */
  tryColumn({ table, column }: ColumnRef): void {
    const builder = this.#builder;
    if (!builder.hasTable(table.name) || builder.hasColumn(table.name, column.name)) return;
    if (builder.columnCount(table.name) >= this.#maxColumns) return;
    const cost = this.#spent + this.#columnCost(builder, column);
    if (cost > this.#budget) return;
    builder.addColumn(table.name, column.name);
    this.#spent = cost;
    this.#steps.push(() => builder.removeColumn(table.name, column.name));
  }

  /** Tokens of all pieces. Tokens may join across pieces, so `finish` counts the whole once more. */
  #cost(builder: SelectionBuilder): number {
    if (this.#budget === Infinity) return 0;
    let cost = 0;
    for (const { table, columns } of builder.build().tables) {
      cost += this.#count(`${quoteIdentifier(table.name)}(`) + this.#count(')\n');
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
    while (this.#budget < Infinity && this.#count(renderSchema(selection)) > this.#budget) {
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

/** Pieces repeat from question to question, and a tokenizer is slow. */
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
