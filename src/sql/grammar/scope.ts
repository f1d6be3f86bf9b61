import type { Catalog, CatalogColumn } from './catalog.js';
import { choice, Step, text, type Choice } from './choice.js';
import type { ColumnKind } from './column-kind.js';
import { GrammarError } from './errors.js';
import type { Goals, JoinPlanner } from './join-plan.js';
import type { Slot } from './placeholders.js';

/** What stays the same for a whole statement. */
export interface Session {
  readonly catalog: Catalog;
  readonly planner: JoinPlanner;
  readonly slots: readonly Slot[];
  /** For each slot, the tables with a column that can hold it. */
  readonly covers: readonly (readonly number[])[];
  readonly endSymbol: number;
}

/** A column as the statement names it: one catalog column for each table that its alias may still turn out to be. */
export interface ColumnUse {
  alias: string;
  /** `p.year_of_birth`, or the bare name where the one table has no alias. */
  text: string;
  columns: readonly CatalogColumn[];
}

export type Accepts = (kind: ColumnKind) => boolean;

/** `bare`: one table without alias; `open`: not decided yet. */
type Mode = 'open' | 'bare' | 'alias';

interface Facts {
  mode: Mode;
  /** Alias ('' for the bare table) → tables that it may be. One each once FROM is closed. */
  aliases: ReadonlyMap<string, readonly number[]>;
  /** Numbers of the slots that no text has used yet, in order. */
  unused: readonly number[];
  /** Tables of FROM and JOIN, in order. */
  placed: readonly number[];
  /** Tables that would complete FROM; see JoinPlanner. */
  plan: readonly number[];
  /** True behind FROM and its joins. */
  closed: boolean;
}

/**
 * What a statement has said so far about names, immutable. Before FROM the tables are not known: the scope keeps, for
 * each alias, the tables that have all columns asked of it, and a plan of joins that would satisfy everything.
 */
export class Scope {
  #goals: { goals: Goals; key: string } | undefined;

  private constructor(
    readonly session: Session,
    private readonly facts: Facts,
  ) {}

  /** @throws GrammarError `unplaceable` when no tables that can be joined hold all placeholders */
  static open(session: Session): Scope {
    const unused = session.slots.map((_, i) => i);
    const start = { mode: 'open', aliases: new Map(), unused, placed: [], plan: [], closed: false } as const;
    const scope = new Scope(session, start);
    const plan = scope.#planFor(start.aliases, []);
    if (plan === undefined) throw scope.#unplaceable();
    return new Scope(session, { ...start, plan });
  }

  #unplaceable(): GrammarError {
    const { slots, covers } = this.session;
    const homeless = slots.find((_, i) => covers[i]!.length === 0);
    const message =
      homeless === undefined
        ? `no ${this.session.planner.maxTables} tables that can be joined hold ${slots.map((s) => s.name).join(', ')}`
        : `no column can be compared with ${homeless.name} (${homeless.shape})`;
    return new GrammarError('unplaceable', message);
  }

  get isClosed(): boolean {
    return this.facts.closed;
  }

  get placed(): readonly number[] {
    return this.facts.placed;
  }

  get plan(): readonly number[] {
    return this.facts.plan;
  }

  get mayBeBare(): boolean {
    return this.facts.mode !== 'alias';
  }

  get mayHaveAliases(): boolean {
    return this.facts.mode !== 'bare';
  }

  get allUsed(): boolean {
    return this.facts.unused.length === 0;
  }

  isUnused(slot: Slot): boolean {
    return this.facts.unused.some((i) => this.session.slots[i] === slot);
  }

  /** Unused placeholders first. */
  get slots(): readonly Slot[] {
    const { slots } = this.session;
    return [...this.unusedSlots, ...slots.filter((slot) => !this.isUnused(slot))];
  }

  get unusedSlots(): readonly Slot[] {
    return this.facts.unused.map((i) => this.session.slots[i]!);
  }

  use(slot: Slot): Scope {
    const unused = this.facts.unused.filter((i) => this.session.slots[i] !== slot);
    return unused.length === this.facts.unused.length ? this : this.#with({ unused });
  }

  /** Steps that name a column of an accepted kind; `wanted` may refuse single ones. */
  columnSteps(
    accepts: Accepts,
    then: (scope: Scope, use: ColumnUse) => Choice,
    wanted: (use: ColumnUse) => boolean = () => true,
  ): Step[] {
    const steps: Step[] = [];
    if (this.mayBeBare) {
      for (const [name, columns] of this.#columnsByName(this.#bareTables(), accepts)) {
        const use = { alias: '', text: name, columns };
        if (wanted(use)) steps.push(text(name, () => then(this.#naming(use.alias, tablesOf(columns)), use)));
      }
    }
    for (const [alias, tables] of this.#aliasCandidates(accepts)) {
      const uses = [...this.#columnsByName(tables, accepts)]
        .map(([name, columns]) => ({ alias, name, text: `${alias}.${name}`, columns }))
        .filter(wanted);
      const named = (): Choice =>
        choice(
          uses.map((use) => text(use.name, () => then(this.#naming(alias, tablesOf(use.columns)), use))),
        );
      if (uses.length > 0) steps.push(text(`${alias}.`, named));
    }
    return steps;
  }

  /** Steps that name all columns of a table: `*`, `p.*`. */
  starSteps(then: (scope: Scope) => Choice): Step[] {
    const steps: Step[] = [];
    if (this.mayBeBare && this.#bareTables().length > 0) {
      steps.push(text('*', () => then(this.#naming('', this.#bareTables()))));
    }
    for (const [alias, tables] of this.#aliasCandidates(() => true)) {
      steps.push(text(`${alias}.*`, () => then(this.#naming(alias, tables))));
    }
    return steps;
  }

  /** Keeps to the tables in which the column is of an accepted kind; undefined when that leaves no way to a FROM. */
  narrow(use: ColumnUse, accepts: Accepts): Scope | undefined {
    const kept = use.columns.filter((column) => accepts(column.kind));
    if (kept.length === use.columns.length) return this;
    const named = this.facts.aliases.get(use.alias);
    const tables = tablesOf(kept).filter((table) => named === undefined || named.includes(table));
    const possible = use.alias === '' ? tables : this.#possible(use.alias, tables);
    return possible.length === 0 ? undefined : this.#naming(use.alias, possible);
  }

  /** Tables that may stand in FROM or in the next JOIN, that of the plan first. */
  nextTables(): number[] {
    const { plan, placed } = this.facts;
    const { planner } = this.session;
    if (placed.length >= planner.maxTables) return [];
    const others = planner.neighbours(placed).filter((table) => table !== plan[0] && this.#planAfter(table));
    return plan.length === 0 ? others : [plan[0]!, ...others];
  }

  /** Tables that may stand in FROM alone and without alias. */
  bareTables(): readonly number[] {
    return this.mayBeBare ? this.#bareTables() : [];
  }

  /** The scope with a further table in FROM. */
  place(table: number): Scope {
    const plan = this.#planAfter(table) ?? [];
    return this.#with({ mode: 'alias', placed: [...this.facts.placed, table], plan });
  }

  /** Alias of the table that was placed last. */
  get lastAlias(): string {
    return this.aliasOf(this.facts.placed.length - 1);
  }

  /** Alias of the n-th placed table, counted from 0. */
  aliasOf(position: number): string {
    const { catalog } = this.session;
    const { stem } = catalog.tables[this.facts.placed[position]!]!;
    const before = this.facts.placed.slice(0, position);
    return catalog.alias(stem, before.filter((table) => catalog.tables[table]!.stem === stem).length + 1);
  }

  /** Whether FROM may end here: every alias of the SELECT list is bound, every placeholder has a column. */
  get isComplete(): boolean {
    const { goals } = this.#goalsOf(this.facts.aliases);
    return this.session.planner.isMet(this.facts.placed, goals);
  }

  /** FROM is complete: from here on the aliases are those of its tables. */
  close(): Scope {
    const aliases = new Map(this.facts.placed.map((table, i) => [this.aliasOf(i), [table]]));
    return this.#with({ aliases, closed: true });
  }

  /** FROM is this one table, without alias. */
  closeBare(table: number): Scope {
    return this.#with({ mode: 'bare', aliases: new Map([['', [table]]]), placed: [table], closed: true });
  }

  #with(change: Partial<Facts>): Scope {
    return new Scope(this.session, { ...this.facts, ...change });
  }

  /** The scope in which the alias is one of these tables, each of which is possible. */
  #naming(alias: string, tables: readonly number[]): Scope {
    if (this.facts.closed) return this;
    const aliases = new Map(this.facts.aliases).set(alias, tables);
    if (alias === '') return this.#with({ mode: 'bare', aliases, plan: [tables[0]!] });
    // A plan for one of the tables is a plan for all of them; that it exists was seen when the step was offered.
    const plan = this.#planFor(new Map(aliases).set(alias, [tables[0]!]), []) ?? this.facts.plan;
    return this.#with({ mode: 'alias', aliases, plan });
  }

  #columnsByName(tables: readonly number[], accepts: Accepts): Map<string, CatalogColumn[]> {
    const found = new Map<string, CatalogColumn[]>();
    for (const table of tables) {
      for (const column of this.session.catalog.tables[table]!.columns) {
        if (!accepts(column.kind)) continue;
        const same = found.get(column.text);
        if (same === undefined) found.set(column.text, [column]);
        else same.push(column);
      }
    }
    return found;
  }

  /** Aliases with an accepted column, with the tables that they may be. */
  #aliasCandidates(accepts: Accepts): [alias: string, tables: readonly number[]][] {
    const { catalog, planner } = this.session;
    const { aliases, closed, mode } = this.facts;
    if (mode === 'bare') return [];
    const has = (table: number): boolean => catalog.tables[table]!.columns.some((c) => accepts(c.kind));
    const found: [string, readonly number[]][] = [];
    const add = (alias: string, tables: readonly number[]): void => {
      const possible = this.#possible(alias, tables.filter(has));
      if (possible.length > 0) found.push([alias, possible]);
    };
    if (closed) {
      for (const [alias, tables] of aliases) add(alias, tables);
      return found;
    }
    for (const stem of catalog.stems) {
      for (let n = 1; n <= planner.maxTables; n++) {
        const alias = catalog.alias(stem, n);
        const before = found.length;
        add(alias, aliases.get(alias) ?? catalog.tablesOfStem(stem));
        // A third table of a stem is no easier to reach than a second.
        if (n > 1 && found.length === before) break;
      }
    }
    return found;
  }

  /** Those of the tables that the alias can be, each by itself. */
  #possible(alias: string, tables: readonly number[]): readonly number[] {
    if (this.facts.closed) return tables;
    return tables.filter(
      (table) => this.#planFor(new Map(this.facts.aliases).set(alias, [table]), []) !== undefined,
    );
  }

  /** Tables that alone have all columns and hold all placeholders. */
  #bareTables(): readonly number[] {
    const { aliases, unused, closed } = this.facts;
    const named = aliases.get('') ?? this.session.catalog.tables.map((_, i) => i);
    if (closed) return named;
    return named.filter((table) => unused.every((slot) => this.session.covers[slot]!.includes(table)));
  }

  #planAfter(table: number): readonly number[] | undefined {
    const { plan, placed, aliases } = this.facts;
    return table === plan[0] && this.mayHaveAliases
      ? plan.slice(1)
      : this.#planFor(aliases, [...placed, table]);
  }

  #planFor(
    aliases: ReadonlyMap<string, readonly number[]>,
    placed: readonly number[],
  ): readonly number[] | undefined {
    const { goals, key } = this.#goalsOf(aliases);
    return this.session.planner.plan(placed, goals, key);
  }

  #goalsOf(aliases: ReadonlyMap<string, readonly number[]>): { goals: Goals; key: string } {
    if (aliases === this.facts.aliases && this.#goals !== undefined) return this.#goals;
    const named = [...aliases].filter(([alias]) => alias !== '').sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${named.map(([alias, tables]) => `${alias}:${tables.join(',')}`).join(';')}|${this.facts.unused.join(',')}`;
    const covers = this.facts.unused.map((slot) => this.session.covers[slot]!);
    const made = { goals: { aliases: new Map(named), covers }, key };
    if (aliases === this.facts.aliases) this.#goals = made;
    return made;
  }
}

function tablesOf(columns: readonly CatalogColumn[]): number[] {
  return columns.map((column) => column.table);
}
