import { choice, lazyChoice, only, text, type Choice, type Step } from './choice.js';
import { isDateKind, isNumberKind, type ColumnKind } from './column-kind.js';
import { dateAddSteps, minus, slotStep, wholeSlots } from './moments.js';
import { numberRelation, type NumberSource } from './number-relations.js';
import { dateDiffSteps, datePartSteps } from './row-values.js';
import {
  areKindsComparable,
  canHold,
  COMPARISONS,
  meetsDifference,
  meets,
  meetsAsYear,
  meetsShifted,
  type Relation,
  type Slot,
} from './placeholders.js';
import type { ColumnUse, GrammarScope } from './scope.js';

export interface PredicateRule {
  /** Whether the predicate has to use a placeholder that is still unused. */
  mustUse: boolean;
}

type Then = (scope: GrammarScope) => Choice;

const DIFFERENCE: NumberSource = 'difference';

/** One condition without AND, OR and parentheses; those with an unused placeholder come first. */
export function predicate(scope: GrammarScope, rule: PredicateRule, then: Then): Choice {
  const unused = scope.unusedSlots;
  const canUse = (kind: ColumnKind): boolean => unused.some((slot) => canHold(kind, slot));
  const column = (next: GrammarScope, use: ColumnUse): Choice => columnRelation(next, use, rule, then);
  const difference = (next: GrammarScope): Choice => numberRelation(next, DIFFERENCE, rule.mustUse, then);
  if (rule.mustUse) {
    const differences = unused.some(meetsDifference) ? dateDiffSteps(scope, difference) : [];
    return lazyChoice(() => [...scope.columnSteps(canUse, column), ...differences]);
  }
  const hurried = (): Choice => {
    if (unused.length === 0) return choice(scope.columnSteps(() => true, column));
    const useful = scope.columnSteps(canUse, column);
    if (useful.length > 0) return choice(useful);
    const differences = unused.some(meetsDifference) ? dateDiffSteps(scope, difference) : [];
    return choice(differences.length > 0 ? differences : scope.columnSteps(() => true, column));
  };
  return lazyChoice(() => {
    const columns = scope.columnSteps(() => true, column, { first: canUse });
    const parts = datePartSteps(scope, (next, _, head) => numberRelation(next, head, rule.mustUse, then));
    const differences = dateDiffSteps(scope, difference);
    const isOnlyPlace = unused.some(meetsDifference) && !scope.hasColumn(canUse);
    return isOnlyPlace ? [...differences, ...columns, ...parts] : [...columns, ...parts, ...differences];
  }, hurried);
}

/** What may follow a column: a comparison, BETWEEN, IN, LIKE or IS NULL; those with an unused placeholder come first. */
function columnRelation(scope: GrammarScope, use: ColumnUse, rule: PredicateRule, then: Then): Choice {
  // The way out skips the slow part.
  const hurried = (): Choice => {
    const using = scope.isClosed && !scope.allUsed ? relationSteps(scope, use, { mustUse: true }, then) : [];
    return using.length > 0 ? choice(using) : only(' IS NULL', () => then(scope));
  };
  const make = (): Step[] => {
    const using = relationSteps(scope, use, { mustUse: true }, then);
    if (rule.mustUse) return using;
    const useful = new Set(scope.isClosed ? using.map((step) => step.text) : []);
    const any = relationSteps(scope, use, rule, then);
    return [
      ...any.filter((step) => useful.has(step.text)),
      text(' IS NULL', () => then(scope)),
      text(' IS NOT NULL', () => then(scope)),
      ...any.filter((step) => !useful.has(step.text)),
    ];
  };
  return rule.mustUse ? lazyChoice(make) : lazyChoice(make, hurried);
}

function relationSteps(scope: GrammarScope, use: ColumnUse, rule: PredicateRule, then: Then): Step[] {
  const steps: Step[] = [];
  for (const relation of COMPARISONS) {
    const using = valueSteps({ scope, use, relation, rule: { mustUse: true }, then });
    const operands = rule.mustUse
      ? using
      : [
          ...valueSteps({ scope, use, relation, rule, then }),
          ...otherColumnSteps(scope, use, relation, then),
        ];
    const hurried = using.length === 0 ? undefined : (): Choice => choice(using);
    if (operands.length > 0) steps.push(text(` ${relation} `, () => lazyChoice(() => operands, hurried)));
  }
  steps.push(...betweenSteps(scope, use, rule, then));
  const list = listSteps(scope, use, rule, [], then);
  if (list.length > 0) {
    steps.push(
      text(' IN (', () => choice(list)),
      text(' NOT IN (', () => choice(list)),
    );
  }
  const pattern = patternSteps(scope, use, rule, then);
  if (pattern.length > 0) {
    steps.push(
      text(' LIKE ', () => choice(pattern)),
      text(' NOT LIKE ', () => choice(pattern)),
    );
  }
  return steps;
}

interface Comparison {
  scope: GrammarScope;
  use: ColumnUse;
  relation: Relation;
  rule: PredicateRule;
  /** The placeholder on the other side of BETWEEN's AND. */
  except?: Slot | undefined;
  then: Then;
}

/** Values that a column may be compared with. */
function valueSteps(comparison: Comparison): Step[] {
  return [...slotSteps(comparison, meets, comparison.then), ...computedSteps(comparison)];
}

/** Computed values: GETDATE(), DATEADD(…), YEAR(…) [- n], and 1 and 0 for yes and no. */
function computedSteps(comparison: Comparison): Step[] {
  const { scope, use, relation, rule, then } = comparison;
  const { mustUse } = rule;
  const steps: Step[] = [];
  const close = (next: GrammarScope): Choice => only(')', () => then(next));
  const years = slotSteps(comparison, meetsAsYear, close);
  const dated = scope.narrow(use, isDateKind);
  const yearly = scope.narrow(use, (kind) => kind.type === 'year');
  if (!mustUse && dated !== undefined) steps.push(text('GETDATE()', () => then(dated)));
  if (yearly !== undefined && (!mustUse || wholeSlots(yearly, true).length > 0))
    years.push(text('GETDATE()', () => only(')', () => minus(yearly, mustUse, then))));
  if (years.length > 0) steps.push(text('YEAR(', () => choice(years)));
  if (!mustUse && relation === '=') {
    const bits = scope.narrow(use, (kind) => kind.isFlag);
    if (bits !== undefined)
      steps.push(
        text('1', () => then(bits)),
        text('0', () => then(bits)),
      );
  }
  if (dated === undefined) return steps;
  const dates = (from: GrammarScope, mustUse: boolean): Step[] => {
    const shifted = slotSteps({ ...comparison, scope: from, rule: { mustUse } }, meetsShifted, close);
    if (mustUse) return shifted;
    const now = from.narrow(use, isDateKind)!;
    return [...shifted, text('GETDATE()', () => close(now))];
  };
  return [...steps, ...dateAddSteps(scope, mustUse, dates)];
}

/** Placeholders that fit the column in the given way, unused ones first. */
function slotSteps(
  { scope, use, relation, rule, except }: Comparison,
  fits: (slot: Slot, kind: ColumnKind, relation: Relation) => boolean,
  then: (scope: GrammarScope, slot: Slot) => Choice,
): Step[] {
  const steps: Step[] = [];
  for (const slot of rule.mustUse ? scope.unusedSlots : scope.slots) {
    if (slot === except) continue;
    const narrowed = scope.narrow(use, (kind) => fits(slot, kind, relation));
    if (narrowed !== undefined) steps.push(slotStep(slot, () => then(narrowed.use(slot), slot)));
  }
  return steps;
}

/** Another column, comparable with this one in every table that it may belong to. */
function otherColumnSteps(scope: GrammarScope, use: ColumnUse, relation: Relation, then: Then): Step[] {
  const { kind } = use.columns[0]!;
  const accepts = (other: ColumnKind): boolean => areKindsComparable(kind, other, relation);
  return scope.narrow(use, accepts)?.columnSteps(accepts, then, { except: [use.text] }) ?? [];
}

function betweenSteps(scope: GrammarScope, use: ColumnUse, rule: PredicateRule, then: Then): Step[] {
  // Dates and years have GETDATE() as a second value; numbers need two placeholders.
  const numbers = scope.slots.filter((slot) => slot.shape === 'number').length;
  const bounded = scope.narrow(
    use,
    (kind) => isDateKind(kind) || kind.type === 'year' || (isNumberKind(kind) && numbers > 1),
  );
  if (bounded === undefined) return [];
  const high = (next: GrammarScope, except?: Slot): Choice => {
    const second = { scope: next, use, relation: 'BETWEEN', rule: { mustUse: false }, except, then } as const;
    return only(' AND ', () => choice(valueSteps(second)));
  };
  const first: Comparison = { scope: bounded, use, relation: 'BETWEEN', rule, then: high };
  const low = [...slotSteps(first, meets, high), ...computedSteps(first)];
  return low.length === 0 ? [] : [text(' BETWEEN ', () => choice(low))];
}

/** What follows `IN (`: different placeholders, and the `)`. */
function listSteps(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  listed: readonly Slot[],
  then: Then,
): Step[] {
  const candidates = (rule.mustUse ? scope.unusedSlots : scope.slots).filter(
    (slot) => !listed.includes(slot),
  );
  return candidates.flatMap((slot) => {
    const narrowed = scope.narrow(use, (kind) => meets(slot, kind, 'IN'));
    if (narrowed === undefined) return [];
    const after = (): Choice => {
      const next = narrowed.use(slot);
      const more = listSteps(next, use, { mustUse: false }, [...listed, slot], then);
      const close = text(')', () => then(next));
      return choice(more.length === 0 ? [close] : [close, text(', ', () => choice(more))]);
    };
    return [slotStep(slot, after)];
  });
}

/** `'%' + p + '%'`, `p + '%'`, `'%' + p`. */
function patternSteps(scope: GrammarScope, use: ColumnUse, rule: PredicateRule, then: Then): Step[] {
  const comparison: Comparison = { scope, use, relation: 'LIKE', rule, then };
  const ahead = slotSteps(comparison, meets, (next) => only(" + '%'", () => then(next)));
  const behind = slotSteps(comparison, meets, (next) => then(next).or([text(" + '%'", () => then(next))]));
  return ahead.length === 0 ? [] : [...ahead, text("'%' + ", () => choice(behind))];
}
