import { aggregateSteps } from './aggregates.js';
import { choice, later, lazyChoice, nested, only, Step, text, type Choice, type State } from './choice.js';
import { isDateKind, isGroupable } from './column-kind.js';
import { alternativesIn, apart, condition, group, mayAdd } from './conditions.js';
import type { SaidCondition } from './said-condition.js';
import { predicate } from './predicates.js';
import { canHold } from './placeholders.js';
import { rowValueSteps } from './row-values.js';
import type { GrammarScope } from './scope.js';

/** What the clauses after the SELECT list depend on. */
export interface Selected {
  distinct: boolean;
  star: boolean;
  /** The items that are values of a row, as text: the keys of GROUP BY. */
  keys: readonly string[];
  aggregates: number;
  /** The items that are computed, as text. */
  computed: readonly string[];
  /** Whether an item has a type that cannot be grouped. */
  ungroupable: boolean;
}

/** Where a statement is, as far as FROM goes. */
export type FromPlace = 'items' | 'table' | 'joins' | 'rest';

const BEFORE_TABLE: readonly string[] = [' FROM ', ' INNER JOIN ', ' LEFT JOIN '];
const AFTER_FROM: readonly string[] = [' WHERE ', ' GROUP BY ', ' ORDER BY ', ';'];

/**
 * Where a statement is after a step: `table` while the next table is open, `rest` once FROM and its joins are complete.
 * Names are in brackets or without capitals, so none is like a keyword.
 */
export function placeAfter({ text }: Step, before: FromPlace): FromPlace {
  if (before === 'rest' || AFTER_FROM.includes(text)) return 'rest';
  if (BEFORE_TABLE.includes(text)) return 'table';
  return before === 'table' && text.includes(' AS ') ? 'joins' : before;
}

/** Whether a token may end this text, and so begin the name of a table. */
export function opensTable({ steps, depth }: State): boolean {
  return depth > 0 && steps.some(({ text }) => BEFORE_TABLE.includes(text));
}

/** Conditions of one WHERE, including those in parentheses; more are written only for unused placeholders. */
const MAX_CONDITIONS = 8;
const MAX_ALTERNATIVES = 3;
/** Conditions of one ON beside the keys. */
const MAX_ON_CONDITIONS = 4;
const MAX_ORDER_KEYS = 3;

type JoinKind = 'INNER' | 'LEFT';

/** What follows ` FROM `: table [AS alias] [INNER | LEFT JOIN …] and the other clauses. */
export function fromClause(scope: GrammarScope, selected: Selected): Choice {
  return lazyChoice(
    () => tableSteps(scope, selected, scope.bareTables, scope.nextTables()),
    () => {
      const [alone] = scope.bareTables;
      if (alone !== undefined) return choice(tableSteps(scope, selected, [alone], []));
      return choice(tableSteps(scope, selected, [], [scope.nextOfPlan!]));
    },
    likeness('FROM', scope, selected),
  );
}

/** What the way out of a clause depends on. Of the SELECT list, only the keys to group by matter. */
function likeness(clause: string, scope: GrammarScope, selected: Selected): string {
  return `${clause}|${scope.key}|${isMixed(selected) ? selected.keys.join() : ''}`;
}

/** Whether there are values of rows besides aggregates, so the statement needs GROUP BY. */
function isMixed({ aggregates, keys }: Selected): boolean {
  return aggregates > 0 && keys.length > 0;
}

/** The first table of FROM: without an alias if it may stand alone, or with one. */
function tableSteps(
  scope: GrammarScope,
  selected: Selected,
  bare: readonly number[],
  aliased: readonly number[],
): Step[] {
  const { catalog } = scope.session;
  const steps = [...new Set([...bare.slice(0, 1), ...aliased, ...bare])].map((table) =>
    text(catalog.tables[table]!.text, () => {
      const alone = bare.includes(table) ? afterFrom(scope.closeBare(table), selected) : undefined;
      if (!aliased.includes(table)) return alone!;
      const placed = scope.place(table);
      const named = text(` AS ${placed.aliasOf(0)}`, () => afterTable(placed, selected));
      return alone?.or([named]) ?? choice([named]);
    }),
  );
  return catalog.inWords ? nested(steps) : steps;
}

/** After a table with its alias: joins, and the next clause once every alias is bound. */
function afterTable(scope: GrammarScope, selected: Selected): Choice {
  const isComplete = scope.isComplete;
  const onwards = (): Choice => afterFrom(scope.close(), selected);
  const joinsWith = (tables: readonly number[], kinds: readonly JoinKind[]): Step[] =>
    kinds.map((kind) =>
      text(` ${kind} JOIN `, () => choice(tables.map((table) => joinStep(scope, kind, table, selected)))),
    );
  return lazyChoice(
    () => {
      const tables = scope.nextTables();
      const joins = tables.length === 0 ? [] : joinsWith(tables, ['INNER', 'LEFT']);
      return isComplete ? onwards().or(joins).steps : joins;
    },
    () => (isComplete ? onwards() : choice(joinsWith([scope.nextOfPlan!], ['INNER']))),
    likeness('JOIN', scope, selected),
  );
}

/** `table AS alias ON earlier.key = alias.key`, along a join of the catalog. */
function joinStep(scope: GrammarScope, kind: JoinKind, table: number, selected: Selected): Step {
  const { catalog } = scope.session;
  const placed = scope.place(table);
  const alias = placed.aliasOf(scope.placed.length);
  const conditions = (): Choice => {
    const steps = scope.placed.flatMap((earlier, position) => {
      const left = scope.aliasOf(position);
      return catalog.joins(earlier, table).map((on) => {
        const pairs = on.map(({ from, to }) =>
          condition(catalog.qualified(left, from), ' = ', catalog.qualified(alias, to), true),
        );
        return text(pairs.map((pair) => pair.text).join(' AND '), () =>
          afterOn(placed, selected, { kind, said: pairs }, 0),
        );
      });
    });
    return choice(catalog.inWords ? nested(steps) : steps);
  };
  return text(`${catalog.tables[table]!.text} AS ${alias} ON `, conditions);
}

interface On {
  kind: JoinKind;
  said: readonly SaidCondition[];
}

/** After the keys of ON: further conditions, and what follows a table. */
function afterOn(scope: GrammarScope, selected: Selected, { kind, said }: On, before: number): Choice {
  const onwards = afterTable(
    scope.joined({
      kind,
      equated: said.flatMap((one) => one.equated ?? []),
      others: said.flatMap((one) => (one.equated ? [] : [one.text])),
      said,
    }),
    selected,
  );
  if (before === MAX_ON_CONDITIONS) return onwards;
  // WHERE cannot compare what a join says is empty.
  const rule = { mustUse: false, beside: said, around: scope.joinConditions, isLastPlace: true };
  const more = (inside: GrammarScope): Choice => {
    const one = predicate(inside, rule, (next, written) =>
      afterOn(scope.afterOn(next), selected, { kind, said: [...said, written] }, before + 1),
    );
    return apart(one, rule);
  };
  return lazyChoice(
    () => {
      const inside = scope.insideOn();
      const and = (): Choice => more(inside);
      return mayAdd(inside, [...said, ...rule.around], and)
        ? [...onwards.steps, text(' AND ', and)]
        : onwards.steps;
    },
    () => onwards,
    onwards.likeness,
  );
}

/** After FROM: WHERE, which unused placeholders require, and the rest. */
function afterFrom(scope: GrammarScope, selected: Selected): Choice {
  const where = (): Step[] => {
    const more = (): Choice => conditions(scope, selected, [], 0);
    if (!scope.hasColumn(() => true)) return [];
    return scope.allUsed && !mayAdd(scope, scope.joinConditions, more) ? [] : [text(' WHERE ', more)];
  };
  const onwards = (): Choice => afterWhere(scope, selected);
  return lazyChoice(
    () => (scope.allUsed ? [...onwards().steps, ...where()] : where()),
    () => (scope.allUsed ? onwards() : choice(where())),
    likeness('WHERE', scope, selected),
  );
}

/** @param before how many conditions were written, those in parentheses included */
function conditions(
  scope: GrammarScope,
  selected: Selected,
  said: readonly SaidCondition[],
  before: number,
): Choice {
  const mustUse = before >= MAX_CONDITIONS || (scope.session.isPlain && !scope.allUsed);
  const after = (next: GrammarScope, written: SaidCondition, count: number): Choice =>
    afterCondition(next, selected, [...said, written], before + count);
  const shown = [...selected.keys, ...selected.computed];
  const around = scope.joinConditions;
  const rule = { mustUse, beside: said, around, isLastPlace: true, selected: shown };
  const one = predicate(scope, rule, (next, written) => after(next, written, 1));
  if (mustUse) return one;
  const held = [...said, ...around];
  // Beside a table without a match, each alternative would have to be about another one.
  const isMissing = said.some((one) => one.isEmpty && scope.emptyWith(one.left).columns.length > 1);
  const choices =
    !isMissing && mayChoose(scope, held)
      ? [
          text('(', () =>
            alternatives(scope, [], held, (next, written, count) => after(next, written, count)),
          ),
        ]
      : [];
  return apart(one.or(choices), rule);
}

/** Whether two conditions can be written that do not contradict each other, nor repeat what holds. */
function mayChoose(scope: GrammarScope, held: readonly SaidCondition[]): boolean {
  // Each of them leaves nothing to say of a column, at most.
  if (held.length > 0) return scope.hasMoreColumns(alternativesIn(held) + 1);
  return (
    scope.hasMoreColumns(1) ||
    scope.hasColumn(
      (kind) => isDateKind(kind) || kind.isFlag || scope.slots.some((slot) => canHold(kind, slot)),
    )
  );
}

/** `a OR b`, up to the `)`. */
function alternatives(
  scope: GrammarScope,
  said: readonly SaidCondition[],
  around: readonly SaidCondition[],
  then: (scope: GrammarScope, group: SaidCondition, count: number) => Choice,
): Choice {
  const rule = { mustUse: false, beside: said, around, isEither: true };
  const one = predicate(scope, rule, (next, written) => {
    const all = [...said, written];
    const more = (): Choice => alternatives(next, all, around, then);
    const or = text(' OR ', more);
    if (all.length === 1) return choice([or]);
    const close = text(')', () => then(next, group(all), all.length));
    const isOpen = (): boolean => all.length < MAX_ALTERNATIVES && mayAdd(next, [...all, ...around], more);
    return lazyChoice(
      () => (isOpen() ? [close, or] : [close]),
      () => choice([close]),
    );
  });
  return apart(one, rule);
}

function afterCondition(
  scope: GrammarScope,
  selected: Selected,
  said: readonly SaidCondition[],
  before: number,
): Choice {
  return later(() => {
    const more = (): Choice => conditions(scope, selected, said, before);
    const and = text(' AND ', more);
    if (!scope.allUsed) return choice([and]);
    const onwards = afterWhere(scope.hiding(missingIn(scope, said)), selected);
    return lazyChoice(
      () =>
        before < MAX_CONDITIONS && mayAdd(scope, [...said, ...scope.joinConditions], more)
          ? [...onwards.steps, and]
          : onwards.steps,
      () => onwards,
    );
  });
}

/** The columns of the tables that have no row in what WHERE keeps. */
function missingIn(scope: GrammarScope, said: readonly SaidCondition[]): string[] {
  return said.flatMap(({ isEmpty, left }) => {
    const { prefix, columns } = isEmpty ? scope.emptyWith(left) : { prefix: undefined, columns: [] };
    return prefix === undefined ? [] : columns;
  });
}

/** GROUP BY, ORDER BY and the end. */
function afterWhere(scope: GrammarScope, selected: Selected): Choice {
  const { distinct, star, keys, aggregates, ungroupable } = selected;
  const steps: Step[] = [];
  if (!isMixed(selected)) {
    steps.push(text(';', () => end(scope)));
    // An aggregate without GROUP BY gives one row: no order is needed.
    if (aggregates === 0 && scope.hasColumn(isGroupable))
      steps.push(text(' ORDER BY ', () => orderBy(scope, rowOrder(scope, selected), [])));
  }
  const mayGroup = keys.length > 0 && !star && !distinct && !ungroupable;
  if (mayGroup) steps.push(text(' GROUP BY ', () => groupBy(scope, [...new Set(keys)], selected)));
  return choice(steps);
}

function groupBy(scope: GrammarScope, open: readonly string[], selected: Selected): Choice {
  const after = (key: string): Choice => {
    const rest = open.filter((other) => other !== key);
    if (rest.length > 0) return only(', ', () => groupBy(scope, rest, selected));
    const order = text(' ORDER BY ', () => orderBy(scope, groupOrder(scope, selected), []));
    return choice([text(';', () => end(scope)), order]);
  };
  const steps = open.map((key) => text(key, () => after(key)));
  return choice(scope.session.catalog.inWords ? nested(steps) : steps);
}

/** The keys that ORDER BY may still name; `then` continues after a key. */
type OrderKeys = (named: readonly string[], then: (written: string) => Choice) => Step[];

/** The keys of a statement without groups: columns and row values; with DISTINCT only what is selected. */
function rowOrder(scope: GrammarScope, { distinct, keys }: Selected): OrderKeys {
  return (named, then) => {
    if (distinct) return keySteps(scope, keys, named, then);
    // Only the first key may be a computed value: a second one could repeat it, which is an error.
    if (named.length === 0) return rowValueSteps(scope, isGroupable, (_, written) => then(written));
    return scope.columnSteps(isGroupable, (_, use) => then(use.text), { except: named });
  };
}

function groupOrder(scope: GrammarScope, { keys }: Selected): OrderKeys {
  return (named, then) => {
    const steps = keySteps(scope, keys, named, then);
    if (named.length === 0) return [...aggregateSteps(scope, (_, written) => then(written)), ...steps];
    return named.includes('COUNT(*)') ? steps : [...steps, text('COUNT(*)', () => then('COUNT(*)'))];
  };
}

function keySteps(
  scope: GrammarScope,
  keys: readonly string[],
  named: readonly string[],
  then: (written: string) => Choice,
): Step[] {
  const open = [...new Set(keys)].filter((key) => !named.includes(key));
  const steps = open.map((key) => text(key, () => then(key)));
  return scope.session.catalog.inWords ? nested(steps) : steps;
}

function orderBy(scope: GrammarScope, keys: OrderKeys, named: readonly string[]): Choice {
  return choice(
    keys(named, (written) => {
      const after = (): Choice => {
        const all = [...named, written];
        const close = text(';', () => end(scope));
        const isLast = all.length === MAX_ORDER_KEYS || keys(all, () => choice([])).length === 0;
        return choice(isLast ? [close] : [close, text(', ', () => orderBy(scope, keys, all))]);
      };
      return choice([text(' ASC', after), text(' DESC', after)]);
    }),
  );
}

function end(scope: GrammarScope): Choice {
  return choice([new Step([scope.session.endSymbol], '', () => choice([]))]);
}
