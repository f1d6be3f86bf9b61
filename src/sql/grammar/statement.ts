import { aggregateSteps } from './aggregates.js';
import { choice, lazyChoice, only, text, type Choice, type Step } from './choice.js';
import { fromClause, type Selected } from './clauses.js';
import { another } from './conditions.js';
import { isGroupable } from './column-kind.js';
import { slotStep } from './moments.js';
import { dateDiffSteps, datePartSteps } from './row-values.js';
import type { ColumnUse, GrammarScope } from './scope.js';
import { MOST_ITEMS } from './session.js';

/**
 * The statements that the grammar allows, in the style of the corpus:
 *
 *     SELECT [DISTINCT] [TOP (n)] items FROM table [AS alias] [INNER | LEFT JOIN table AS alias ON key = key]…
 *     [WHERE condition [AND condition]…] [GROUP BY keys] [ORDER BY key ASC | DESC, …];
 *
 * with a space in front, as after `SQL:` in a training record.
 */
export function statement(scope: GrammarScope): Choice {
  const nothing: Selected = {
    ...{ distinct: false, star: false, keys: [], aggregates: 0 },
    ...{ computed: [], ungroupable: false },
  };
  return only(' SELECT ', () => {
    const all = { ...nothing, distinct: true };
    const distinct = text('DISTINCT ', () => topOrItem(scope, all));
    const isPossible = scope.needsTop ? topSteps(scope, all).length > 0 : scope.hasColumn(isGroupable);
    return topOrItem(scope, nothing).or(isPossible ? [distinct] : []);
  });
}

function topOrItem(scope: GrammarScope, selected: Selected): Choice {
  if (scope.needsTop) return choice(topSteps(scope, selected));
  return item(scope, selected, 1).or(topSteps(scope, selected));
}

/** `TOP (1)`, or `TOP (__NUM_1__)`. */
function topSteps(scope: GrammarScope, selected: Selected): Step[] {
  const then = (next: GrammarScope): Choice => only(') ', () => item(next, selected, 1));
  const numbers = scope.needsTop ? [] : [text('1', () => then(scope))];
  const slots = scope.topSlots.flatMap((slot) => {
    const next = scope.useInTop(slot);
    if (selected.distinct && !next.hasColumn(isGroupable)) return [];
    return [slotStep(slot, () => then(next))];
  });
  const steps = [...numbers, ...slots];
  return steps.length === 0 ? [] : [text('TOP (', () => choice(steps))];
}

/** Whether there is any row. */
const ANY_ROW = 'CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END';

/** @param number which item it is, counted from 1 */
function item(scope: GrammarScope, selected: Selected, number: number): Choice {
  const { distinct, keys, aggregates, computed, ungroupable } = selected;
  const after = (next: GrammarScope, change: Partial<Selected>): Choice =>
    afterItem(next, { ...selected, ...change }, number);
  const asKey = (next: GrammarScope, written: string): Choice =>
    after(next, { keys: [...keys, written], computed: [...computed, written] });
  const aggregate = (next: GrammarScope, written: string): Choice =>
    after(next, { aggregates: aggregates + 1, computed: [...computed, written] });
  const column = (next: GrammarScope, use: ColumnUse): Choice => {
    const cannotBeKey = use.columns.some(({ kind }) => !isGroupable(kind));
    return after(next, { keys: [...keys, use.text], ungroupable: ungroupable || cannotBeKey });
  };
  const mayAggregate = !distinct && !ungroupable;
  const accepts = distinct || aggregates > 0 ? isGroupable : (): boolean => true;
  const all = lazyChoice(
    () => [
      ...(mayAggregate ? aggregateSteps(scope, aggregate) : []),
      ...(number === 1 && !distinct
        ? [text(ANY_ROW, () => alone(scope, { ...selected, aggregates: 1 }))]
        : []),
      ...scope.columnSteps(accepts, column, { except: keys }),
      ...datePartSteps(scope, asKey),
      ...dateDiffSteps(scope, asKey),
      ...(number === 1 && !distinct
        ? scope.starSteps((next, written) => after(next, { star: true, computed: [written] }))
        : []),
    ],
    mayAggregate ? () => only('COUNT(*)', () => aggregate(scope, 'COUNT(*)')) : undefined,
  );
  return another(all, computed);
}

/** FROM after an item that stands alone. */
function alone(scope: GrammarScope, selected: Selected): Choice {
  return only(' FROM ', () => fromClause(scope, selected));
}

function afterItem(scope: GrammarScope, selected: Selected, number: number): Choice {
  const from = text(' FROM ', () => fromClause(scope, selected));
  if (selected.star || number === MOST_ITEMS) return choice([from]);
  return lazyChoice(
    () => {
      const next = item(scope, selected, number + 1);
      return next.steps.length === 0 ? [from] : [from, text(', ', () => next)];
    },
    () => choice([from]),
  );
}
