import { choice, only, text, wholeNumberSteps, type Choice, type Step } from './choice.js';
import { dateAddSteps, minus, slotStep, wholeSlots } from './moments.js';
import { COMPARISONS, hasPart, meetsDifference } from './placeholders.js';
import type { PartHead } from './row-values.js';
import type { GrammarScope } from './scope.js';

type Then = (scope: GrammarScope) => Choice;

/** Where a number comes from: DATEDIFF, or a part of a date. */
export type NumberSource = 'difference' | PartHead;

/**
 * What may follow a number that a function computes: a comparison or BETWEEN.
 *
 * @param mustUse whether the first value has to use a placeholder that is still unused
 */
export function numberRelation(
  scope: GrammarScope,
  source: NumberSource,
  mustUse: boolean,
  then: Then,
): Choice {
  const steps: Step[] = COMPARISONS.map((operator) =>
    text(` ${operator} `, () => choice(numberSteps(scope, source, mustUse, then))),
  );
  const high = (next: GrammarScope): Choice =>
    only(' AND ', () => choice(numberSteps(next, source, false, then)));
  return choice([...steps, text(' BETWEEN ', () => choice(numberSteps(scope, source, mustUse, high)))]);
}

function numberSteps(scope: GrammarScope, source: NumberSource, mustUse: boolean, then: Then): Step[] {
  const amounts = (mustUse ? scope.unusedSlots : scope.slots)
    .filter(meetsDifference)
    .map((slot) => slotStep(slot, () => then(scope.use(slot))));
  if (source === 'difference') {
    if (mustUse) return amounts;
    return [...amounts, ...['0', '1', '2'].map((digit) => text(digit, () => then(scope)))];
  }
  const parts = partSteps(scope, source, mustUse, then);
  if (mustUse) return [...amounts, ...parts];
  // `In March` and `on a Monday` are words of the question; a year is a placeholder.
  const isWord = source.part !== 'year';
  const numbers = isWord ? [text('0', () => then(scope)), ...wholeNumberSteps(2, () => then(scope))] : [];
  return [...amounts, ...numbers, ...parts];
}

/** The same part of another date: YEAR(__DATE_1__), YEAR(GETDATE()) - 1, MONTH(DATEADD(month, -1, GETDATE())). */
function partSteps(
  scope: GrammarScope,
  { text: head, part }: PartHead,
  mustUse: boolean,
  then: Then,
): Step[] {
  const dates = (mustUse ? scope.unusedSlots : scope.slots)
    .filter((slot) => hasPart(slot, part))
    .map((slot) => slotStep(slot, () => only(')', () => then(scope.use(slot)))));
  const hasAmount = wholeSlots(scope, mustUse).length > 0;
  const moved = dateAddSteps(scope, mustUse, (next, mustUse) =>
    mustUse ? [] : [text('GETDATE()', () => only('))', () => then(next)))],
  );
  const now =
    mustUse && !hasAmount ? [] : [text('GETDATE()', () => only(')', () => minus(scope, mustUse, then)))];
  const steps = [...dates, ...now, ...moved];
  return steps.length === 0 ? [] : [text(head, () => choice(steps))];
}
