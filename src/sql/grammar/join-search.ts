import type { Catalog } from './catalog.js';
import type { TableSet } from './table-set.js';

/** The n-th table of a stem, counted from 1, is one of these. */
export interface AliasGoal {
  stem: string;
  n: number;
  tables: TableSet;
}

/** States that one search may visit; a plan that it has not found by then counts as impossible. */
const SEARCH_LIMIT = 200;

/** A search for tables to join. Steps forward and back change its state, so that a step costs little. */
export class JoinSearch {
  readonly #placed: number[] = [];
  /** How many placed tables each stem has. */
  readonly #counts: number[];
  /** Sets of which tables are wanted: first those of the aliases, then the covers. */
  readonly #sets: readonly TableSet[];
  readonly #stems: readonly number[];
  #looked = 0;

  /** @param aliases with those that they imply: a second `vo` needs a first one */
  constructor(
    private readonly catalog: Catalog,
    private readonly maxTables: number,
    private readonly aliases: readonly AliasGoal[],
    covers: readonly TableSet[],
  ) {
    this.#counts = new Array<number>(catalog.stemCount).fill(0);
    this.#sets = [...aliases.map(({ tables }) => tables), ...covers];
    this.#stems = aliases.map(({ stem }) => catalog.stemNumber(stem));
  }

  /** The tables to join after these; undefined if these cannot be placed, or no plan was found. */
  after(placed: readonly number[]): readonly number[] | undefined {
    let near: readonly number[] = this.#sets.map(() => Infinity);
    for (const table of placed) {
      if (!this.#mayBeNext(table)) return undefined;
      near = this.#nearer(near, table);
      this.#add(table);
    }
    return this.#search(near);
  }

  /** @param near for each set, how many joins lead to it from the placed tables; -1 for covers that are met */
  #search(near: readonly number[]): number[] | undefined {
    const open = this.#open(near);
    const placed = this.#placed.length;
    if (placed > 0) {
      if (open.length === 0) return [];
      if (!this.#isNear(open, near)) return undefined;
    } else if (open.filter((set) => set < this.aliases.length).length > this.maxTables) return undefined;
    if (++this.#looked > SEARCH_LIMIT) return undefined;
    for (const table of placed === 0 ? this.#roots(open) : this.#moves(open, near)) {
      const next = this.#nearer(near, table);
      this.#add(table);
      const rest = this.#search(next);
      if (rest) return [table, ...rest];
      this.#remove();
    }
    return undefined;
  }

  #add(table: number): void {
    this.#placed.push(table);
    this.#counts[this.catalog.stemOf(table)]!++;
  }

  #remove(): void {
    this.#counts[this.catalog.stemOf(this.#placed.pop()!)]!--;
  }

  #nearer(near: readonly number[], table: number): number[] {
    const { length } = this.aliases;
    return near.map((before, i) => {
      const set = this.#sets[i]!;
      if (i >= length && (before < 0 || set.has(table))) return -1;
      return Math.min(before, set.distanceFrom(table));
    });
  }

  /** The places of the sets that still want a table. */
  #open(near: readonly number[]): number[] {
    const open: number[] = [];
    for (let i = 0; i < near.length; i++) {
      const alias = this.aliases[i];
      if (alias ? this.#counts[this.#stems[i]!]! < alias.n : near[i]! >= 0) open.push(i);
    }
    return open;
  }

  /** Whether the open sets can be reached with the tables that are left. */
  #isNear(open: readonly number[], near: readonly number[]): boolean {
    const placed = this.#placed.length;
    const left = this.maxTables - placed;
    let count = 0;
    for (const i of open) {
      if (near[i]! > left) return false;
      const alias = this.aliases[i];
      if (alias === undefined) continue;
      count++;
      // The n-th of all tables can be at most so many joins away as tables may come first.
      if (this.catalog.isNumbered && near[i]! > alias.n - placed) return false;
    }
    return count <= left;
  }

  /** Tables that may come next and bring the search closer to an open want, the most promising first. */
  #moves(open: readonly number[], near: readonly number[]): number[] {
    const scored: { table: number; cost: number }[] = [];
    const tried = new Set<number>();
    for (const placed of this.#placed) {
      for (const table of this.catalog.tables[placed]!.neighbours) {
        if (tried.has(table)) continue;
        tried.add(table);
        if (!this.#mayBeNext(table)) continue;
        let cost = 0;
        let isProgress = false;
        for (const i of open) {
          const set = this.#sets[i]!;
          const after = set.has(table) ? 0 : set.distanceFrom(table);
          if (after < near[i]!) isProgress = true;
          cost += Math.min(after, near[i]!);
        }
        if (isProgress) scored.push({ table, cost });
      }
    }
    return scored.sort((a, b) => a.cost - b.cost || a.table - b.table).map(({ table }) => table);
  }

  /** Where to start: at a table of some want, since the statement ends up with one anyway. */
  #roots(open: readonly number[]): number[] {
    const first = open.filter((i) => this.aliases[i]?.n === 1);
    const sets = first.length > 0 ? first : open.filter((i) => i >= this.aliases.length).slice(0, 1);
    const tables =
      sets.length > 0 ? sets.flatMap((i) => this.#sets[i]!.list) : [...this.catalog.tables.keys()];
    return [...new Set(tables)].filter((table) => this.#mayBeNext(table));
  }

  /** Whether the alias that the table would get may mean this table. */
  #mayBeNext(table: number): boolean {
    const stem = this.catalog.stemOf(table);
    const n = this.#counts[stem]! + 1;
    for (let i = 0; i < this.#stems.length; i++) {
      if (this.#stems[i] === stem && this.aliases[i]!.n === n && !this.#sets[i]!.has(table)) return false;
    }
    return true;
  }
}
