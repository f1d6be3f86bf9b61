import { choice, only, text, wholeNumber, type Choice, type Step } from './choice.js';
import { isDate } from './column-kind.js';
import type { Accepts, Scope } from './scope.js';

/** Continues with the text that was just written, so that it can be repeated in GROUP BY. */
export type AfterExpression = (scope: Scope, written: string) => Choice;

const UNITS = ['day', 'week', 'month', 'quarter', 'year', 'hour'] as const;
const PARTS = ['year', 'quarter', 'month', 'week', 'weekday', 'day'] as const;

/** A number of a date: YEAR(x), MONTH(x), DAY(x), DATEPART(part, x). The part is passed on for comparisons. */
export function datePartSteps(
  scope: Scope,
  then: (scope: Scope, written: string, part: string) => Choice,
): Step[] {
  if (!scope.hasColumn(isDate)) return [];
  const of = (head: string, part: string): Choice =>
    choice(
      scope.columnSteps(isDate, (next, use) => only(')', () => then(next, `${head}${use.text})`, part))),
    );
  const named = ['YEAR', 'MONTH', 'DAY'].map((name) =>
    text(`${name}(`, () => of(`${name}(`, name.toLowerCase())),
  );
  const parts = (): Choice =>
    choice(PARTS.map((part) => text(`${part}, `, () => of(`DATEPART(${part}, `, part))));
  return [...named, text('DATEPART(', parts)];
}

/** DATEDIFF(unit, column, column | GETDATE()). */
export function dateDiffSteps(scope: Scope, then: AfterExpression): Step[] {
  if (!scope.hasColumn(isDate)) return [];
  const between = (unit: string): Choice =>
    choice(
      scope.columnSteps(isDate, (next, from) => {
        const close = (after: Scope, to: string): Choice =>
          only(')', () => then(after, `DATEDIFF(${unit}, ${from.text}, ${to})`));
        return only(', ', () =>
          choice([
            text('GETDATE()', () => close(next, 'GETDATE()')),
            ...next.columnSteps(isDate, (after, to) => close(after, to.text), { except: [from.text] }),
          ]),
        );
      }),
    );
  return [text('DATEDIFF(', () => choice(UNITS.map((unit) => text(`${unit}, `, () => between(unit)))))];
}

/** A value of one row: a column, a part of a date, a difference of dates. */
export function rowValueSteps(scope: Scope, accepts: Accepts, then: AfterExpression): Step[] {
  return [
    ...scope.columnSteps(accepts, (next, use) => then(next, use.text)),
    ...datePartSteps(scope, then),
    ...dateDiffSteps(scope, then),
  ];
}

/** The number behind DATEADD's unit, and the `, ` that follows it: a century at most, which every type of date holds. */
function amount(unit: string, then: () => Choice): Choice {
  const number = (): Step[] =>
    wholeNumber(unit === 'year' || unit === 'quarter' ? 2 : 3, () => only(', ', then));
  return choice([...number(), text('-', () => choice(number()))]);
}

/** `DATEADD(unit, n, ` up to the date that is moved; the steps say what may stand there, each closes with `)`. */
export function dateAddStep(dates: () => Step[]): Step {
  return text('DATEADD(', () =>
    choice(UNITS.map((unit) => text(`${unit}, `, () => amount(unit, () => choice(dates()))))),
  );
}
