import { ALL_NUMBERS, boundsOf, commonBounds, type Bounds } from '../../tsql/bounds.js';
import { choice, lazyChoice, Step, type Choice } from './choice.js';
import type { GrammarScope } from './scope.js';

/** `is`: x equals a value, or one of a list; `isNot`: it differs from them. */
export type Claim = 'is' | 'isNot';

/** A condition that was written, and the one that holds where it does not, NULL aside. */
export interface SaidCondition {
  text: string;
  /** What it is about: a column, or what is computed of one. */
  left: string;
  /** `x IS NULL` leaves nothing else to say of x. */
  isEmpty: boolean;
  /** Whether it says that x is one of some values, or none of them. */
  claim: Claim | undefined;
  /** Conditions that decide nothing beside it, or never hold with it, as text. */
  excluded: readonly string[];
  /** Further ones that OR may not join to it. */
  excludedEither: readonly string[];
  /** The numbers that it leaves, where it compares with written ones. */
  bounds?: Bounds | undefined;
  /** Two columns that it says are equal. */
  equated?: readonly string[] | undefined;
  /** Two columns that it compares. */
  related?: readonly [string, string] | undefined;
}

/** What one condition has to keep to. */
export interface PredicateRule {
  /** Whether it has to use a placeholder that is still unused. */
  mustUse: boolean;
  /** The conditions that are joined with it. */
  beside: readonly SaidCondition[];
  /** Whether OR joins them: one of them has to hold, not all. */
  isEither?: boolean | undefined;
  /** Whether the placeholders that it leaves unused need a place beside it. */
  isLastPlace?: boolean | undefined;
  /** What the statement selects, as text: of a table without a match it may be nothing. */
  selected?: readonly string[] | undefined;
}

/** What follows a condition. */
export type AfterCondition = (scope: GrammarScope, condition: SaidCondition) => Choice;

/** Of each operator, those that never hold with it for the same two values, or of which one always holds. */
const EXCLUDED: Readonly<Record<string, readonly string[] | undefined>> = {
  ' = ': [' <> ', ' < ', ' > '],
  ' <> ': [' = '],
  ' < ': [' >= ', ' > ', ' = '],
  ' >= ': [' < ', ' <= '],
  ' > ': [' <= ', ' < ', ' = '],
  ' <= ': [' > ', ' >= '],
  ' IN (': [' NOT IN ('],
  ' NOT IN (': [' IN ('],
  ' LIKE ': [' NOT LIKE '],
  ' NOT LIKE ': [' LIKE '],
  ' IS NULL': [' IS NOT NULL'],
  ' IS NOT NULL': [' IS NULL'],
};

/** Of each operator, those that beside it, joined by OR, leave no two values out. */
const EXCLUDED_EITHER: Readonly<Record<string, readonly string[] | undefined>> = {
  ' <> ': [' <= ', ' >= '],
  ' <= ': [' <> '],
  ' >= ': [' <> '],
};

const CLAIMS: Readonly<Record<string, Claim | undefined>> = {
  ' = ': 'is',
  ' IN (': 'is',
  ' <> ': 'isNot',
  ' NOT IN (': 'isNot',
};

/**
 * @param operator with its blanks, as in EXCLUDED
 * @param toColumn whether the right side is another column
 */
export function condition(left: string, operator: string, right = '', toColumn = false): SaidCondition {
  const others = (operators: readonly string[] = []): string[] =>
    operators.map((other) => `${left}${other}${right}`);
  return {
    text: `${left}${operator}${right}`,
    left,
    isEmpty: operator === ' IS NULL',
    claim: toColumn ? undefined : CLAIMS[operator],
    excluded: others(EXCLUDED[operator]),
    excludedEither: others(EXCLUDED_EITHER[operator]),
    bounds: boundsIn(operator, right),
    equated: toColumn && operator === ' = ' ? [left, right] : undefined,
    related: toColumn ? [left, right] : undefined,
  };
}

function boundsIn(operator: string, right: string): Bounds | undefined {
  const isNumber = (text: string): boolean => /^\d+$/.test(text);
  const low = /^ BETWEEN (.+) AND $/.exec(operator)?.[1];
  if (low === undefined) return isNumber(right) ? boundsOf(operator.trim(), Number(right)) : undefined;
  const least = isNumber(low) ? Number(low) : -Infinity;
  return { ...ALL_NUMBERS, low: least, high: isNumber(right) ? Number(right) : Infinity };
}

/** The numbers that the conditions leave to the left side. */
export function boundsFor({ beside, isEither }: PredicateRule, left: string): Bounds {
  if (isEither) return ALL_NUMBERS;
  const all = beside.flatMap((one) => (one.left === left && one.bounds ? [one.bounds] : []));
  return all.reduce(commonBounds, ALL_NUMBERS);
}

/** Bounds of the left side of which OR joins one to the condition: together they may leave no number out. */
export function alternativesTo({ beside, isEither }: PredicateRule, left: string): readonly Bounds[] {
  if (!isEither) return [];
  return beside.flatMap((one) => (one.left === left && one.bounds ? [one.bounds] : []));
}

/** A group in parentheses, which is about no single column. */
export function group(conditions: readonly SaidCondition[]): SaidCondition {
  const text = `(${conditions.map((one) => one.text).join(' OR ')})`;
  return { text, left: text, isEmpty: false, claim: undefined, excluded: [], excludedEither: [] };
}

/** The columns of which nothing more can be said, since they are empty. */
export function emptyIn({ beside, isEither }: PredicateRule): readonly string[] {
  return isEither ? [] : beside.filter(({ isEmpty }) => isEmpty).map(({ left }) => left);
}

/** Whether something holds of the left side that an empty column would not meet. */
export function isKnownIn({ beside, isEither }: PredicateRule, left: string): boolean {
  return !isEither && beside.some((one) => one.left === left || one.equated?.includes(left));
}

/** The columns that were compared with this one: once says all that can be said of the two. */
export function relatedIn({ beside }: PredicateRule, left: string): readonly string[] {
  return beside.flatMap(({ related }) =>
    related?.includes(left) ? related.filter((column) => column !== left) : [],
  );
}

/**
 * Whether the operator says once more of the left side which value it has, or has not. No value equals two; and of two
 * values, each row differs from one.
 */
export function isSaidIn({ beside, isEither }: PredicateRule, left: string, operator: string): boolean {
  const claim = CLAIMS[operator];
  if (claim !== (isEither ? 'isNot' : 'is')) return false;
  return beside.some((one) => one.claim === claim && one.left === left);
}

/**
 * The choice of a condition, without those that were written before and without their opposites: joined by AND or OR,
 * the same again decides nothing, and the opposite leaves no row or every row.
 */
export function apart(conditions: Choice, said: readonly SaidCondition[], isEither = false): Choice {
  if (said.length === 0) return conditions;
  const texts = said.flatMap(({ text, excluded, excludedEither }) => [
    ...[text, ...excluded],
    ...(isEither ? excludedEither : []),
  ]);
  return without(conditions, texts);
}

/** The choice of an item of the SELECT list, without those that are selected already. */
export function another(items: Choice, selected: readonly string[]): Choice {
  return selected.length === 0 ? items : without(items, selected, true);
}

/** @param isBegun whether an operator, or a parenthesis, was read: what is left may then be nothing */
function without(from: Choice, texts: readonly string[], isBegun = false): Choice {
  const rest = (steps: readonly Step[]): Step[] => steps.flatMap((step) => withoutIn(step, texts, isBegun));
  const quick = from.wayOut;
  if (quick === from) return lazyChoice(() => rest(from.steps));
  const hurried = (): Choice => {
    const steps = rest(quick.steps);
    return lazyChoice(() => (steps.length > 0 ? steps : rest(from.steps)));
  };
  return lazyChoice(() => rest(from.steps), hurried);
}

/** The step, if it leads to anything but these texts. A condition may end where another goes on: `x = 1`, `x = 12`. */
function withoutIn(step: Step, texts: readonly string[], isBegun: boolean): Step[] {
  const begun = texts.filter((text) => text.startsWith(step.text));
  if (begun.length === 0) return [step];
  const rests = begun.map((text) => text.slice(step.text.length)).filter((rest) => rest !== '');
  const isOpening = step.text === '(' || step.text === ' BETWEEN ' || EXCLUDED[step.text] !== undefined;
  const next = (): Choice => {
    const onwards = rests.length < begun.length ? choice(step.next.added) : step.next;
    return rests.length === 0 ? onwards : without(onwards, rests, isBegun || isOpening);
  };
  const kept = new Step(step.symbols, step.text, next);
  // Any column can be compared with NULL, unless that is what was said; so only these need a look ahead.
  const isSure = !isBegun && !isOpening && !rests.some((rest) => rest.includes(' IS NULL'));
  return isSure || kept.next.steps.length > 0 ? [kept] : [];
}

/** Whether a further condition can be written beside these. */
export function mayAdd(scope: GrammarScope, said: readonly SaidCondition[], further: () => Choice): boolean {
  // Each condition rules out some of one column's, never all that can be said about two columns.
  const isAllOpen = said.every(({ isEmpty, left }) => !isEmpty || scope.emptyWith(left).columns.length === 1);
  return (isAllOpen && scope.hasMoreColumns(said.length)) || further().steps.length > 0;
}
