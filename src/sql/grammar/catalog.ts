import { aliasesOf } from '../../data/corpus/statement/render.js';
import { FIRST_FORMAT, type RecordFormat } from '../../data/record-format.js';
import { aliasInWords, namesOf, type SchemaNames } from '../../data/schema/names.js';
import { senseOf } from '../../data/schema/roles/sense.js';
import { foldTableName } from '../../tsql/identifier.js';
import type { JoinSide } from '../../data/schema/join-graph.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection, SelectedTable } from '../../data/schema/selection.js';
import { canJoin, columnKind, type ColumnKind } from './column-kind.js';
import { areKindsComparable } from './placeholders.js';
import { TableSet } from './table-set.js';

export interface CatalogColumn {
  /** Number of its table in the catalog. */
  table: number;
  /** The name as statements write it. */
  text: string;
  kind: ColumnKind;
  /** Whether it identifies something in every row of its table. */
  isFilled: boolean;
}

export interface CatalogTable {
  text: string;
  /** The alias that the table has if no other table comes before it; tables of one stem are numbered together. */
  stem: string;
  columns: CatalogColumn[];
  kinds: ReadonlySet<ColumnKind>;
  /** Tables that can be joined to this one, each once; those with a key come first. */
  neighbours: number[];
}

/** One way to join: pairs of columns, of the earlier table and of the new one. */
export type CatalogJoin = readonly { from: string; to: string }[];

/** Which columns may join two tables: those of known keys, or any pair that can be compared. */
export type JoinRule = 'keys' | 'any';

/** How statements write names. */
export type NameFormat = Pick<RecordFormat, 'names' | 'aliases'>;

/** The tables that a statement may name, with the corpus's aliases and what the grammar often needs. */
export class Catalog {
  readonly tables: readonly CatalogTable[];
  readonly #names: SchemaNames;
  readonly #byStem = new Map<string, number[]>();
  /** The number of each stem, and of each table's. */
  readonly #stemNumbers = new Map<string, number>();
  readonly #stemOf: readonly number[];
  readonly #sets = new Map<string, TableSet>();
  #setCount = 0;
  /** The sets of one table, by the table. */
  readonly #single: (TableSet | undefined)[] = [];
  /** Joins along known keys, by the two tables. */
  readonly #keys = new Map<string, CatalogJoin[]>();
  readonly #joins = new Map<string, readonly CatalogJoin[]>();
  /** How many joins lead from a table to another, or to a second occurrence of itself. */
  readonly #distances: number[][];

  /** @param selection the part of the schema to use; all of it by default */
  constructor(
    index: SchemaIndex,
    selection?: SchemaSelection,
    private readonly joinRule: JoinRule = 'keys',
    private readonly format: NameFormat = FIRST_FORMAT,
  ) {
    this.#names = namesOf(index, format.names);
    const parts = selection?.tables ?? index.tables.map((table) => ({ table, columns: table.columns }));
    this.tables = parts.map((part, i) => describeTable(index, part, i, this.#names, format));
    this.tables.forEach(({ stem }, i) => this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), i]));
    for (const stem of this.#byStem.keys()) this.#stemNumbers.set(stem, this.#stemNumbers.size);
    this.#stemOf = this.tables.map(({ stem }) => this.#stemNumbers.get(stem)!);
    const numbers = new Map(parts.map(({ table }, i) => [foldTableName(table.name), i]));
    parts.forEach(({ table }, i) => this.#addKeys(index, i, numbers, table.name));
    if (joinRule === 'any') this.#addNeighbours();
    this.#distances = this.tables.map((_, from) => this.#distancesFrom(from));
  }

  /** The most pairs of columns in a known key. */
  get mostPairs(): number {
    return [...this.#keys.values()].flat().reduce((most, { length }) => Math.max(most, length), 1);
  }

  get stems(): Iterable<string> {
    return this.#byStem.keys();
  }

  get stemCount(): number {
    return this.#byStem.size;
  }

  /** Stems are numbered from 0. */
  stemNumber(stem: string): number {
    return this.#stemNumbers.get(stem)!;
  }

  /** The number of a table's stem. */
  stemOf(table: number): number {
    return this.#stemOf[table]!;
  }

  tablesOfStem(stem: string): readonly number[] {
    return this.#byStem.get(stem) ?? [];
  }

  /** The alias of the n-th table of a stem, counted from 1. */
  alias(stem: string, n: number): string {
    if (this.inWords) return aliasInWords(n - 1);
    return n === 1 && this.format.aliases === 'initials' ? stem : `${stem}${n}`;
  }

  /** A column with its alias; `qualified(alias, '')` is what stands before the name. */
  qualified(alias: string, column: string): string {
    return `${alias}${this.inWords ? ' ' : '.'}${column}`;
  }

  /** All tables are of one stem: the number of an alias is the place of its table in FROM. */
  get isNumbered(): boolean {
    return this.#byStem.size === 1 && (this.inWords || this.format.aliases === 'numbered');
  }

  /** Names are words: a name may begin another one, and every table has an alias. */
  get inWords(): boolean {
    return this.format.names === 'words';
  }

  /** @param list ascending */
  set(list: readonly number[]): TableSet {
    if (list.length === 1) return (this.#single[list[0]!] ??= this.#make(list));
    const key = list.join(',');
    let set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, (set = this.#make(list)));
    return set;
  }

  #make(list: readonly number[]): TableSet {
    return new TableSet(list, this.#setCount++, (from, to) => this.#distances[from]![to]!);
  }

  /** Ways to join a table to an earlier one. */
  joins(earlier: number, table: number): readonly CatalogJoin[] {
    const key = `${earlier},${table}`;
    let joins = this.#joins.get(key);
    if (joins === undefined) {
      const known = apartAtStart(this.#keys.get(key) ?? []);
      joins = this.joinRule === 'keys' ? known : [...known, ...this.#furtherPairs(earlier, table, known)];
      this.#joins.set(key, joins);
    }
    return joins;
  }

  /** Comparable pairs of columns. None begins a known key, because no text may continue another one with ` AND `. */
  #furtherPairs(earlier: number, table: number, known: readonly CatalogJoin[]): CatalogJoin[] {
    const isKnown = (from: string, to: string): boolean =>
      known.some(([first]) => first!.from === from && first!.to === to);
    const pairs: CatalogJoin[] = [];
    for (const from of this.tables[earlier]!.columns) {
      for (const to of this.tables[table]!.columns) {
        if (mayConnect(from.kind, to.kind) && !isKnown(from.text, to.text))
          pairs.push([{ from: from.text, to: to.text }]);
      }
    }
    return pairs;
  }

  #addKeys(
    index: SchemaIndex,
    number: number,
    numbers: ReadonlyMap<string, number>,
    tableName: string,
  ): void {
    const joins = index.joinsFrom(tableName);
    const table = this.tables[number]!;
    const isShown = ({ columns }: CatalogTable, name: string): boolean =>
      columns.some((column) => column.text === name);
    const seen = new Set<string>();
    for (const { from, to } of joins) {
      const target = numbers.get(foldTableName(to.table));
      if (target === undefined || !isPossible(index, from, to)) continue;
      const on = from.columns.map((name, i) => ({
        from: this.#names.column(from.table, name),
        to: this.#names.column(to.table, to.columns[i]!),
      }));
      const key = JSON.stringify([target, on]);
      const there = this.tables[target]!;
      if (seen.has(key) || !on.every((pair) => isShown(table, pair.from) && isShown(there, pair.to)))
        continue;
      if (target === number && on.some(({ from, to }) => from === to && isRowKey(table, from))) continue;
      seen.add(key);
      const both = `${number},${target}`;
      this.#keys.set(both, [...(this.#keys.get(both) ?? []), on]);
      if (!table.neighbours.includes(target)) table.neighbours.push(target);
    }
  }

  #addNeighbours(): void {
    this.tables.forEach((table) => {
      this.tables.forEach((other, number) => {
        const canJoin = [...table.kinds].some((a) => [...other.kinds].some((b) => mayConnect(a, b)));
        if (canJoin && !table.neighbours.includes(number)) table.neighbours.push(number);
      });
    });
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

/** Whether tables may be joined by two columns: amounts agree by chance. */
function mayConnect(a: ColumnKind, b: ColumnKind): boolean {
  return areKindsComparable(a, b, '=') && !(a.agreesByChance && b.agreesByChance);
}

/** Whether the column alone tells the rows of its table apart. */
function isRowKey({ columns }: CatalogTable, name: string): boolean {
  return columns.some(({ text, kind }) => text === name && kind.rowsOf !== undefined);
}

/**
 * Without the keys that another one begins: no text may continue another one with ` AND `. Their further columns can be
 * compared after the shorter key.
 */
function apartAtStart(joins: readonly CatalogJoin[]): CatalogJoin[] {
  const begins = (shorter: CatalogJoin, longer: CatalogJoin): boolean =>
    shorter.length < longer.length &&
    shorter.every(({ from, to }, i) => from === longer[i]!.from && to === longer[i]!.to);
  return joins.filter((join) => !joins.some((other) => begins(other, join)));
}

/** Whether the server can compare the columns of a key: those of a few types can be declared, and never joined. */
function isPossible(index: SchemaIndex, from: JoinSide, to: JoinSide): boolean {
  return from.columns.every((name, i) =>
    canJoin(index.column(from.table, name)!, index.column(to.table, to.columns[i]!)!),
  );
}

function describeTable(
  index: SchemaIndex,
  { table, columns }: SelectedTable,
  number: number,
  names: SchemaNames,
  { aliases, names: style }: NameFormat,
): CatalogTable {
  const described = columns.map((column) => {
    const ref = index.column(table.name, column.name)!;
    return {
      table: number,
      text: names.column(table.name, column.name),
      kind: columnKind(index, ref),
      isFilled: senseOf(index).isAlwaysFilled(ref),
    };
  });
  return {
    text: names.table(table.name),
    stem:
      aliases === 'numbered' || style === 'words' ? 't' : aliasesOf({ from: [{ table: table.name }] })[0]!,
    columns: described,
    kinds: new Set(described.map(({ kind }) => kind)),
    neighbours: [],
  };
}
