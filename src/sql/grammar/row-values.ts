import type { Datepart } from '../../tsql/dateparts.js';
import { functionsInRole } from '../../tsql/functions.js';
import { choice, only, text, wholeNumberSteps, type Choice, type Step } from './choice.js';
import { isDateKind } from './column-kind.js';
import type { Accepts, GrammarScope } from './scope.js';

/** Continues with the text that was just written, which GROUP BY may have to repeat. */
export type AfterExpression = (scope: GrammarScope, written: string) => Choice;

/** The dateparts that the grammar adds and counts, and those that it reads: people ask for no others. */
const UNITS = ['day', 'week', 'month', 'quarter', 'year', 'hour'] as const satisfies Datepart[];
const PARTS = ['year', 'quarter', 'month', 'week', 'weekday', 'day'] as const satisfies Datepart[];

/** A number of a date: YEAR(x), MONTH(x), DAY(x), DATEPART(part, x). Comparisons depend on the part. */
export function datePartSteps(
  scope: GrammarScope,
  then: (scope: GrammarScope, written: string, part: Datepart) => Choice,
): Step[] {
  if (!scope.hasColumn(isDateKind)) return [];
  const of = (head: string, part: Datepart): Choice =>
    choice(
      scope.columnSteps(isDateKind, (next, use) => only(')', () => then(next, `${head}${use.text})`, part))),
    );
  const named = functionsInRole('part').flatMap(([name, { part }]) =>
    part === undefined ? [] : [text(`${name}(`, () => of(`${name}(`, part))],
  );
  const parts = (): Choice =>
    choice(PARTS.map((part) => text(`${part}, `, () => of(`DATEPART(${part}, `, part))));
  return [...named, text('DATEPART(', parts)];
}

/** DATEDIFF(unit, column, column | GETDATE()). */
export function dateDiffSteps(scope: GrammarScope, then: AfterExpression): Step[] {
  if (!scope.hasColumn(isDateKind)) return [];
  const between = (unit: string): Choice =>
    choice(
      scope.columnSteps(isDateKind, (next, from) => {
        const close = (after: GrammarScope, to: string): Choice =>
          only(')', () => then(after, `DATEDIFF(${unit}, ${from.text}, ${to})`));
        return only(', ', () =>
          choice([
            text('GETDATE()', () => close(next, 'GETDATE()')),
            ...next.columnSteps(isDateKind, (after, to) => close(after, to.text), { except: [from.text] }),
          ]),
        );
      }),
    );
  return [text('DATEDIFF(', () => choice(UNITS.map((unit) => text(`${unit}, `, () => between(unit)))))];
}

/** A value of one row: a column, a part of a date, or a difference of dates. */
export function rowValueSteps(scope: GrammarScope, accepts: Accepts, then: AfterExpression): Step[] {
  return [
    ...scope.columnSteps(accepts, (next, use) => then(next, use.text)),
    ...datePartSteps(scope, then),
    ...dateDiffSteps(scope, then),
  ];
}

/** The number after DATEADD's unit and its `, `: a century at most, which every date type can hold. */
function amount(unit: string, then: () => Choice): Choice {
  const number = (): Step[] =>
    wholeNumberSteps(unit === 'year' || unit === 'quarter' ? 2 : 3, () => only(', ', then));
  return choice([...number(), text('-', () => choice(number()))]);
}

/** `DATEADD(unit, n, ` and the given dates, each of which closes with `)`. */
export function dateAddStep(dates: () => Step[]): Step {
  return text('DATEADD(', () =>
    choice(UNITS.map((unit) => text(`${unit}, `, () => amount(unit, () => choice(dates()))))),
  );
}
