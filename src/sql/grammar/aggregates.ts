import { functionsInRole, type ArgumentKind } from '../../tsql/functions.js';
import { choice, lazyChoice, only, text, type Choice, type Step } from './choice.js';
import { isDateKind, isGroupable, isOrdered } from './column-kind.js';
import { dateDiffSteps, type AfterExpression } from './row-values.js';
import { apart, mayAdd } from './conditions.js';
import type { SaidCondition } from './said-condition.js';
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
    const isSum = name === 'SUM';
    const accepts = isSum ? isSummable : ACCEPTED[row.args.kinds[0]!];
    if (accepts === undefined) continue;
    if (!scope.hasColumn((kind) => isSum || accepts(kind) || isDateKind(kind))) continue;
    const values = (head: string): Step[] => [
      ...column(head, accepts),
      ...dateDiffSteps(scope, (next, written) => close(next, head + written)),
    ];
    const further = (): Step[] => {
      if (isSum) return [text('CASE WHEN ', () => countIf(scope, then, []))];
      return name === 'AVG' ? [text('1.0 * ', () => choice(values('AVG(1.0 * ')))] : [];
    };
    steps.push(text(`${name}(`, () => choice([...values(`${name}(`), ...further()])));
  }
  if (scope.hasColumn(() => true)) steps.push(text(SHARE, () => countIf(scope, shareOf(then), [])));
  return steps;
}

const SHARE = '100.0 * SUM(CASE WHEN ';

/** The rest of `100.0 * SUM(CASE …) / NULLIF(COUNT(*), 0)`, the percentage of rows that satisfy a condition. */
function shareOf(then: AfterExpression): AfterExpression {
  const rest = ' / NULLIF(COUNT(*), 0)';
  return (scope, written) => only(rest, () => then(scope, `100.0 * ${written}${rest}`));
}

/** The most conditions of one CASE. */
const MAX_COUNTED = 4;

const isSummable: Accepts = (kind) => kind.isSummable;

/** The columns that the grammar puts into an aggregate, by what its argument has to be. COUNT is handled above. */
const ACCEPTED: Partial<Record<ArgumentKind, Accepts>> = {
  summed: ({ isAveraged }) => isAveraged,
  ordered: isOrdered,
};

/** After `SUM(CASE WHEN `. */
function countIf(scope: GrammarScope, then: AfterExpression, said: readonly SaidCondition[]): Choice {
  const rule = { mustUse: false, beside: said };
  const one = predicate(scope, rule, (next, condition) => {
    const all = [...said, condition];
    const more = (): Choice => countIf(next, then, all);
    const written = `SUM(CASE WHEN ${all.map((one) => one.text).join(' AND ')} THEN 1 ELSE 0 END)`;
    const close = text(' THEN 1 ELSE 0 END)', () => then(next, written));
    const isOpen = (): boolean => all.length < MAX_COUNTED && mayAdd(next, all, more);
    return lazyChoice(
      () => (isOpen() ? [close, text(' AND ', more)] : [close]),
      () => choice([close]),
    );
  });
  return apart(one, rule);
}
