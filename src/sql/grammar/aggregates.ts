import { functionsInRole, type ArgumentKind } from '../../tsql/functions.js';
import { choice, only, text, type Choice, type Step } from './choice.js';
import { isDateKind, isGroupable, isNumber, isOrdered } from './column-kind.js';
import { dateDiffSteps, type AfterExpression } from './row-values.js';
import { predicate } from './predicates.js';
import type { Accepts, GrammarScope } from './scope.js';

/** The aggregates. SUM(CASE WHEN … THEN 1 ELSE 0 END) counts the rows that satisfy a condition. */
export function aggregateSteps(scope: GrammarScope, then: AfterExpression): Step[] {
  const close = (next: GrammarScope, written: string): Choice => only(')', () => then(next, `${written})`));
  const column = (head: string, accepts: Accepts): Step[] =>
    scope.columnSteps(accepts, (next, use) => close(next, head + use.text));
  const count = (): Choice =>
    choice([
      text('*)', () => then(scope, 'COUNT(*)')),
      ...column('COUNT(', isGroupable),
      ...(scope.hasColumn(isGroupable)
        ? [text('DISTINCT ', () => choice(column('COUNT(DISTINCT ', isGroupable)))]
        : []),
    ]);
  const steps = [text('COUNT(', count)];
  for (const [name, row] of functionsInRole('aggregate')) {
    const accepts = ACCEPTED[row.args.kinds[0]!];
    if (accepts === undefined) continue;
    const isSum = name === 'SUM';
    if (!scope.hasColumn((kind) => isSum || accepts(kind) || isDateKind(kind))) continue;
    const values = (): Step[] => [
      ...column(`${name}(`, accepts),
      ...dateDiffSteps(scope, (next, written) => close(next, `${name}(${written}`)),
      ...(isSum ? [text('CASE WHEN ', () => countIf(scope, then))] : []),
    ];
    steps.push(text(`${name}(`, () => choice(values())));
  }
  return steps;
}

/** The columns that the grammar puts into an aggregate, by what its argument has to be. COUNT is handled above. */
const ACCEPTED: Partial<Record<ArgumentKind, Accepts>> = { summed: isNumber, ordered: isOrdered };

/** After `SUM(CASE WHEN `. GROUP BY never repeats an aggregate, so its text need not be exact. */
function countIf(scope: GrammarScope, then: AfterExpression): Choice {
  return predicate(scope, { mustUse: false }, (next) =>
    only(' THEN 1 ELSE 0 END)', () => then(next, 'SUM(CASE)')),
  );
}
