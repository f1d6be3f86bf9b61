import type { Catalog, CatalogColumn } from './catalog.js';
import type { ColumnKind } from './column-kind.js';
import { GrammarError } from './errors.js';
import type { JoinPlanner } from './join-plan.js';
import type { Slot } from './placeholders.js';
import type { TableSet } from './table-set.js';

/** How many tables of a stem the SELECT list may skip before it names another one. */
export const SKIPPED_TABLES = 6;

/** The most items in a SELECT list. */
export const MOST_ITEMS = 8;

/** What does not change during a statement. */
export interface Session {
  readonly catalog: Catalog;
  readonly planner: JoinPlanner;
  readonly slots: readonly Slot[];
  /** For each slot, the tables with a column that can hold it. */
  readonly covers: readonly TableSet[];
  readonly endSymbol: number;
  /** Whether conditions use placeholders until none is left; see `StartOptions.isPlain`. */
  readonly isPlain: boolean;
}

/** A column as the statement names it: one catalog column for each table that its alias may still mean. */
export interface ColumnUse {
  /** Undefined if the only table has no alias. */
  alias: string | undefined;
  /** `p.year_of_birth`, or the bare name. */
  text: string;
  columns: readonly CatalogColumn[];
}

export type Accepts = (kind: ColumnKind) => boolean;

export interface ColumnOptions {
  /** Columns that may not be named, as text. */
  except?: readonly string[] | undefined;
  /** Kinds that are offered first, for the way out. */
  first?: Accepts | undefined;
}

export function tablesOf(use: ColumnUse): number[] {
  return use.columns.map((column) => column.table);
}

export function unplaceable({ slots, covers, planner }: Session): GrammarError {
  const homeless = slots.find((_, i) => covers[i]!.list.length === 0);
  const message =
    homeless === undefined
      ? `no ${planner.maxTables} tables that can be joined hold ${slots.map((slot) => slot.name).join(', ')}`
      : `no column can be compared with ${homeless.name} (${homeless.shape})`;
  return new GrammarError('unplaceable', message);
}

export function hasKind(catalog: Catalog, tables: readonly number[], accepts: Accepts): boolean {
  return tables.some((table) => [...catalog.tables[table]!.kinds].some(accepts));
}

export function firstThose<T>(items: readonly T[], isFirst: (item: T) => boolean): T[] {
  return [...items.filter(isFirst), ...items.filter((item) => !isFirst(item))];
}

/** The columns of the tables by name, each with all tables that have it. */
export function columnUses(
  catalog: Catalog,
  { alias, tables }: { alias: string | undefined; tables: readonly number[] },
  accepts: Accepts,
  except: readonly string[],
  first: Accepts,
): ColumnUse[] {
  const found = new Map<string, CatalogColumn[]>();
  for (const table of tables) {
    for (const column of catalog.tables[table]!.columns) {
      if (!accepts(column.kind)) continue;
      const same = found.get(column.text);
      if (same === undefined) found.set(column.text, [column]);
      else same.push(column);
    }
  }
  const uses = [...found].map(([name, columns]) => {
    const text = alias === undefined ? name : catalog.qualified(alias, name);
    return { alias, text, columns };
  });
  return firstThose(
    uses.filter((use) => !except.includes(use.text)),
    (use) => use.columns.some((column) => first(column.kind)),
  );
}
