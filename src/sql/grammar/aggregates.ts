import { choice, only, text, type Choice, type Step } from './choice.js';
import { isDate, isGroupable, isNumber, isOrdered } from './column-kind.js';
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
      ...(scope.hasColumn(isGroupable)
        ? [text('DISTINCT ', () => choice(column('COUNT(DISTINCT ', isGroupable)))]
        : []),
    ]);
  const steps = [text('COUNT(', count)];
  for (const [name, accepts] of OF_VALUES) {
    const isSum = name === 'SUM';
    if (!scope.hasColumn((kind) => isSum || accepts(kind) || isDate(kind))) continue;
    const values = (): Step[] => [
      ...column(`${name}(`, accepts),
      ...dateDiffSteps(scope, (next, written) => close(next, `${name}(${written}`)),
      ...(isSum ? [text('CASE WHEN ', () => countIf(scope, then))] : []),
    ];
    steps.push(text(`${name}(`, () => choice(values())));
  }
  return steps;
}

const OF_VALUES: readonly [name: string, accepts: Accepts][] = [
  ['AVG', isNumber],
  ['MIN', isOrdered],
  ['MAX', isOrdered],
  ['SUM', isNumber],
];

/** Behind `SUM(CASE WHEN `. Its text is never repeated elsewhere: an aggregate is no key of GROUP BY. */
function countIf(scope: Scope, then: AfterExpression): Choice {
  return predicate(scope, { mustUse: false }, (next) =>
    only(' THEN 1 ELSE 0 END)', () => then(next, 'SUM(CASE)')),
  );
}
