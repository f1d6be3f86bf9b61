import { choice, only, text, type Choice, type Step } from './choice.js';
import { isGroupable, isNumber, isOrdered } from './column-kind.js';
import { dateDiffSteps, type AfterExpression } from './row-values.js';
import { predicate } from './predicates.js';
import type { Accepts, Scope } from './scope.js';

/** COUNT, SUM, AVG, MIN and MAX; SUM(CASE WHEN … THEN 1 ELSE 0 END) counts the rows that satisfy a condition. */
export function aggregateSteps(scope: Scope, then: AfterExpression): Step[] {
  const close = (next: Scope, written: string): Choice => only(')', () => then(next, `${written})`));
  const column = (head: string, accepts: Accepts): Step[] =>
    scope.columnSteps(accepts, (next, use) => close(next, head + use.text));
  const count = (): Choice =>
    choice([
      text('*)', () => then(scope, 'COUNT(*)')),
      ...column('COUNT(', isGroupable),
      ...ifAny(column('COUNT(DISTINCT ', isGroupable), (steps) => text('DISTINCT ', () => choice(steps))),
    ]);
  const steps = [text('COUNT(', count)];
  for (const name of ['AVG', 'MIN', 'MAX', 'SUM']) {
    const head = `${name}(`;
    const of = [
      ...column(head, name === 'AVG' || name === 'SUM' ? isNumber : isOrdered),
      ...dateDiffSteps(scope, (next, written) => close(next, head + written)),
      ...(name === 'SUM' ? [countIf(scope, then)] : []),
    ];
    if (of.length > 0) steps.push(text(head, () => choice(of)));
  }
  return steps;
}

function ifAny(steps: Step[], make: (steps: Step[]) => Step): Step[] {
  return steps.length === 0 ? [] : [make(steps)];
}

/** Inside of `SUM(`. Its text is never repeated elsewhere: an aggregate is no key of GROUP BY. */
function countIf(scope: Scope, then: AfterExpression): Step {
  return text('CASE WHEN ', () =>
    predicate(scope, { mustUse: false }, (next) =>
      only(' THEN 1 ELSE 0 END)', () => then(next, 'SUM(CASE)')),
    ),
  );
}
