import type { Datepart } from '../../tsql/dateparts.js';
import { choice, only, Step, text, type Choice } from './choice.js';
import type { Slot } from './placeholders.js';
import { DATE_UNITS, type AfterExpression } from './row-values.js';
import type { GrammarScope } from './scope.js';

/**
 * The dates that DATEADD may move by such a unit; `head` is what stands before them. Without `mustUse`, GETDATE() is one of
 * them.
 */
type Dates = (scope: GrammarScope, mustUse: boolean, unit: Datepart, head: string) => Step[];

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
  const counted = wholeSlots(scope, mustUse);
  // What need not be a placeholder can be GETDATE(), which any unit moves.
  const takesDate = (unit: Datepart): boolean => !mustUse || dates(scope, true, unit, '').length > 0;
  const units = counted.length > 0 || !mustUse ? DATE_UNITS : DATE_UNITS.filter(takesDate);
  if (units.length === 0) return [];
  const ofUnit = (unit: Datepart): Step => {
    const moved = (next: GrammarScope, written: string, mustUse: boolean): Choice =>
      only(', ', () => choice(dates(next, mustUse, unit, `DATEADD(${unit}, ${written}, `)));
    const amounts = (sign: string): Step[] => [
      ...(takesDate(unit) ? [text('1', () => moved(scope, `${sign}1`, mustUse))] : []),
      ...counted.map((slot) => slotStep(slot, () => moved(scope.use(slot), `${sign}${slot.name}`, false))),
    ];
    return text(`${unit}, `, () => choice([...amounts(''), text('-', () => choice(amounts('-')))]));
  };
  return [text('DATEADD(', () => choice(units.map(ofUnit)))];
}

/** After a number of the present, such as YEAR(GETDATE()): nothing, ` - 1` or ` - __NUM_1__`. */
export function minus(scope: GrammarScope, mustUse: boolean, written: string, then: AfterExpression): Choice {
  const less = (): Choice =>
    choice([
      ...(mustUse ? [] : ['1', '2'].map((digit) => text(digit, () => then(scope, `${written} - ${digit}`)))),
      ...wholeSlots(scope, mustUse).map((slot) =>
        slotStep(slot, () => then(scope.use(slot), `${written} - ${slot.name}`)),
      ),
    ]);
  if (mustUse) return only(' - ', less);
  return then(scope, written).or([text(' - ', less)]);
}
