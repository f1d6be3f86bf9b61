import type { Catalog } from './catalog.js';
import type { TableSet } from './table-set.js';

/** The n-th table of a stem, counted from 1, is one of these. */
export interface AliasGoal {
  stem: string;
  n: number;
  tables: TableSet;
}

/** What the tables of a statement have to satisfy. */
export interface Goals {
  /** By alias. */
  aliases: ReadonlyMap<string, AliasGoal>;
  /** Each of these sets needs one of its tables: one that can hold a placeholder. */
  covers: readonly TableSet[];
}

/** Goals with what they imply: a second `vo` needs a first one. */
interface Wants {
  aliases: readonly AliasGoal[];
  covers: readonly TableSet[];
}

/** States that one search may visit; a plan that it has not found by then counts as impossible. */
const SEARCH_LIMIT = 200;
/** The most plans to remember. */
const MEMORY = 1 << 16;

/**
 * Finds tables that satisfy the goals when they are joined one after another. The grammar only enters states with a
 * known plan, and the next table of the plan is always allowed: no state is a dead end, even where the search misses a
 * plan.
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
   * @returns the tables to join next, in order; empty if the goals are met; undefined if no plan was found
   */
  plan(placed: readonly number[], goals: Goals): readonly number[] | undefined {
    let key = `${placed.join(',')}|${goals.covers.map((cover) => `${cover.key};`).join('')}`;
    for (const [alias, { tables }] of goals.aliases) key += `|${alias}:${tables.key}`;
    if (this.#found.has(key)) return this.#found.get(key);
    if (this.#found.size >= MEMORY) this.#found.clear();
    const plan = this.#plan(placed, goals);
    this.#found.set(key, plan);
    return plan;
  }

  /** Whether the tables satisfy the goals already. */
  isMet(placed: readonly number[], goals: Goals): boolean {
    const plan = this.plan(placed, goals);
    return plan !== undefined && plan.length === 0;
  }

  /** Tables that can be joined to a placed one; all tables if none is placed yet. */
  neighbours(placed: readonly number[]): Iterable<number> {
    if (placed.length === 0) return this.catalog.tables.keys();
    return new Set(placed.flatMap((table) => this.catalog.tables[table]!.neighbours));
  }

  #plan(placed: readonly number[], goals: Goals): readonly number[] | undefined {
    const wants: Wants = { aliases: this.#imply(goals.aliases.values()), covers: goals.covers };
    for (let i = 0; i < placed.length; i++) {
      if (!this.#mayBeNext(placed[i]!, placed.slice(0, i), wants)) return undefined;
    }
    this.#looked = 0;
    return this.#search(placed, wants);
  }

  #imply(aliases: Iterable<AliasGoal>): AliasGoal[] {
    const goals = [...aliases];
    for (const { stem, n } of [...goals]) {
      for (let before = 1; before < n; before++) {
        if (goals.some((goal) => goal.stem === stem && goal.n === before)) continue;
        goals.push({ stem, n: before, tables: this.catalog.set(this.catalog.tablesOfStem(stem)) });
      }
    }
    return goals;
  }

  #search(placed: readonly number[], wants: Wants): number[] | undefined {
    const open = this.#open(placed, wants);
    const isMet = open.aliases.length === 0 && open.covers.length === 0;
    if (isMet && placed.length > 0) return [];
    if (this.#atLeast(placed, open) > this.maxTables - placed.length) return undefined;
    if (!this.#inReach(placed, open)) return undefined;
    if (++this.#looked > SEARCH_LIMIT) return undefined;
    for (const table of this.#moves(placed, open, wants)) {
      const rest = this.#search([...placed, table], wants);
      if (rest) return [table, ...rest];
    }
    return undefined;
  }

  #open(placed: readonly number[], { aliases, covers }: Wants): Wants {
    return {
      aliases: aliases.filter(({ stem, n }) => this.#count(placed, stem) < n),
      covers: covers.filter((cover) => !placed.some((table) => cover.has(table))),
    };
  }

  #count(placed: readonly number[], stem: string): number {
    let count = 0;
    for (const table of placed) if (this.catalog.tables[table]!.stem === stem) count++;
    return count;
  }

  /** A lower bound on the tables that the open wants need. */
  #atLeast(placed: readonly number[], open: Wants): number {
    let most = open.aliases.length;
    if (placed.length === 0) return most;
    for (const { tables } of open.aliases) most = Math.max(most, distance(placed, tables));
    for (const cover of open.covers) most = Math.max(most, distance(placed, cover));
    return most;
  }

  /** Whether each named table is near enough: the n-th of a stem can be at most so many joins away as tables may come first. */
  #inReach(placed: readonly number[], open: Wants): boolean {
    if (placed.length === 0 || !this.catalog.isNumbered) return true;
    return open.aliases.every(({ n, tables }) => distance(placed, tables) <= n - placed.length);
  }

  /** Tables that may come next and bring the search closer to an open want, the most promising first. */
  #moves(placed: readonly number[], open: Wants, wants: Wants): number[] {
    const sets = [...open.aliases.map(({ tables }) => tables), ...open.covers];
    if (placed.length === 0) return this.#roots(open, wants);
    const before = sets.map((set) => distance(placed, set));
    const scored: { table: number; cost: number }[] = [];
    for (const table of this.neighbours(placed)) {
      if (!this.#mayBeNext(table, placed, wants)) continue;
      let cost = 0;
      let isProgress = false;
      sets.forEach((set, i) => {
        const after = set.has(table) ? 0 : set.distanceFrom(table);
        isProgress ||= after < before[i]!;
        cost += Math.min(after, before[i]!);
      });
      if (isProgress) scored.push({ table, cost });
    }
    return scored.sort((a, b) => a.cost - b.cost || a.table - b.table).map(({ table }) => table);
  }

  /** Where to start: at a table of some want, since the statement ends up with one anyway. */
  #roots(open: Wants, wants: Wants): number[] {
    const first = open.aliases.filter(({ n }) => n === 1).map(({ tables }) => tables);
    const sets = first.length > 0 ? first : open.covers.slice(0, 1);
    const tables = sets.length > 0 ? sets.flatMap(({ list }) => list) : [...this.catalog.tables.keys()];
    return [...new Set(tables)].filter((table) => this.#mayBeNext(table, [], wants));
  }

  /** Whether the alias that the table would get may mean this table. */
  #mayBeNext(table: number, placed: readonly number[], { aliases }: Wants): boolean {
    const { stem } = this.catalog.tables[table]!;
    const n = this.#count(placed, stem) + 1;
    return aliases.every((goal) => goal.stem !== stem || goal.n !== n || goal.tables.has(table));
  }
}

function distance(placed: readonly number[], tables: TableSet): number {
  let nearest = Infinity;
  for (const table of placed) nearest = Math.min(nearest, tables.distanceFrom(table));
  return nearest;
}
