import {
  ALL_NUMBERS,
  areAll,
  boundsOf,
  commonBounds,
  isNowhere,
  isWithin,
  type Bounds,
} from '../../tsql/bounds.js';
import { DATEPARTS } from '../../tsql/dateparts.js';
import { choice, only, text, wholeNumberSteps, type Choice, type Step } from './choice.js';
import { condition, isSaidIn, saidOf, type AfterCondition, type PredicateRule } from './conditions.js';
import { dateAddSteps, minus, slotStep, wholeSlots } from './moments.js';
import { COMPARISONS, isWholeYear, meetsDifference } from './placeholders.js';
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
  rule: PredicateRule,
  then: AfterCondition,
): Choice {
  const { mustUse } = rule;
  const others = saidOf(rule, left);
  const isFree = others.length === 0;
  const said = rule.isEither
    ? ALL_NUMBERS
    : others.map(({ bounds }) => bounds!).reduce(commonBounds, ALL_NUMBERS);
  // Beside one that is narrower, a condition decides nothing.
  const isApart = (bounds: Bounds): boolean =>
    !others.some((one) => isWithin(one.bounds!, bounds) || (one.isWhole && isWithin(bounds, one.bounds!)));
  const [least, most] = writtenRange(source);
  const known =
    source === 'difference' ? said : commonBounds(said, { ...ALL_NUMBERS, low: least, high: most });
  const within = (low: Bounds | undefined, high?: Bounds): boolean =>
    !isNowhere([low, high].reduce<Bounds>((all, one) => (one ? commonBounds(all, one) : all), known));
  // `MONTH(x) >= 1` holds for every row.
  const decides = (bounds: Bounds | undefined): boolean =>
    bounds === undefined ||
    source === 'difference' ||
    !isWithin({ ...ALL_NUMBERS, low: least, high: most }, bounds);
  const compared = (operator: string): Step[] =>
    numberSteps(
      scope,
      {
        source,
        mustUse,
        accepts: (number) => {
          const bounds = boundsOf(operator.trim(), number);
          const isAlways =
            bounds !== undefined && rule.isEither && others.some((one) => areAll(one.bounds!, bounds));
          return within(bounds) && decides(bounds) && !isAlways && (bounds === undefined || isApart(bounds));
        },
      },
      (next, right) => then(next, condition(left, operator, right)),
    );
  const steps: Step[] = COMPARISONS.map((one) => ` ${one} `)
    // After other numbers of the same, there may be no number left to write.
    .filter((operator) => !isSaidIn(rule, left, operator) && (isFree || compared(operator).length > 0))
    .map((operator) => text(operator, () => choice(compared(operator))));
  const high = (next: GrammarScope, low: string): Choice => {
    const between = ` BETWEEN ${low} AND `;
    const from = /^\d+$/.test(low) ? boundsOf('>=', Number(low)) : undefined;
    const accepts = (number: number): boolean => {
      const to = boundsOf('<=', number)!;
      const both = commonBounds(from ?? ALL_NUMBERS, to);
      return within(from, to) && !isNowhere(both) && !(from && !decides(both));
    };
    const highs = (): Step[] =>
      numberSteps(next, { source, mustUse: false, accepts }, (after, right) =>
        then(after, condition(left, between, right)),
      );
    return only(' AND ', () => choice(highs()));
  };
  const lows = (): Step[] =>
    numberSteps(
      scope,
      { source, mustUse, accepts: (number) => within(boundsOf('>=', number), boundsOf('<=', most)) },
      high,
    );
  // An end that is no number may be within what was said.
  if (!isFree) return choice(steps);
  return choice([...steps, text(' BETWEEN ', () => choice(lows()))]);
}

/**
 * The least and the largest number that may be written out: `in March` and `on a Monday` are words of the question; a
 * year, which has no range, is a placeholder.
 */
function writtenRange(source: NumberSource): readonly [number, number] {
  return source === 'difference' ? [0, 2] : (DATEPARTS[source.part].range ?? [1, 0]);
}

interface Written {
  source: NumberSource;
  mustUse: boolean;
  /** Whether a number may be written out. */
  accepts: (number: number) => boolean;
}

function numberSteps(
  scope: GrammarScope,
  { source, mustUse, accepts }: Written,
  then: AfterExpression,
): Step[] {
  const amounts = (mustUse ? scope.unusedSlots : scope.slots)
    .filter((slot) => meetsDifference(slot) && (source === 'difference' || slot.kind !== 'age'))
    .map((slot) => slotStep(slot, () => then(scope.use(slot), slot.name)));
  if (mustUse && source === 'difference') return amounts;
  const [least, most] = writtenRange(source);
  const numbers = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter(accepts);
  const written = wholeNumberSteps(numbers, (number) => then(scope, number));
  if (source === 'difference') return [...amounts, ...written];
  const parts = partSteps(scope, source, mustUse, then);
  return mustUse ? [...amounts, ...parts] : [...amounts, ...written, ...parts];
}

/** The same part of another date: YEAR(__DATE_1__), YEAR(GETDATE()) - 1, MONTH(DATEADD(month, -1, GETDATE())). */
function partSteps(
  scope: GrammarScope,
  { text: head, part }: PartHead,
  mustUse: boolean,
  then: AfterExpression,
): Step[] {
  const dates = (mustUse ? scope.unusedSlots : scope.slots)
    .filter((slot) => part === 'year' && isWholeYear(slot))
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
