import type { Datepart } from '../../tsql/dateparts.js';
import { choice, later, lazyChoice, only, text, type Choice, type Step } from './choice.js';
import { isDateKind, isNumberKind, type ColumnKind } from './column-kind.js';
import {
  condition,
  emptyIn,
  isFlagSaid,
  isKnownIn,
  isSaidIn,
  relatedIn,
  type AfterCondition,
  type PredicateRule,
} from './conditions.js';
import { namesTable } from './matches.js';
import { dateAddSteps, minus, slotStep, wholeSlots } from './moments.js';
import { numberRelation, type NumberSource } from './number-relations.js';
import { dateDiffSteps, datePartSteps, type AfterExpression } from './row-values.js';
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

const DIFFERENCE: NumberSource = 'difference';

/** One condition without AND, OR and parentheses; those with an unused placeholder come first. */
export function predicate(open: GrammarScope, rule: PredicateRule, andThen: AfterCondition): Choice {
  const then: AfterCondition = (next, written) => later(() => andThen(next.hiding([]), written));
  const scope = open.hiding(emptyIn(rule).flatMap((column) => open.emptyWith(column).columns));
  const unused = scope.unusedSlots;
  const canUse = (kind: ColumnKind): boolean => unused.some((slot) => canHold(kind, slot));
  const column = (next: GrammarScope, use: ColumnUse): Choice => columnRelation(next, use, rule, then);
  const difference = (next: GrammarScope, written: string): Choice =>
    numberRelation(next, written, DIFFERENCE, rule, then);
  if (rule.mustUse) {
    const differences = unused.some(meetsDifference) ? dateDiffSteps(scope, difference) : [];
    // `DATEADD(day, -__NUM_1__, GETDATE())` beside a date.
    const isCounted = scope.session.isPlain && unused.some(({ isWhole }) => isWhole);
    const canMeet = (kind: ColumnKind): boolean => canUse(kind) || (isCounted && isDateKind(kind));
    return lazyChoice(() => [...scope.columnSteps(canMeet, column, { first: canUse }), ...differences]);
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
    const parts = datePartSteps(scope, (next, written, head) =>
      numberRelation(next, written, head, rule, then),
    );
    const differences = dateDiffSteps(scope, difference);
    const isOnlyPlace = unused.some(meetsDifference) && !scope.hasColumn(canUse);
    return isOnlyPlace ? [...differences, ...columns, ...parts] : [...columns, ...parts, ...differences];
  }, hurried);
}

/** What may follow a column: a comparison, BETWEEN, IN, LIKE or IS NULL; those with an unused placeholder come first. */
function columnRelation(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  then: AfterCondition,
): Choice {
  const nulls = (mayBeNull(scope, use, rule) ? [' IS NULL', ' IS NOT NULL'] : [' IS NOT NULL']).map(
    (operator) => text(operator, () => then(scope, condition(use.text, operator))),
  );
  // The way out skips the slow part.
  const hurried = (): Choice => {
    const using =
      scope.isClosed && !scope.allUsed ? relationSteps(scope, use, { ...rule, mustUse: true }, then) : [];
    return choice(using.length > 0 ? using : nulls.slice(0, 1));
  };
  const make = (): Step[] => {
    const any = relationSteps(scope, use, rule, then);
    if (rule.mustUse) return any;
    if (!scope.isClosed || scope.allUsed) return [...nulls, ...any];
    const useful = new Set(
      relationSteps(scope, use, { ...rule, mustUse: true }, then).map((step) => step.text),
    );
    return [
      ...any.filter((step) => useful.has(step.text)),
      ...nulls,
      ...any.filter((step) => !useful.has(step.text)),
    ];
  };
  return rule.mustUse ? lazyChoice(make) : lazyChoice(make, hurried);
}

/**
 * Whether IS NULL may be said of the column: nothing else is, and every unused placeholder has another column, or the
 * statement could not be completed.
 */
function mayBeNull(scope: GrammarScope, use: ColumnUse, rule: PredicateRule): boolean {
  if (isKnownIn(rule, use.text) || scope.isFilled(use.text)) return false;
  if (!rule.isLastPlace) return true;
  const { columns: except, prefix, isNeeded } = scope.emptyWith(use.text);
  if (isNeeded) return false;
  if (prefix !== undefined) {
    // All columns of the table would be empty, so nothing else may need one.
    const others = rule.beside.flatMap(({ text, isEmpty }) => (isEmpty ? [] : [text]));
    if ([...others, ...(rule.selected ?? [])].some((text) => namesTable(text, prefix))) return false;
  }
  return scope.unusedSlots.every(
    (slot) =>
      scope.hasColumn((kind) => canHold(kind, slot), except) ||
      (meetsDifference(slot) && scope.hasColumn(isDateKind, except)),
  );
}

function relationSteps(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  then: AfterCondition,
): Step[] {
  const steps: Step[] = [];
  const after =
    (operator: string, toColumn = false): AfterExpression =>
    (next, right) =>
      then(next, condition(use.text, operator, right, toColumn));
  // Every date can be compared with GETDATE(): there is no need to look.
  const isDate = !rule.mustUse && scope.narrow(use, isDateKind) !== undefined;
  for (const relation of COMPARISONS) {
    const operator = ` ${relation} `;
    const isSettled = isSaidIn(rule, use.text, operator);
    const compared: Operands = {
      ...{ scope, use, relation, rule, isSettled },
      then: after(operator),
      thenColumn: after(operator, true),
    };
    if (isDate && !isSettled)
      steps.push(text(operator, () => operandChoice(compared, operandSteps(compared))));
    else {
      const operands = operandSteps(compared);
      if (operands.length > 0) steps.push(text(operator, () => operandChoice(compared, operands)));
    }
  }
  steps.push(...betweenSteps(scope, use, rule, then));
  for (const [operator, stepsOf] of LISTS_AND_PATTERNS) {
    const operands = stepsOf(scope, use, rule, after(operator));
    if (operands.length === 0) continue;
    const opposite = ` NOT${operator}`;
    if (!isSaidIn(rule, use.text, operator)) steps.push(text(operator, () => choice(operands)));
    if (!isSaidIn(rule, use.text, opposite))
      steps.push(text(opposite, () => choice(stepsOf(scope, use, rule, after(opposite)))));
  }
  return steps;
}

function operandSteps(compared: Operands): Step[] {
  const values = compared.isSettled ? [] : valueSteps(compared);
  if (compared.rule.mustUse) return values;
  return [...values, ...otherColumnSteps({ ...compared, then: compared.thenColumn })];
}

/** The operands of a comparison, whose way out uses a placeholder that is still unused. */
function operandChoice(compared: Operands, operands: readonly Step[]): Choice {
  const { rule } = compared;
  if (rule.mustUse || compared.scope.allUsed || compared.isSettled) return choice(operands);
  const using = valueSteps({ ...compared, rule: { ...rule, mustUse: true } });
  return using.length === 0
    ? choice(operands)
    : lazyChoice(
        () => operands,
        () => choice(using),
      );
}

const LISTS_AND_PATTERNS = [
  [' IN (', (scope, use, rule, then) => listSteps(scope, use, rule, [], then)],
  [' LIKE ', (scope, use, rule, then) => patternSteps(scope, use, rule, then)],
] as const satisfies readonly [
  string,
  (scope: GrammarScope, use: ColumnUse, rule: PredicateRule, then: AfterExpression) => Step[],
][];

interface Comparison {
  scope: GrammarScope;
  use: ColumnUse;
  relation: Relation;
  rule: PredicateRule;
  /** The placeholder on the other side of BETWEEN's AND. */
  except?: Slot | undefined;
  then: AfterExpression;
}

interface Operands extends Comparison {
  /** Whether the column was compared with a value in this way already; see `isSaidIn`. */
  isSettled: boolean;
  /** Continues after another column. */
  thenColumn: AfterExpression;
}

/** Values that a column may be compared with. */
function valueSteps(comparison: Comparison): Step[] {
  const { then } = comparison;
  return [
    ...slotSteps(comparison, meets, (next, slot) => then(next, slot.name)),
    ...computedSteps(comparison),
  ];
}

/** Computed values: GETDATE(), DATEADD(…), YEAR(…) [- n], and 1 and 0 for yes and no. */
function computedSteps(comparison: Comparison): Step[] {
  const { scope, use, relation, rule, then } = comparison;
  const { mustUse } = rule;
  const steps: Step[] = [];
  const years = slotSteps(comparison, meetsAsYear, (next, slot) =>
    only(')', () => then(next, `YEAR(${slot.name})`)),
  );
  const dated = scope.narrow(use, isDateKind);
  const yearly = scope.narrow(use, (kind) => kind.type === 'year');
  if (!mustUse && dated !== undefined) steps.push(text('GETDATE()', () => then(dated, 'GETDATE()')));
  if (yearly !== undefined && (!mustUse || wholeSlots(yearly, true).length > 0)) {
    const now = (): Choice => only(')', () => minus(yearly, mustUse, 'YEAR(GETDATE())', then));
    years.push(text('GETDATE()', now));
  }
  if (years.length > 0) steps.push(text('YEAR(', () => choice(years)));
  if (!mustUse && relation === '=') {
    const bits = isFlagSaid(rule, use.text) ? undefined : scope.narrow(use, (kind) => kind.isFlag);
    if (bits !== undefined) steps.push(...['1', '0'].map((bit) => text(bit, () => then(bits, bit))));
  }
  if (dated === undefined) return steps;
  const dates = (from: GrammarScope, mustUse: boolean, unit: Datepart, head: string): Step[] => {
    const close = (next: GrammarScope, date: string): Choice =>
      only(')', () => then(next, `${head}${date})`));
    const fits: Fits = (slot, kind, relation) => meetsShifted(slot, kind, relation, unit);
    const shifted = slotSteps(
      { ...comparison, scope: from, rule: { ...rule, mustUse } },
      fits,
      (next, slot) => close(next, slot.name),
    );
    if (mustUse) return shifted;
    const now = from.narrow(use, isDateKind)!;
    return [...shifted, text('GETDATE()', () => close(now, 'GETDATE()'))];
  };
  return [...steps, ...dateAddSteps(scope, mustUse, dates)];
}

type Fits = (slot: Slot, kind: ColumnKind, relation: Relation) => boolean;

/** Placeholders that fit the column in the given way, unused ones first. */
function slotSteps(
  { scope, use, relation, rule, except }: Comparison,
  fits: Fits,
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
function otherColumnSteps({ scope, use, relation, rule, then }: Comparison): Step[] {
  const { kind } = use.columns[0]!;
  const accepts = (other: ColumnKind): boolean => areKindsComparable(kind, other, relation);
  const narrowed = scope.narrow(use, (own) => own === kind || accepts(own));
  if (narrowed === undefined) return [];
  const except = [use.text, ...relatedIn(rule, use.text)];
  return narrowed.columnSteps(accepts, (next, other) => then(next, other.text), { except });
}

function betweenSteps(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  then: AfterCondition,
): Step[] {
  // Dates and years have GETDATE() as a second value; numbers need two placeholders.
  const numbers = scope.slots.filter((slot) => slot.shape === 'number').length;
  const bounded = scope.narrow(
    use,
    (kind) => isDateKind(kind) || kind.type === 'year' || (isNumberKind(kind) && numbers > 1),
  );
  if (bounded === undefined) return [];
  const high = (next: GrammarScope, low: string, except?: Slot): Choice => {
    const after: AfterExpression = (end, right) =>
      then(end, condition(use.text, ` BETWEEN ${low} AND `, right));
    const second: Comparison = {
      scope: next,
      use,
      relation: 'BETWEEN',
      rule: { ...rule, mustUse: false },
      except,
      then: after,
    };
    return only(' AND ', () => choice(valueSteps(second)));
  };
  const first: Comparison = { scope: bounded, use, relation: 'BETWEEN', rule, then: high };
  // Two amounts, but a second one that the column can take.
  const fits: Fits = (slot, kind) =>
    meets(slot, kind, 'BETWEEN') &&
    (!isNumberKind(kind) ||
      kind.type === 'year' ||
      scope.slots.some((other) => other !== slot && meets(other, kind, 'BETWEEN')));
  const low = (): Step[] => [
    ...slotSteps(first, fits, (next, slot) => high(next, slot.name, slot)),
    ...computedSteps(first),
  ];
  const isSure = !rule.mustUse && scope.narrow(use, isDateKind) !== undefined;
  return isSure || low().length > 0 ? [text(' BETWEEN ', () => choice(low()))] : [];
}

/** What follows `IN (`: different placeholders, and the `)`. */
function listSteps(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  listed: readonly Slot[],
  then: AfterExpression,
): Step[] {
  const candidates = (rule.mustUse ? scope.unusedSlots : scope.slots).filter(
    (slot) => !listed.includes(slot),
  );
  return candidates.flatMap((slot) => {
    const narrowed = scope.narrow(use, (kind) => meets(slot, kind, 'IN'));
    if (narrowed === undefined) return [];
    const after = (): Choice => {
      const next = narrowed.use(slot);
      const all = [...listed, slot];
      const more = listSteps(next, use, { ...rule, mustUse: false }, all, then);
      const close = text(')', () => then(next, `${all.map(({ name }) => name).join(', ')})`));
      return choice(more.length === 0 ? [close] : [close, text(', ', () => choice(more))]);
    };
    return [slotStep(slot, after)];
  });
}

/** `'%' + p + '%'`, `p + '%'`, `'%' + p`. */
function patternSteps(
  scope: GrammarScope,
  use: ColumnUse,
  rule: PredicateRule,
  then: AfterExpression,
): Step[] {
  const comparison: Comparison = { scope, use, relation: 'LIKE', rule, then };
  const end = " + '%'";
  const start = "'%' + ";
  const ahead = slotSteps(comparison, meets, (next, { name }) =>
    only(end, () => then(next, `${name}${end}`)),
  );
  if (ahead.length === 0) return [];
  const behind = (): Step[] =>
    slotSteps(comparison, meets, (next, { name }) =>
      then(next, `${start}${name}`).or([text(end, () => then(next, `${start}${name}${end}`))]),
    );
  return [...ahead, text(start, () => choice(behind()))];
}
