import { choice, nested, Step, text, type Choice } from './choice.js';
import type { SaidCondition } from './said-condition.js';
import type { AliasGoal } from './join-search.js';
import { describeFacts, type Facts } from './facts.js';
import { emptyColumns, NO_MATCHES, withJoin, type EmptyColumns, type Joined } from './matches.js';
import type { Slot } from './placeholders.js';
import {
  SKIPPED_TABLES,
  columnUses,
  firstThose,
  hasKind,
  tablesOf,
  unplaceable,
  type Accepts,
  type ColumnOptions,
  type ColumnUse,
  type Session,
} from './session.js';
import type { TableSet } from './table-set.js';

export type { Accepts, ColumnUse, Session } from './session.js';

/**
 * What a statement has said about names so far; immutable. Before FROM the tables are unknown: for each alias, the scope
 * keeps the tables that have all columns named so far, and a plan of joins that would satisfy everything.
 */
export class GrammarScope {
  #candidates: readonly AliasGoal[] | undefined;
  #bare: readonly number[] | undefined;
  #unused: readonly Slot[] | undefined;
  #slots: readonly Slot[] | undefined;
  #key: string | undefined;
  readonly #named = new Map<string, GrammarScope>();

  private constructor(
    readonly session: Session,
    private readonly facts: Facts,
  ) {}

  /** @throws GrammarError `unplaceable` if no tables that can be joined hold all placeholders */
  static open(session: Session): GrammarScope {
    const facts: Facts = {
      mode: 'open',
      aliases: new Map(),
      bare: [...session.catalog.tables.keys()],
      unused: [...session.slots.keys()],
      placed: [],
      plan: [],
      closed: false,
      needsTop: false,
      matches: NO_MATCHES,
      hidden: [],
    };
    const scope = new GrammarScope(session, facts);
    const plan = scope.#planFor(facts.aliases, []);
    if (plan !== undefined) return scope.#with({ plan });
    if (scope.topSlots.length === 0) throw unplaceable(session);
    return scope.#with({ needsTop: true });
  }

  /** Whether the statement has to begin with TOP: only there can one of the placeholders stand. */
  get needsTop(): boolean {
    return this.facts.needsTop;
  }

  /** The placeholders that may stand in TOP, before anything else is written. */
  get topSlots(): readonly Slot[] {
    return this.session.slots.filter((slot) => slot.isWhole && this.#inTop(slot) !== undefined);
  }

  /** The scope after TOP with one of `topSlots`. */
  useInTop(slot: Slot): GrammarScope {
    return this.#inTop(slot)!;
  }

  #inTop(slot: Slot): GrammarScope | undefined {
    const used = this.use(slot);
    const plan = used.#planFor(used.facts.aliases, []);
    return plan === undefined ? undefined : used.#with({ plan, needsTop: false });
  }

  /** Two scopes of one statement with the same key offer the same choices. */
  get key(): string {
    return (this.#key ??= describeFacts(this.facts));
  }

  get isClosed(): boolean {
    return this.facts.closed;
  }

  get placed(): readonly number[] {
    return this.facts.placed;
  }

  get allUsed(): boolean {
    return this.facts.unused.length === 0;
  }

  get unusedSlots(): readonly Slot[] {
    return (this.#unused ??= this.facts.unused.map((i) => this.session.slots[i]!));
  }

  /** All placeholders, the unused ones first. */
  get slots(): readonly Slot[] {
    return (this.#slots ??= [...new Set([...this.unusedSlots, ...this.session.slots])]);
  }

  use(slot: Slot): GrammarScope {
    const unused = this.facts.unused.filter((i) => this.session.slots[i] !== slot);
    return unused.length === this.facts.unused.length ? this : this.#with({ unused });
  }

  /** Whether a column of an accepted kind can be named now, other than those of `except`. */
  hasColumn(accepts: Accepts, except: readonly string[] = []): boolean {
    if (except.length > 0 || this.facts.hidden.length > 0)
      return this.columnSteps(accepts, () => choice([]), { except }).length > 0;
    if (hasKind(this.session.catalog, this.bareTables, accepts)) return true;
    return this.#aliasCandidates.some(({ tables }) => hasKind(this.session.catalog, tables.list, accepts));
  }

  /** Whether more than so many columns can be named now. */
  hasMoreColumns(count: number): boolean {
    const { tables } = this.session.catalog;
    const most = (list: readonly number[]): number =>
      list.reduce((most, table) => Math.max(most, tables[table]!.columns.length), 0);
    let found = most(this.bareTables);
    if (found > count) return true;
    return this.#aliasCandidates.some(({ tables }) => (found += most(tables.list)) > count);
  }

  /** Steps that name a column of an accepted kind. */
  columnSteps(
    accepts: Accepts,
    then: (scope: GrammarScope, use: ColumnUse) => Choice,
    { except: others = [], first = () => false }: ColumnOptions = {},
  ): Step[] {
    const { catalog } = this.session;
    const { hidden } = this.facts;
    const except = hidden.length === 0 ? others : [...others, ...hidden];
    const steps: Step[] = [];
    const bare = { alias: undefined, tables: this.bareTables };
    for (const use of columnUses(catalog, bare, accepts, except, first)) {
      steps.push(text(use.text, () => then(this.#naming(undefined, tablesOf(use)), use)));
    }
    const goals = firstThose(this.#aliasCandidates, ({ tables }) => hasKind(catalog, tables.list, first));
    for (const goal of goals) {
      const alias = catalog.alias(goal.stem, goal.n);
      const uses = (): ColumnUse[] =>
        columnUses(catalog, { alias, tables: goal.tables.list }, accepts, except, first);
      const isOffered = except.length === 0 ? hasKind(catalog, goal.tables.list, accepts) : uses().length > 0;
      if (!isOffered) continue;
      const prefix = catalog.qualified(alias, '');
      const column = (use: ColumnUse): Step =>
        text(use.text.slice(prefix.length), () => then(this.#naming(goal, tablesOf(use)), use));
      const columns = (): Step[] => (catalog.inWords ? nested(uses().map(column)) : uses().map(column));
      steps.push(text(prefix, () => choice(columns())));
    }
    return steps;
  }

  /** Steps that name all columns of a table: `*`, `p.*`. */
  starSteps(then: (scope: GrammarScope, written: string) => Choice): Step[] {
    const [steps, bareTables]: [Step[], readonly number[]] = [[], this.bareTables];
    if (bareTables.length > 0) steps.push(text('*', () => then(this.#naming(undefined, bareTables), '*')));
    const { catalog } = this.session;
    for (const goal of this.#aliasCandidates) {
      const alias = catalog.alias(goal.stem, goal.n);
      const all = catalog.qualified(alias, '*');
      steps.push(text(`${alias}.*`, () => then(this.#naming(goal, goal.tables.list), all)));
    }
    return steps;
  }

  /** Keeps the tables in which the column has an accepted kind; undefined if that leaves no possible FROM. */
  narrow(use: ColumnUse, accepts: Accepts): GrammarScope | undefined {
    const kept = use.columns.filter((column) => accepts(column.kind));
    if (kept.length === use.columns.length) return this;
    const tables = kept.map((column) => column.table);
    if (use.alias === undefined) {
      const bare = tables.filter((table) => this.facts.bare.includes(table));
      return bare.length === 0 ? undefined : this.#naming(undefined, bare);
    }
    const goal = this.facts.aliases.get(use.alias)!;
    const possible = this.#possible(
      goal,
      tables.filter((table) => goal.tables.has(table)),
    );
    return possible.length === 0 ? undefined : this.#naming(goal, possible);
  }

  /** Tables that the statement may use without an alias. */
  get bareTables(): readonly number[] {
    return (this.#bare ??= this.#findBareTables());
  }

  /** Tables that FROM or the next JOIN may name with an alias; that of the plan comes first. */
  nextTables(): number[] {
    const { mode, plan, placed } = this.facts;
    const { planner } = this.session;
    if (mode === 'bare' || placed.length >= this.session.planner.maxTables) return [];
    const tables = [...planner.neighbours(placed)].filter((table) => this.#planAfter(table) !== undefined);
    return [...new Set([...plan.slice(0, 1), ...tables])];
  }

  /** The next table on the way to a complete FROM. */
  get nextOfPlan(): number | undefined {
    return this.facts.plan[0];
  }

  /** The scope with another table in FROM. */
  place(table: number): GrammarScope {
    const facts = { placed: [...this.facts.placed, table], plan: this.#planAfter(table) ?? [] };
    const placed = this.#with({ mode: 'alias', ...facts });
    return this.facts.placed.length > 0 ? placed : placed.#filling(placed.#filledOfLast());
  }

  /** The alias of the placed table at a position, counted from 0. */
  aliasOf(position: number): string {
    const { stem, n } = this.#goalOf(position);
    return this.session.catalog.alias(stem, n);
  }

  /** Whether FROM may end: every alias of the SELECT list is bound, and every placeholder has a column. */
  get isComplete(): boolean {
    return this.session.planner.isMet(this.facts.placed, {
      aliases: this.facts.aliases,
      covers: this.#covers,
    });
  }

  /** FROM is complete: from now on the aliases are those of its tables. */
  close(): GrammarScope {
    const aliases = new Map(this.facts.placed.map((_, i) => [this.aliasOf(i), this.#goalOf(i)]));
    return this.#with({ aliases, closed: true });
  }

  /** What a further condition of the last ON may name: the tables placed so far. */
  insideOn(): GrammarScope {
    return this.close().#filling(this.#filledOfLast());
  }

  /** This scope after a condition of ON, which used placeholders. */
  afterOn({ facts: { unused } }: GrammarScope): GrammarScope {
    return unused.length === this.facts.unused.length ? this : this.#with({ unused });
  }

  /** The scope after the ON of the last table. */
  joined(on: Omit<Joined, 'position' | 'prefix'>): GrammarScope {
    const position = this.facts.placed.length - 1;
    const prefix = this.session.catalog.qualified(this.aliasOf(position), '');
    const equated = [...on.equated, ...this.#filledOfLast()];
    return this.#with({ matches: withJoin(this.facts.matches, { ...on, equated, position, prefix }) });
  }

  /** The conditions of the joins so far. */
  get joinConditions(): readonly SaidCondition[] {
    return this.facts.matches.said;
  }

  #filledOfLast(): string[] {
    return this.#filledOf(this.facts.placed.at(-1)!, this.aliasOf(this.facts.placed.length - 1));
  }

  #filledOf(table: number, alias?: string): string[] {
    const { catalog } = this.session;
    return catalog.tables[table]!.columns.filter(({ isFilled }) => isFilled).map(({ text }) =>
      alias === undefined ? text : catalog.qualified(alias, text),
    );
  }

  #filling(columns: readonly string[]): GrammarScope {
    const { matches } = this.facts;
    return this.#with({ matches: { ...matches, filled: [...new Set([...matches.filled, ...columns])] } });
  }

  /** Whether the column has a value in every row. */
  isFilled(column: string): boolean {
    return this.facts.matches.filled.includes(column);
  }

  /** The columns that are empty where this one is: with a key of a LEFT JOIN, all of the table that it joins. */
  emptyWith(column: string): EmptyColumns {
    const { matches, placed } = this.facts;
    const position = matches.optional.get(column);
    if (position === undefined) return { columns: [column], isNeeded: false };
    const { catalog } = this.session;
    const prefix = catalog.qualified(this.aliasOf(position), '');
    const columns = catalog.tables[placed[position]!]!.columns.map(({ text }) => prefix + text);
    return emptyColumns(matches, prefix, columns);
  }

  /** This scope without some columns. */
  hiding(hidden: readonly string[]): GrammarScope {
    return hidden.length === 0 && this.facts.hidden.length === 0 ? this : this.#with({ hidden });
  }

  /** FROM is this one table, without an alias. */
  closeBare(table: number): GrammarScope {
    const closed = this.#with({ mode: 'bare', bare: [table], placed: [table], closed: true });
    return closed.#filling(this.#filledOf(table));
  }

  #with(change: Partial<Facts>): GrammarScope {
    return new GrammarScope(this.session, { ...this.facts, ...change });
  }

  /** The scope in which the alias, or the table without one, is one of these tables, each of which is possible. */
  #naming(goal: AliasGoal | undefined, tables: readonly number[]): GrammarScope {
    if (this.facts.closed) return this;
    const key = `${goal ? this.session.catalog.alias(goal.stem, goal.n) : ''}:${tables.join()}`;
    let named = this.#named.get(key);
    if (named === undefined) this.#named.set(key, (named = this.#makeNamed(goal, tables)));
    return named;
  }

  #makeNamed(goal: AliasGoal | undefined, tables: readonly number[]): GrammarScope {
    if (goal === undefined) return this.#with({ mode: 'bare', bare: tables, plan: tables.slice(0, 1) });
    const alias = this.session.catalog.alias(goal.stem, goal.n);
    const narrowed = { ...goal, tables: this.session.catalog.set(tables) };
    const aliases = new Map(this.facts.aliases).set(alias, narrowed);
    // A plan for one of the tables works for all of them. It exists, or the step would not have been offered.
    const plan = this.#planAs(alias, goal, tables[0]!) ?? this.facts.plan;
    return this.#with({ mode: 'alias', aliases, plan });
  }

  /** A plan in which the alias means the table. */
  #planAs(alias: string, goal: AliasGoal, table: number): readonly number[] | undefined {
    const change = [alias, { ...goal, tables: this.session.catalog.set([table]) }] as const;
    return this.session.planner.plan([], { aliases: this.facts.aliases, covers: this.#covers }, change);
  }

  /** Aliases that may be named now, with the tables that each may mean. */
  get #aliasCandidates(): readonly AliasGoal[] {
    if (this.facts.mode === 'bare') return [];
    if (this.facts.closed) return [...this.facts.aliases.values()];
    return (this.#candidates ??= this.#findCandidates());
  }

  #findCandidates(): AliasGoal[] {
    const { catalog, planner } = this.session;
    const named = [...this.facts.aliases.values()];
    const found: AliasGoal[] = [];
    for (const stem of catalog.stems) {
      const highest = named.reduce((most, goal) => (goal.stem === stem ? Math.max(most, goal.n) : most), 0);
      const last = Math.min(planner.maxTables, highest + 1 + SKIPPED_TABLES);
      for (let n = 1; n <= last; n++) {
        const known = this.facts.aliases.get(catalog.alias(stem, n))?.tables.list;
        const goal = { stem, n, tables: catalog.set(known ?? catalog.tablesOfStem(stem)) };
        const possible = this.#possible(goal, goal.tables.list);
        if (possible.length > 0) found.push({ ...goal, tables: catalog.set(possible) });
      }
    }
    return found;
  }

  /** The tables that the alias can mean. */
  #possible(goal: AliasGoal, tables: readonly number[]): readonly number[] {
    if (this.facts.closed) return tables;
    const alias = this.session.catalog.alias(goal.stem, goal.n);
    return tables.filter((table) => this.#planAs(alias, goal, table) !== undefined);
  }

  #findBareTables(): readonly number[] {
    const { mode, bare, closed } = this.facts;
    if (mode === 'alias' || this.session.catalog.inWords) return [];
    if (closed) return bare;
    return bare.filter((table) => this.#covers.every((cover) => cover.has(table)));
  }

  #planAfter(table: number): readonly number[] | undefined {
    const { plan, placed, aliases } = this.facts;
    return table === plan[0] ? plan.slice(1) : this.#planFor(aliases, [...placed, table]);
  }

  #planFor(
    aliases: ReadonlyMap<string, AliasGoal>,
    placed: readonly number[],
  ): readonly number[] | undefined {
    return this.session.planner.plan(placed, { aliases, covers: this.#covers });
  }

  get #covers(): TableSet[] {
    return [...new Set(this.facts.unused.map((slot) => this.session.covers[slot]!))];
  }

  #goalOf(position: number): AliasGoal {
    const { catalog } = this.session;
    const table = this.facts.placed[position]!;
    const { stem } = catalog.tables[table]!;
    const before = this.facts.placed
      .slice(0, position)
      .filter((other) => catalog.tables[other]!.stem === stem);
    return { stem, n: before.length + 1, tables: catalog.set([table]) };
  }
}
