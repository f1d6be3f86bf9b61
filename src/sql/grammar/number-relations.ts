import { choice, only, text, wholeNumberSteps, type Choice, type Step } from './choice.js';
import { condition, hasValueIn, type AfterCondition, type PredicateRule } from './conditions.js';
import { dateAddSteps, minus, slotStep, wholeSlots } from './moments.js';
import { COMPARISONS, hasPart, meetsDifference } from './placeholders.js';
import type { AfterExpression, PartHead } from './row-values.js';
import type { GrammarScope } from './scope.js';

/** Where a number comes from: DATEDIFF, or a part of a date. */
export type NumberSource = 'difference' | PartHead;

/**
 * What may follow a number that a function computes: a comparison or BETWEEN.
 *
 * @param left the number, as it was written
 * @param rule whether the first value has to use a placeholder that is still unused, and what else holds
 */
export function numberRelation(
  scope: GrammarScope,
  left: string,
  source: NumberSource,
  { mustUse, beside }: PredicateRule,
  then: AfterCondition,
): Choice {
  const compared = (operator: string): Choice =>
    choice(
      numberSteps(scope, source, mustUse, (next, right) => then(next, condition(left, operator, right))),
    );
  const hasValue = hasValueIn(beside, left);
  const steps: Step[] = COMPARISONS.filter((one) => one !== '=' || !hasValue)
    .map((one) => ` ${one} `)
    .map((operator) => text(operator, () => compared(operator)));
  const high = (next: GrammarScope, low: string): Choice => {
    const between = ` BETWEEN ${low} AND `;
    const bounds = (): Step[] =>
      numberSteps(next, source, false, (after, right) => then(after, condition(left, between, right)));
    return only(' AND ', () => choice(bounds()));
  };
  return choice([...steps, text(' BETWEEN ', () => choice(numberSteps(scope, source, mustUse, high)))]);
}

function numberSteps(
  scope: GrammarScope,
  source: NumberSource,
  mustUse: boolean,
  then: AfterExpression,
): Step[] {
  const amounts = (mustUse ? scope.unusedSlots : scope.slots)
    .filter(meetsDifference)
    .map((slot) => slotStep(slot, () => then(scope.use(slot), slot.name)));
  if (source === 'difference') {
    if (mustUse) return amounts;
    return [...amounts, ...['0', '1', '2'].map((digit) => text(digit, () => then(scope, digit)))];
  }
  const parts = partSteps(scope, source, mustUse, then);
  if (mustUse) return [...amounts, ...parts];
  // `In March` and `on a Monday` are words of the question; a year is a placeholder.
  const isWord = source.part !== 'year';
  const zero = (): Step => text('0', () => then(scope, '0'));
  const numbers = isWord ? [zero(), ...wholeNumberSteps(2, (digits) => then(scope, digits))] : [];
  return [...amounts, ...numbers, ...parts];
}

/** The same part of another date: YEAR(__DATE_1__), YEAR(GETDATE()) - 1, MONTH(DATEADD(month, -1, GETDATE())). */
function partSteps(
  scope: GrammarScope,
  { text: head, part }: PartHead,
  mustUse: boolean,
  then: AfterExpression,
): Step[] {
  const dates = (mustUse ? scope.unusedSlots : scope.slots)
    .filter((slot) => hasPart(slot, part))
    .map((slot) => slotStep(slot, () => only(')', () => then(scope.use(slot), `${head}${slot.name})`))));
  const hasAmount = wholeSlots(scope, mustUse).length > 0;
  const moved = dateAddSteps(scope, mustUse, (next, mustUse, _, added) =>
    mustUse ? [] : [text('GETDATE()', () => only('))', () => then(next, `${head}${added}GETDATE()))`)))],
  );
  const present = (): Choice => only(')', () => minus(scope, mustUse, `${head}GETDATE())`, then));
  const now = mustUse && !hasAmount ? [] : [text('GETDATE()', present)];
  const steps = [...dates, ...now, ...moved];
  return steps.length === 0 ? [] : [text(head, () => choice(steps))];
}
