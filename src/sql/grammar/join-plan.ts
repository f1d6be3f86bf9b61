import type { Catalog } from './catalog.js';
import { JoinSearch, type AliasGoal } from './join-search.js';
import type { TableSet } from './table-set.js';

/** What the tables of a statement have to satisfy. */
export interface Goals {
  /** By alias. */
  aliases: ReadonlyMap<string, AliasGoal>;
  /** Each of these sets needs one of its tables: one that can hold a placeholder. */
  covers: readonly TableSet[];
}

/** The most plans to remember. */
const MEMORY = 1 << 16;

/**
 * Finds tables that satisfy the goals when they are joined one after another. The grammar only enters states with a
 * known plan, and the next table of the plan is always allowed: no state is a dead end, even where the search misses a
 * plan.
 */
export class JoinPlanner {
  readonly #found = new Map<string, readonly number[] | undefined>();

  constructor(
    readonly catalog: Catalog,
    /** The most tables of a statement. */
    readonly maxTables: number,
  ) {}

  /**
   * @param placed tables of FROM and JOIN so far
   * @param change an alias, and what it may mean instead of what `goals` says
   * @returns the tables to join next, in order; empty if the goals are met; undefined if no plan was found
   */
  plan(
    placed: readonly number[],
    { aliases, covers }: Goals,
    change?: readonly [alias: string, goal: AliasGoal],
  ): readonly number[] | undefined {
    const goals = [...aliases.values()];
    if (change) {
      const at = [...aliases.keys()].indexOf(change[0]);
      if (at < 0) goals.push(change[1]);
      else goals[at] = change[1];
    }
    let key = `${placed.join(',')}|`;
    for (const { id } of covers) key += `${id};`;
    for (const { stem, n, tables } of goals) key += `|${this.catalog.stemNumber(stem)}.${n}:${tables.id}`;
    let plan = this.#found.get(key);
    if (plan !== undefined || this.#found.has(key)) return plan;
    if (this.#found.size >= MEMORY) this.#found.clear();
    plan = new JoinSearch(this.catalog, this.maxTables, this.#imply(goals), covers).after(placed);
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

  #imply(named: readonly AliasGoal[]): AliasGoal[] {
    const goals = [...named];
    for (const { stem, n } of named) {
      for (let before = 1; before < n; before++) {
        if (goals.some((goal) => goal.n === before && goal.stem === stem)) continue;
        goals.push({ stem, n: before, tables: this.catalog.set(this.catalog.tablesOfStem(stem)) });
      }
    }
    return goals;
  }
}
