import { choice, only, Step, text, type Choice } from './choice.js';
import type { Slot } from './placeholders.js';
import { DATE_UNITS } from './row-values.js';
import type { GrammarScope } from './scope.js';

type Then = (scope: GrammarScope) => Choice;

/** The first steps of the dates that DATEADD may move, or that a function may read. */
type Dates = (scope: GrammarScope, mustUse: boolean) => Step[];

export function slotStep(slot: Slot, then: () => Choice): Step {
  return new Step([slot.symbol], slot.name, then);
}

/** The placeholders for a number of days, months or rows, the unused ones first. */
export function wholeSlots(scope: GrammarScope, mustUse: boolean): readonly Slot[] {
  return (mustUse ? scope.unusedSlots : scope.slots).filter((slot) => slot.isWhole);
}

/**
 * `DATEADD(unit, 1, date)`, or with another number, which is one of the question: `DATEADD(unit, -__NUM_1__, date)`. Each of the
 * dates closes with `)`.
 *
 * @param mustUse whether an unused placeholder has to stand in it: as the number, or as the date
 */
export function dateAddSteps(scope: GrammarScope, mustUse: boolean, dates: Dates): Step[] {
  const counted = wholeSlots(scope, mustUse).filter((slot) => dates(scope.use(slot), false).length > 0);
  const isWritten = dates(scope, mustUse).length > 0;
  if (counted.length === 0 && !isWritten) return [];
  const amounts = (): Step[] => [
    ...(isWritten ? [text('1', () => only(', ', () => choice(dates(scope, mustUse))))] : []),
    ...counted.map((slot) => slotStep(slot, () => only(', ', () => choice(dates(scope.use(slot), false))))),
  ];
  const amount = (): Choice => choice([...amounts(), text('-', () => choice(amounts()))]);
  return [text('DATEADD(', () => choice(DATE_UNITS.map((unit) => text(`${unit}, `, amount))))];
}

/** After a number of the present, such as YEAR(GETDATE()): nothing, ` - 1` or ` - __NUM_1__`. */
export function minus(scope: GrammarScope, mustUse: boolean, then: Then): Choice {
  const slots = wholeSlots(scope, mustUse).map((slot) => slotStep(slot, () => then(scope.use(slot))));
  const numbers = mustUse ? [] : ['1', '2'].map((digit) => text(digit, () => then(scope)));
  const less = (): Choice => choice([...numbers, ...slots]);
  if (mustUse) return only(' - ', less);
  return then(scope).or([text(' - ', less)]);
}
