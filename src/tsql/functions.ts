import { closest } from '../base/suggest.js';
import type { ArgumentKind, FunctionRow, GrammarRole } from './function-row.js';
import { AGGREGATE_FUNCTIONS } from './functions-aggregates.js';
import { DATE_FUNCTIONS } from './functions-dates.js';
import { CHOICE_FUNCTIONS, VALUE_FUNCTIONS } from './functions-values.js';

export type { ArgumentKind, FunctionRow } from './function-row.js';

/** Every function that a statement may call. A function that needs no special judgement is one row of a table. */
export const FUNCTIONS: ReadonlyMap<string, FunctionRow> = new Map(
  [AGGREGATE_FUNCTIONS, DATE_FUNCTIONS, CHOICE_FUNCTIONS, VALUE_FUNCTIONS].flatMap((rows) =>
    Object.entries(rows),
  ),
);

/** @param name upper case, and in the table */
export function functionNamed(name: string): FunctionRow {
  return FUNCTIONS.get(name)!;
}

/** The functions that the grammar may write in a role, in the order of the table. */
export function functionsInRole(role: GrammarRole): [name: string, row: FunctionRow][] {
  return [...FUNCTIONS].filter(([, row]) => row.grammar === role);
}

/** The kind of the i-th argument, counted from 0. */
export function argumentKind({ args }: FunctionRow, i: number): ArgumentKind {
  return args.kinds[Math.min(i, args.kinds.length - 1)]!;
}

/** Functions of other dialects that a construct of T-SQL replaces. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  IIF: 'CASE WHEN … THEN … ELSE … END',
  DECODE: 'CASE WHEN … THEN … ELSE … END',
};

const INSTEAD: ReadonlyMap<string, string> = new Map(
  [CONSTRUCTS, ...[...FUNCTIONS.values()].map(({ elsewhere = {} }) => elsewhere)].flatMap((names) =>
    Object.entries(names),
  ),
);

/** The end of an error message about a function that is not in the table: what to write instead. */
export function functionAdvice(name: string): string {
  const instead = INSTEAD.get(name);
  if (instead !== undefined) return `; write ${instead}`;
  const near = closest(name, FUNCTIONS.keys());
  return near === undefined
    ? '; allowed are COUNT, SUM, AVG, MIN, MAX and simple date, text and number functions'
    : `; did you mean ${near}?`;
}
