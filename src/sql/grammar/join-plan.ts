import type { Catalog } from './catalog.js';

/** What the tables of a statement have to satisfy. */
export interface Goals {
  /** Alias → tables of which it must be one. */
  aliases: ReadonlyMap<string, readonly number[]>;
  /** Of each of these sets, some table has to be there: one that can hold a placeholder. */
  covers: readonly (readonly number[])[];
}

/** One occurrence that is wanted: the n-th table of a stem (or any, for a cover) is one of these. */
interface Want {
  stem?: string;
  n: number;
  tables: readonly number[];
}

/** States that one search may look at; a plan that is not found by then counts as impossible. */
const SEARCH_LIMIT = 300;

/**
 * Finds tables that, joined one after the other along known keys, satisfy the goals. A statement is only led where
 * such a plan is known, and every state carries its plan: the plan's next table is always allowed, hence no state is
 * a dead end, whatever the search overlooks.
 */
export class JoinPlanner {
  readonly #found = new Map<string, readonly number[] | undefined>();
  #looked = 0;

  constructor(
    readonly catalog: Catalog,
    /** The most tables of a statement. */
    readonly maxTables: number,
  ) {}

  /**
   * @param placed tables of FROM and JOIN so far
   * @param key of the goals: the same for the same goals
   * @returns the tables to join further, in order; empty when the goals are met; undefined when none was found
   */
  plan(placed: readonly number[], goals: Goals, key: string): readonly number[] | undefined {
    const memo = `${placed.join(',')}|${key}`;
    if (this.#found.has(memo)) return this.#found.get(memo);
    this.#looked = 0;
    const plan = this.#search(placed, this.#wants(goals));
    this.#found.set(memo, plan);
    return plan;
  }

  /** Whether the tables satisfy the goals as they are. */
  isMet(placed: readonly number[], goals: Goals): boolean {
    return this.#wants(goals).every((want) => this.#isMet(want, placed));
  }

  #wants(goals: Goals): Want[] {
    const wants: Want[] = goals.covers.map((tables) => ({ n: 0, tables }));
    for (const stem of this.catalog.stems) {
      const all = this.catalog.tablesOfStem(stem);
      let last = 0;
      for (let n = 1; n <= this.maxTables; n++) if (goals.aliases.has(this.catalog.alias(stem, n))) last = n;
      for (let n = 1; n <= last; n++) {
        wants.push({ stem, n, tables: goals.aliases.get(this.catalog.alias(stem, n)) ?? all });
      }
    }
    return wants;
  }

  #search(placed: readonly number[], wants: readonly Want[]): number[] | undefined {
    const open = wants.filter((want) => !this.#isMet(want, placed));
    if (open.length === 0 && placed.length > 0) return [];
    const room = this.maxTables - placed.length;
    if (this.#atLeast(placed, open) > room) return undefined;
    if (++this.#looked > SEARCH_LIMIT) return undefined;
    for (const table of this.#moves(placed, open, wants)) {
      const rest = this.#search([...placed, table], wants);
      if (rest) return [table, ...rest];
    }
    return undefined;
  }

  #isMet(want: Want, placed: readonly number[]): boolean {
    if (want.stem === undefined) return placed.some((table) => want.tables.includes(table));
    return this.#count(placed, want.stem) >= want.n;
  }

  #count(placed: readonly number[], stem: string): number {
    let count = 0;
    for (const table of placed) if (this.catalog.tables[table]!.stem === stem) count++;
    return count;
  }

  /** A number of joins that the open wants surely need. */
  #atLeast(placed: readonly number[], open: readonly Want[]): number {
    let most = open.filter((want) => want.stem !== undefined).length;
    if (placed.length > 0) for (const want of open) most = Math.max(most, this.#cost(placed, want));
    return most;
  }

  /** Joins from the nearest placed table to a table that the want accepts. */
  #cost(placed: readonly number[], want: Want): number {
    let least = Infinity;
    for (const from of placed)
      for (const to of want.tables) least = Math.min(least, this.catalog.distance(from, to));
    return least;
  }

  /** Tables that may come next and bring an open want nearer, the most promising first. */
  #moves(placed: readonly number[], open: readonly Want[], wants: readonly Want[]): number[] {
    const scored: { table: number; cost: number }[] = [];
    const before = open.map((want) => (placed.length === 0 ? Infinity : this.#cost(placed, want)));
    for (const table of this.neighbours(placed)) {
      if (!this.#mayBeNext(table, placed, wants)) continue;
      const after = open.map((want) =>
        this.#satisfies(table, want, placed) ? 0 : Math.min(...this.#costs(table, want)),
      );
      const isProgress = placed.length === 0 || after.some((cost, i) => cost < before[i]!);
      if (isProgress)
        scored.push({ table, cost: after.reduce((sum, cost, i) => sum + Math.min(cost, before[i]!), 0) });
    }
    return scored.sort((a, b) => a.cost - b.cost || a.table - b.table).map(({ table }) => table);
  }

  #costs(from: number, want: Want): number[] {
    return want.tables.map((to) => this.catalog.distance(from, to));
  }

  #satisfies(table: number, want: Want, placed: readonly number[]): boolean {
    if (!want.tables.includes(table)) return false;
    return want.stem === undefined || this.#count(placed, want.stem) + 1 === want.n;
  }

  /** Whether the alias that the table would get is free for it. */
  #mayBeNext(table: number, placed: readonly number[], wants: readonly Want[]): boolean {
    const { stem } = this.catalog.tables[table]!;
    const n = this.#count(placed, stem) + 1;
    return wants.every((want) => want.stem !== stem || want.n !== n || want.tables.includes(table));
  }

  /** Tables that a known key joins to one of the placed; all tables when there is none yet. */
  neighbours(placed: readonly number[]): number[] {
    if (placed.length === 0) return this.catalog.tables.map((_, i) => i);
    const found = new Set<number>();
    for (const table of placed) for (const { to } of this.catalog.tables[table]!.joins) found.add(to);
    return [...found];
  }
}
