import type { SchemaBundle, Table } from './bundle.js';
import { foldName, foldTableName, splitColumnPath } from '../../tsql/identifier.js';

/** A join from one table to another: column i of one side equals column i of the other. */
export interface SchemaJoin {
  from: JoinSide;
  to: JoinSide;
  /** True for a declared foreign key (in either direction), false for an entry of the bundle's `joins`. */
  declared: boolean;
}

export interface JoinSide {
  /** Table name as the bundle spells it. */
  table: string;
  columns: string[];
  /** True if the columns include a whole primary key: at most one row of this side matches. */
  unique: boolean;
  /** True if one of the columns may be NULL: a row of this side may have no match. */
  nullable: boolean;
}

/** The costs of a step. They make the cheapest path the one that a person would write. */
const STEP = 4;
const UNDECLARED = 1;
const NULLABLE = 1;
/** Sharing a lookup row (the same gender code, the same creator) does not relate two rows. */
const THROUGH_LOOKUP = 16;

/** The tables of a bundle as nodes, with its foreign keys and `joins` as edges in both directions. */
export class JoinGraph {
  readonly #from = new Map<string, SchemaJoin[]>();
  readonly #order = new Map<string, number>();
  readonly #lookups: ReadonlySet<string>;
  readonly #ways = new Map<string, Ways>();

  constructor(bundle: SchemaBundle) {
    bundle.tables.forEach((table, i) => {
      this.#order.set(foldTableName(table.name), i);
      this.#from.set(foldTableName(table.name), []);
    });
    this.#lookups = findLookups(bundle);
    const joins = readJoins(bundle);
    // All forward joins come first, so a table lists its own keys before the keys that point to it.
    for (const join of joins) this.#from.get(foldTableName(join.from.table))!.push(join);
    for (const join of joins) {
      const back = { from: join.to, to: join.from, declared: join.declared };
      if (!sameJoin(join, back)) this.#from.get(foldTableName(join.to.table))!.push(back);
    }
  }

  /** Every join that leaves the table, its own foreign keys first. */
  from(table: string): readonly SchemaJoin[] {
    return this.#from.get(foldTableName(table)) ?? [];
  }

  /** Every join from `a` to `b`: several if several keys point to `b`, both directions for a self join. */
  between(a: string, b: string): SchemaJoin[] {
    return this.from(a).filter((join) => foldTableName(join.to.table) === foldTableName(b));
  }

  /** True if some table points here with two or more keys: a code list, a user list, a concept table. */
  isLookup(table: string): boolean {
    return this.#lookups.has(foldTableName(table));
  }

  /**
   * The cheapest chain of joins from one of `sources` to `target`. It prefers few joins, declared keys and mandatory
   * keys, and avoids passing through lookup tables. Empty if `target` is one of the sources, undefined if there is no
   * chain. Deterministic: ties go to the table that comes first in the bundle.
   */
  path(sources: readonly string[], target: string): SchemaJoin[] | undefined {
    const [source, ...more] = sources;
    // The ways from a single table are needed often, so they are cached.
    const isAlone = source !== undefined && more.length === 0;
    const known = isAlone ? this.#ways.get(foldTableName(source)) : undefined;
    const ways = known ?? this.#waysFrom(sources);
    if (isAlone && known === undefined) this.#ways.set(foldTableName(source), ways);
    return ways.has(foldTableName(target)) ? this.#walkBack(ways, foldTableName(target)) : undefined;
  }

  /** The cost of the cheapest chain of joins between two tables; infinite if there is none. */
  distance(source: string, target: string): number {
    this.path([source], target);
    return this.#ways.get(foldTableName(source))?.get(foldTableName(target))?.cost ?? Infinity;
  }

  /** The cheapest way to every reachable table (Dijkstra), stored as its last join. */
  #waysFrom(sources: readonly string[]): Ways {
    const best: Ways = new Map();
    const done = new Set<string>();
    for (const source of sources)
      if (this.#from.has(foldTableName(source))) best.set(foldTableName(source), { cost: 0 });
    for (;;) {
      const here = this.#cheapest(best, done);
      if (here === undefined) return best;
      done.add(here);
      const { cost, via } = best.get(here)!;
      const leaving = via && this.#lookups.has(here) ? THROUGH_LOOKUP : 0;
      for (const join of this.from(here)) {
        const there = foldTableName(join.to.table);
        const total = cost + leaving + stepCost(join);
        if (total < (best.get(there)?.cost ?? Infinity)) best.set(there, { cost: total, via: join });
      }
    }
  }

  /**
   * Connects the tables: returns the given tables, those on the paths between them, and the joins. Tables that cannot
   * be reached from the first are listed in `apart`.
   */
  connect(tables: readonly string[]): { tables: string[]; joins: SchemaJoin[]; apart: string[] } {
    const [first, ...rest] = tables;
    const reached = first === undefined ? [] : [first];
    const joins: SchemaJoin[] = [];
    const apart: string[] = [];
    for (const table of rest) {
      const path = this.path(reached, table);
      if (!path) apart.push(table);
      for (const join of path ?? []) {
        joins.push(join);
        reached.push(join.to.table);
      }
    }
    return { tables: reached, joins, apart };
  }

  #cheapest(best: ReadonlyMap<string, { cost: number }>, done: ReadonlySet<string>): string | undefined {
    let found: string | undefined;
    for (const [key, { cost }] of best) {
      if (done.has(key)) continue;
      const gap = found === undefined ? -1 : cost - best.get(found)!.cost;
      if (gap < 0 || (gap === 0 && this.#order.get(key)! < this.#order.get(found!)!)) found = key;
    }
    return found;
  }

  #walkBack(best: Ways, end: string): SchemaJoin[] {
    const path: SchemaJoin[] = [];
    for (let via = best.get(end)?.via; via; via = best.get(foldTableName(via.from.table))?.via)
      path.unshift(via);
    return path;
  }
}

/** Reached tables by folded name, with the cost of getting there and the last join on the way. */
type Ways = Map<string, { cost: number; via?: SchemaJoin }>;

function stepCost(join: SchemaJoin): number {
  const foreignKeySide = join.to.unique ? join.from : join.to;
  return STEP + (join.declared ? 0 : UNDECLARED) + (foreignKeySide.nullable ? NULLABLE : 0);
}

function sameJoin(a: SchemaJoin, b: SchemaJoin): boolean {
  const spell = (join: SchemaJoin): string => foldName(JSON.stringify([join.from.columns, join.to.columns]));
  return a.from.table === b.from.table && a.to.table === b.to.table && spell(a) === spell(b);
}

function readJoins(bundle: SchemaBundle): SchemaJoin[] {
  const tables = new Map(bundle.tables.map((table) => [foldTableName(table.name), table]));
  const side = (tableName: string, columns: readonly string[]): JoinSide | undefined => {
    const table = tables.get(foldTableName(tableName));
    return table && describeSide(table, columns);
  };
  const joins: SchemaJoin[] = [];
  const add = (from: JoinSide | undefined, to: JoinSide | undefined, declared: boolean): void => {
    if (from && to) joins.push({ from, to, declared });
  };
  for (const table of bundle.tables) {
    for (const key of table.foreignKeys) {
      add(side(table.name, key.columns), side(key.references.table, key.references.columns), true);
    }
  }
  for (const join of bundle.joins ?? []) {
    const [fromTable, fromColumn] = splitColumnPath(join.from);
    const [toTable, toColumn] = splitColumnPath(join.to);
    add(side(fromTable, [fromColumn]), side(toTable, [toColumn]), false);
  }
  return joins;
}

function describeSide(table: Table, names: readonly string[]): JoinSide {
  const folded = new Set(names.map(foldName));
  const columns = names.map((name) => table.columns.find((c) => foldName(c.name) === foldName(name)));
  return {
    table: table.name,
    columns: columns.map((column, i) => column?.name ?? names[i]!),
    unique: table.primaryKey.length > 0 && table.primaryKey.every((name) => folded.has(foldName(name))),
    nullable: columns.some((column) => column?.nullable ?? true),
  };
}

function findLookups(bundle: SchemaBundle): Set<string> {
  const lookups = new Set<string>();
  for (const table of bundle.tables) {
    const seen = new Set<string>();
    for (const key of table.foreignKeys) {
      const target = foldTableName(key.references.table);
      if (seen.has(target) && target !== foldTableName(table.name)) lookups.add(target);
      seen.add(target);
    }
  }
  return lookups;
}
