import { DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { functionsInRole } from '../../tsql/functions.js';
import { choice, lazyChoice, only, text, type Choice, type Step } from './choice.js';
import { isDateKind, isMoment } from './column-kind.js';
import type { Accepts, GrammarScope } from './scope.js';

/** Continues with the text that was just written, which GROUP BY may have to repeat. */
export type AfterExpression = (scope: GrammarScope, written: string) => Choice;

/** The dateparts that the grammar adds and counts, and those that it reads: people ask for no others. */
export const DATE_UNITS = [
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'hour',
  'minute',
] as const satisfies Datepart[];
const PARTS = ['year', 'quarter', 'month', 'week', 'weekday', 'day', 'hour'] as const satisfies Datepart[];

/** What `YEAR(x)` or `DATEPART(part, x)` begins with, and the part. */
export interface PartHead {
  text: string;
  part: Datepart;
}

/** A number of a date: YEAR(x), MONTH(x), DAY(x), DATEPART(part, x). Comparisons depend on the part. */
export function datePartSteps(
  scope: GrammarScope,
  then: (scope: GrammarScope, written: string, head: PartHead) => Choice,
): Step[] {
  if (!scope.hasColumn(isDateKind)) return [];
  const of = (head: PartHead): Choice => {
    const accepts = DATEPARTS[head.part].isTime ? isMoment : isDateKind;
    return choice(
      scope.columnSteps(accepts, (next, use) =>
        only(')', () => then(next, `${head.text}${use.text})`, head)),
      ),
    );
  };
  const named = functionsInRole('part').flatMap(([name, { part }]) =>
    part === undefined ? [] : [text(`${name}(`, () => of({ text: `${name}(`, part }))],
  );
  const parts = PARTS.filter((part) => !DATEPARTS[part].isTime || scope.hasColumn(isMoment)).map((part) =>
    text(`${part}, `, () => of({ text: `DATEPART(${part}, `, part })),
  );
  return [...named, text('DATEPART(', () => choice(parts))];
}

/** DATEDIFF(unit, column, column | GETDATE()). */
export function dateDiffSteps(scope: GrammarScope, then: AfterExpression): Step[] {
  if (!scope.hasColumn(isDateKind)) return [];
  const between = (unit: string): Choice =>
    choice(
      scope.columnSteps(isDateKind, (next, from) => {
        const close = (after: GrammarScope, to: string): Choice =>
          only(')', () => then(after, `DATEDIFF(${unit}, ${from.text}, ${to})`));
        return only(', ', () => {
          const now = text('GETDATE()', () => close(next, 'GETDATE()'));
          const others = (): Step[] =>
            next.columnSteps(isDateKind, (after, to) => close(after, to.text), { except: [from.text] });
          return lazyChoice(
            () => [now, ...others()],
            () => choice([now]),
          );
        });
      }),
    );
  return [text('DATEDIFF(', () => choice(DATE_UNITS.map((unit) => text(`${unit}, `, () => between(unit)))))];
}

/** A value of one row: a column, a part of a date, or a difference of dates. */
export function rowValueSteps(scope: GrammarScope, accepts: Accepts, then: AfterExpression): Step[] {
  return [
    ...scope.columnSteps(accepts, (next, use) => then(next, use.text)),
    ...datePartSteps(scope, then),
    ...dateDiffSteps(scope, then),
  ];
}
