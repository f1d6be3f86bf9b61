import { ALL_NUMBERS, boundsOf, type Bounds } from '../../tsql/bounds.js';
import { choice, lazyChoice, Step, type Choice } from './choice.js';
import type { Claim, SaidCondition } from './said-condition.js';
import type { GrammarScope } from './scope.js';

/** What one condition has to keep to. */
export interface PredicateRule {
  /** Whether it has to use a placeholder that is still unused. */
  mustUse: boolean;
  /** The conditions that are joined with it. */
  beside: readonly SaidCondition[];
  /** Conditions that hold as well: those of joins, and those beside a group of alternatives. */
  around?: readonly SaidCondition[] | undefined;
  /** Whether OR joins them: one of them has to hold, not all. */
  isEither?: boolean | undefined;
  /** Whether the placeholders that it leaves unused need a place beside it. */
  isLastPlace?: boolean | undefined;
  /** What the statement selects, as text: of a table without a match it may be nothing. */
  selected?: readonly string[] | undefined;
}

/** What follows a condition. */
export type AfterCondition = (scope: GrammarScope, condition: SaidCondition) => Choice;

/** Of each operator, those that say nothing more of the same two values, never hold with it, or of which one always holds. */
const EXCLUDED: Readonly<Record<string, readonly string[] | undefined>> = {
  ' = ': [' = ', ' <> ', ' < ', ' > ', ' <= ', ' >= '],
  ' <> ': [' <> ', ' = ', ' < ', ' > '],
  ' < ': [' >= ', ' > ', ' = ', ' <= ', ' <> '],
  ' >= ': [' < ', ' <= ', ' = ', ' > '],
  ' > ': [' <= ', ' < ', ' = ', ' >= ', ' <> '],
  ' <= ': [' > ', ' >= ', ' = ', ' < '],
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

/** A list of one value says what an operator says of it. */
const LISTS: Readonly<Record<string, string | undefined>> = { ' IN (': ' = ', ' NOT IN (': ' <> ' };
const LIST_OF: Readonly<Record<string, string | undefined>> = { ' = ': ' IN (', ' <> ': ' NOT IN (' };

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
  const isMany = operator in LISTS && right.includes(',');
  const [plain, value] =
    operator in LISTS && !isMany ? [LISTS[operator]!, right.slice(0, -1)] : [operator, right];
  const spellings = (other: string): string[] => {
    const list = LIST_OF[other];
    return [`${left}${other}${value}`, ...(list === undefined ? [] : [`${left}${list}${value})`])];
  };
  const others = (operators: readonly string[] = []): string[] => operators.flatMap(spellings);
  return {
    text: `${left}${operator}${right}`,
    left,
    isEmpty: operator === ' IS NULL',
    claim: toColumn ? undefined : CLAIMS[operator],
    same: isMany ? [`${left}${operator}${right}`] : spellings(plain),
    isList: operator in LISTS,
    excluded: others(EXCLUDED[plain]),
    excludedEither: others(EXCLUDED_EITHER[plain]),
    bounds: boundsIn(operator, right),
    isWhole: isWholeIn(operator, right),
    equated: toColumn && operator === ' = ' ? [left, right] : undefined,
    related: toColumn ? [left, right] : undefined,
  };
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

function isWholeIn(operator: string, right: string): boolean {
  const low = /^ BETWEEN (.+) AND $/.exec(operator)?.[1];
  return isNumber(right) && (low === undefined || isNumber(low));
}

function boundsIn(operator: string, right: string): Bounds | undefined {
  const low = /^ BETWEEN (.+) AND $/.exec(operator)?.[1];
  if (low === undefined) return isNumber(right) ? boundsOf(operator.trim(), Number(right)) : undefined;
  const least = isNumber(low) ? Number(low) : -Infinity;
  return { ...ALL_NUMBERS, low: least, high: isNumber(right) ? Number(right) : Infinity };
}

/** The conditions that hold beside one, with the alternatives of each. */
function allBeside({ beside, around = [] }: PredicateRule): readonly SaidCondition[] {
  return [...beside, ...around].flatMap((one) => [one, ...(one.parts ?? [])]);
}

/** The conditions that hold together with one. */
function besideAnd({ beside, around = [], isEither }: PredicateRule): readonly SaidCondition[] {
  return isEither ? [] : [...beside, ...around];
}

/** What is known of the numbers of the left side: what is joined by AND, or by OR, to the condition. */
export function saidOf(rule: PredicateRule, left: string): readonly SaidCondition[] {
  const all = rule.isEither ? rule.beside : besideAnd(rule);
  return all.filter((one) => one.left === left && one.bounds !== undefined);
}

/** A group in parentheses, which is about no single column. */
export function group(conditions: readonly SaidCondition[]): SaidCondition {
  const write = (texts: readonly string[]): string => `(${texts.join(' OR ')})`;
  const text = write(conditions.map((one) => one.text));
  const orders = permutations(conditions).flatMap((order) =>
    order.reduce<string[][]>(
      (all, { same }) => all.flatMap((texts) => same.map((one) => [...texts, one])),
      [[]],
    ),
  );
  return {
    ...{ text, left: text, isEmpty: false, claim: undefined, same: [text], isList: false },
    // One of its conditions alone leaves the rest nothing to decide.
    excluded: [...orders.map(write), ...conditions.flatMap(({ same }) => same)],
    excludedEither: [],
    parts: conditions,
  };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [first, ...rest]),
  );
}

/** The columns of which nothing more can be said, since they are empty. */
export function emptyIn(rule: PredicateRule): readonly string[] {
  return besideAnd(rule)
    .filter(({ isEmpty, isOptional }) => isEmpty && !isOptional)
    .map(({ left }) => left);
}

/** Whether something holds of the left side that an empty column would not meet. */
export function isKnownIn(rule: PredicateRule, left: string): boolean {
  return besideAnd(rule).some((one) => !one.isOptional && (one.left === left || one.equated?.includes(left)));
}

/** The columns that were compared with this one: once says all that can be said of the two. */
export function relatedIn(rule: PredicateRule, left: string): readonly string[] {
  return allBeside(rule).flatMap(({ related }) =>
    related?.includes(left) ? related.filter((column) => column !== left) : [],
  );
}

/**
 * Whether the operator says once more of the left side which value it has, or has not: no value equals two, and of two
 * values each row differs from one. Nor is a second list written, which may say what the first one says.
 */
export function isSaidIn(rule: PredicateRule, left: string, operator: string): boolean {
  if (operator in LISTS && allBeside(rule).some((one) => one.left === left && one.isList)) return true;
  const claim = CLAIMS[operator];
  if (claim !== (rule.isEither ? 'isNot' : 'is')) return false;
  return (rule.isEither ? rule.beside : besideAnd(rule)).some(
    (one) => one.claim === claim && one.left === left,
  );
}

/** Whether a flag was said to be 1 or 0: the other value, joined by OR, leaves no row out. */
export function isFlagSaid({ beside, isEither }: PredicateRule, left: string): boolean {
  return isEither === true && beside.some((one) => one.text === `${left} = 1` || one.text === `${left} = 0`);
}

/**
 * The choice of a condition, without those that were written before and without their opposites: joined by AND or OR,
 * the same again decides nothing, and the opposite leaves no row or every row.
 */
export function apart(conditions: Choice, { beside, around = [], isEither }: PredicateRule): Choice {
  if (beside.length + around.length === 0) return conditions;
  const texts = beside.flatMap(({ same, excluded, excludedEither }) => [
    ...[...same, ...excluded],
    ...(isEither ? excludedEither : []),
  ]);
  // Of what holds anyway, an alternative decides nothing.
  const held = around.flatMap(({ same, excluded }) => (isEither ? same : [...same, ...excluded]));
  return without(conditions, [...new Set([...texts, ...held])]);
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
  const isSure = !isBegun && !isOpening && !rests.some((rest) => / IS (?:NOT )?NULL/.test(rest));
  return isSure || kept.next.steps.length > 0 ? [kept] : [];
}

/** How many conditions these are, the alternatives of each group counted. */
export function alternativesIn(said: readonly SaidCondition[]): number {
  return said.reduce((sum, { parts = [] }) => sum + Math.max(1, parts.length), 0);
}

/** Whether a further condition can be written beside these. */
export function mayAdd(scope: GrammarScope, said: readonly SaidCondition[], further: () => Choice): boolean {
  // Each condition rules out some of one column's, never all that can be said about two columns.
  const isAllOpen = said.every(({ isEmpty, left }) => !isEmpty || scope.emptyWith(left).columns.length === 1);
  return (isAllOpen && scope.hasMoreColumns(alternativesIn(said))) || further().steps.length > 0;
}
