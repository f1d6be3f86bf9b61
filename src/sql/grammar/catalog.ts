import { aliasesOf } from '../../data/corpus/render.js';
import { foldName, quoteIdentifier } from '../../data/schema/identifier.js';
import type { Join } from '../../data/schema/join-graph.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection, SelectedTable } from '../../data/schema/selection.js';
import { columnKind, type ColumnKind } from './column-kind.js';
import { TableSet } from './table-set.js';

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
  kinds: ReadonlySet<ColumnKind>;
  /** Ways to join another table to this one. */
  joins: CatalogJoin[];
  /** Tables that these joins lead to, each once. */
  neighbours: number[];
}

export interface CatalogJoin {
  to: number;
  /** Pairs of column texts, of this table and of the other. */
  on: { from: string; to: string }[];
}

/** The tables that a statement may name, with aliases as the corpus gives them and all that the grammar asks often. */
export class Catalog {
  readonly tables: readonly CatalogTable[];
  readonly #byStem = new Map<string, number[]>();
  readonly #sets = new Map<string, TableSet>();
  /** Joins needed from a table to an occurrence of another, or to a second one of itself. */
  readonly #distances: number[][];

  /** @param selection the part of the schema that may be used; all of it when absent */
  constructor(index: SchemaIndex, selection?: SchemaSelection) {
    const parts = selection?.tables ?? index.tables.map((table) => ({ table, columns: table.columns }));
    this.tables = parts.map((part, i) => describeTable(index, part, i));
    this.tables.forEach(({ stem }, i) => this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), i]));
    const numbers = new Map(parts.map(({ table }, i) => [foldName(table.name), i]));
    parts.forEach(({ table }, i) => this.#addJoins(this.tables[i]!, index.joinsFrom(table.name), numbers));
    this.#distances = this.tables.map((_, from) => this.#distancesFrom(from));
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

  /** @param list ascending */
  set(list: readonly number[]): TableSet {
    const key = list.join(',');
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new TableSet(list, key, (from, to) => this.#distances[from]![to]!);
      this.#sets.set(key, set);
    }
    return set;
  }

  #addJoins(table: CatalogTable, joins: readonly Join[], numbers: ReadonlyMap<string, number>): void {
    const isShown = ({ columns }: CatalogTable, name: string): boolean =>
      columns.some((column) => column.text === name);
    const seen = new Set<string>();
    for (const { from, to } of joins) {
      const target = numbers.get(foldName(to.table));
      if (target === undefined) continue;
      const on = from.columns.map((name, i) => ({
        from: quoteIdentifier(name),
        to: quoteIdentifier(to.columns[i]!),
      }));
      const key = JSON.stringify([target, on]);
      const there = this.tables[target]!;
      if (seen.has(key) || !on.every((pair) => isShown(table, pair.from) && isShown(there, pair.to)))
        continue;
      seen.add(key);
      table.joins.push({ to: target, on });
      if (!table.neighbours.includes(target)) table.neighbours.push(target);
    }
  }

  #distancesFrom(from: number): number[] {
    const distances = new Array<number>(this.tables.length).fill(Infinity);
    let frontier = [from];
    for (let steps = 1; frontier.length > 0; steps++) {
      const next: number[] = [];
      for (const to of frontier.flatMap((table) => this.tables[table]!.neighbours)) {
        if (distances[to]! <= steps) continue;
        distances[to] = steps;
        next.push(to);
      }
      frontier = next;
    }
    return distances;
  }
}

function describeTable(index: SchemaIndex, { table, columns }: SelectedTable, number: number): CatalogTable {
  const described = columns.map((column) => ({
    table: number,
    text: quoteIdentifier(column.name),
    kind: columnKind(index.column(table.name, column.name)!),
  }));
  return {
    text: quoteIdentifier(table.name),
    stem: aliasesOf({ from: [{ table: table.name }] })[0]!,
    columns: described,
    kinds: new Set(described.map(({ kind }) => kind)),
    joins: [],
    neighbours: [],
  };
}
