import { aliasesOf } from '../../data/corpus/render.js';
import { foldName, quoteIdentifier } from '../../data/schema/identifier.js';
import type { Join } from '../../data/schema/join-graph.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection } from '../../data/schema/selection.js';
import { columnKind, type ColumnKind } from './column-kind.js';

export interface CatalogColumn {
  /** Number of its table in the catalog. */
  table: number;
  /** As it stands in T-SQL, in brackets where it has to. */
  text: string;
  kind: ColumnKind;
}

export interface CatalogTable {
  text: string;
  /** Alias of the table's first occurrence; the n-th is the stem followed by n. */
  stem: string;
  columns: CatalogColumn[];
  /** Ways to join another table to this one. */
  joins: CatalogJoin[];
}

export interface CatalogJoin {
  to: number;
  /** Pairs of column texts, of this table and of the other. */
  on: { from: string; to: string }[];
}

/** The tables that a statement may name, with aliases as the corpus gives them and all that the grammar asks often. */
export class Catalog {
  readonly tables: CatalogTable[] = [];
  readonly #byStem = new Map<string, number[]>();
  /** Joins needed from one table to an occurrence of another (or a second one of itself): `from * count + to`. */
  readonly #distances: number[] = [];

  /** @param selection the part of the schema that may be used; all of it when absent */
  constructor(index: SchemaIndex, selection?: SchemaSelection) {
    const parts = selection?.tables ?? index.tables.map((table) => ({ table, columns: table.columns }));
    const numbers = new Map(parts.map(({ table }, i) => [foldName(table.name), i]));
    for (const [i, { table, columns }] of parts.entries()) {
      const stem = aliasesOf({ from: [{ table: table.name }] })[0]!;
      const entry: CatalogTable = {
        text: quoteIdentifier(table.name),
        stem,
        columns: columns.map((column) => ({
          table: i,
          text: quoteIdentifier(column.name),
          kind: columnKind(index.column(table.name, column.name)!),
        })),
        joins: [],
      };
      this.tables.push(entry);
      this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), i]);
    }
    for (const [i, { table }] of parts.entries()) this.#addJoins(i, index.joinsFrom(table.name), numbers);
    for (let from = 0; from < this.tables.length; from++) this.#measureFrom(from);
  }

  get stems(): Iterable<string> {
    return this.#byStem.keys();
  }

  tablesOfStem(stem: string): readonly number[] {
    return this.#byStem.get(stem) ?? [];
  }

  /** Alias of the n-th table of a stem, counted from 1. */
  alias(stem: string, n: number): string {
    return n === 1 ? stem : `${stem}${n}`;
  }

  /** How many joins lead from a table to an occurrence of the other; Infinity when none do. */
  distance(from: number, to: number): number {
    return this.#distances[from * this.tables.length + to]!;
  }

  #addJoins(table: number, joins: readonly Join[], numbers: ReadonlyMap<string, number>): void {
    const { joins: list, columns } = this.tables[table]!;
    const isShown = (there: readonly CatalogColumn[], name: string): boolean =>
      there.some((column) => column.text === name);
    const seen = new Set<string>();
    for (const { from, to } of joins) {
      const target = numbers.get(foldName(to.table));
      if (target === undefined) continue;
      const on = from.columns.map((name, i) => ({
        from: quoteIdentifier(name),
        to: quoteIdentifier(to.columns[i]!),
      }));
      const there = this.tables[target]!.columns;
      if (!on.every((pair) => isShown(columns, pair.from) && isShown(there, pair.to))) continue;
      const key = JSON.stringify([target, on]);
      if (!seen.has(key)) list.push({ to: target, on });
      seen.add(key);
    }
  }

  #measureFrom(from: number): void {
    const count = this.tables.length;
    const row = new Array<number>(count).fill(Infinity);
    let frontier = [from];
    for (let steps = 1; frontier.length > 0; steps++) {
      const next: number[] = [];
      for (const table of frontier) {
        for (const { to } of this.tables[table]!.joins) {
          if (row[to]! <= steps) continue;
          row[to] = steps;
          next.push(to);
        }
      }
      frontier = next;
    }
    this.#distances.push(...row);
  }
}
