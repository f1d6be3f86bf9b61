import type { SchemaBundle, Table } from './bundle.js';
import { foldName } from '../../tsql/identifier.js';

/** One way to join two tables, read from `from` to `to`; column i of one side equals column i of the other. */
export interface Join {
  from: JoinSide;
  to: JoinSide;
  /** True for a declared foreign key (in either direction), false for an entry of the bundle's `joins`. */
  declared: boolean;
}

export interface JoinSide {
  /** Table name as the bundle spells it. */
  table: string;
  columns: string[];
  /** True when the columns hold a whole primary key: at most one row of this side matches. */
  unique: boolean;
  /** True when a row of this side may have no partner, because one of its columns may be NULL. */
  nullable: boolean;
}

/** The cost of one step, so that the cheapest path is the one a person would write. */
const STEP = 4;
const UNDECLARED = 1;
const NULLABLE = 1;
/** Two facts that share a lookup row (the same gender code, the same creator) are not related by it. */
const THROUGH_LOOKUP = 16;

/** The tables of a bundle as nodes, its foreign keys and `joins` as edges that can be walked both ways. */
export class JoinGraph {
  readonly #from = new Map<string, Join[]>();
  readonly #order = new Map<string, number>();
  readonly #lookups: ReadonlySet<string>;
  readonly #ways = new Map<string, Ways>();

  constructor(bundle: SchemaBundle) {
    bundle.tables.forEach((table, i) => {
      this.#order.set(foldName(table.name), i);
      this.#from.set(foldName(table.name), []);
    });
    this.#lookups = findLookups(bundle);
    const joins = readJoins(bundle);
    // Foreign keys leave their own table first: a table lists its own keys before the keys that point to it.
    for (const join of joins) this.#from.get(foldName(join.from.table))!.push(join);
    for (const join of joins) {
      const back = { from: join.to, to: join.from, declared: join.declared };
      if (!sameJoin(join, back)) this.#from.get(foldName(join.to.table))!.push(back);
    }
  }

  /** Every join that leaves the table, its own foreign keys first. */
  from(table: string): readonly Join[] {
    return this.#from.get(foldName(table)) ?? [];
  }

  /** Every join from `a` to `b`; several when two keys point to one table, both directions for a self join. */
  between(a: string, b: string): Join[] {
    return this.from(a).filter((join) => foldName(join.to.table) === foldName(b));
  }

  /** True when some table points here by two keys or more: a code list, a user list, a concept table. */
  isLookup(table: string): boolean {
    return this.#lookups.has(foldName(table));
  }

  /**
   * The cheapest chain of joins from one of `sources` to `target`: short, along declared and mandatory keys, and
   * through no lookup table where that can be avoided. Empty when `target` is among the sources, undefined when no
   * chain exists. Deterministic: ties go to the table that stands first in the bundle.
   */
  path(sources: readonly string[], target: string): Join[] | undefined {
    const [source, ...more] = sources;
    // One table's ways to all others are asked for again and again: they are found once.
    const isAlone = source !== undefined && more.length === 0;
    const known = isAlone ? this.#ways.get(foldName(source)) : undefined;
    const ways = known ?? this.#waysFrom(sources);
    if (isAlone && known === undefined) this.#ways.set(foldName(source), ways);
    return ways.has(foldName(target)) ? this.#walkBack(ways, foldName(target)) : undefined;
  }

  /** The cheapest way to every table that can be reached (Dijkstra), each by its last join. */
  #waysFrom(sources: readonly string[]): Ways {
    const best: Ways = new Map();
    const done = new Set<string>();
    for (const source of sources)
      if (this.#from.has(foldName(source))) best.set(foldName(source), { cost: 0 });
    for (;;) {
      const here = this.#cheapest(best, done);
      if (here === undefined) return best;
      done.add(here);
      const { cost, via } = best.get(here)!;
      const leaving = via && this.#lookups.has(here) ? THROUGH_LOOKUP : 0;
      for (const join of this.from(here)) {
        const there = foldName(join.to.table);
        const total = cost + leaving + stepCost(join);
        if (total < (best.get(there)?.cost ?? Infinity)) best.set(there, { cost: total, via: join });
      }
    }
  }

  /**
   * The tables joined into one connected whole: the given ones, those on the paths between them, and the joins.
   * Tables that cannot be reached from the first are left unconnected and listed in `apart`.
   */
  connect(tables: readonly string[]): { tables: string[]; joins: Join[]; apart: string[] } {
    const [first, ...rest] = tables;
    const reached = first === undefined ? [] : [first];
    const joins: Join[] = [];
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

  #walkBack(best: Ways, end: string): Join[] {
    const path: Join[] = [];
    for (let via = best.get(end)?.via; via; via = best.get(foldName(via.from.table))?.via) path.unshift(via);
    return path;
  }
}

/** Reached tables by folded name: what it costs to get there, and the join that leads there. */
type Ways = Map<string, { cost: number; via?: Join }>;

function stepCost(join: Join): number {
  const foreignKeySide = join.to.unique ? join.from : join.to;
  return STEP + (join.declared ? 0 : UNDECLARED) + (foreignKeySide.nullable ? NULLABLE : 0);
}

function sameJoin(a: Join, b: Join): boolean {
  const spell = (join: Join): string => foldName(JSON.stringify([join.from.columns, join.to.columns]));
  return a.from.table === b.from.table && a.to.table === b.to.table && spell(a) === spell(b);
}

function readJoins(bundle: SchemaBundle): Join[] {
  const tables = new Map(bundle.tables.map((table) => [foldName(table.name), table]));
  const side = (tableName: string, columns: readonly string[]): JoinSide | undefined => {
    const table = tables.get(foldName(tableName));
    return table && describeSide(table, columns);
  };
  const joins: Join[] = [];
  const add = (from: JoinSide | undefined, to: JoinSide | undefined, declared: boolean): void => {
    if (from && to) joins.push({ from, to, declared });
  };
  for (const table of bundle.tables) {
    for (const key of table.foreignKeys) {
      add(side(table.name, key.columns), side(key.references.table, key.references.columns), true);
    }
  }
  for (const join of bundle.joins ?? []) {
    const [fromTable = '', fromColumn = ''] = join.from.split('.');
    const [toTable = '', toColumn = ''] = join.to.split('.');
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
      const target = foldName(key.references.table);
      if (seen.has(target) && target !== foldName(table.name)) lookups.add(target);
      seen.add(target);
    }
  }
  return lookups;
}
