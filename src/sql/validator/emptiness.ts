import { senseOf, type Axis } from '../../data/schema/roles/sense.js';
import { children, type Call, type Case, type Expression, type Statement } from '../../tsql/ast.js';
import {
  ALL_NUMBERS,
  areAll,
  boundsOf,
  commonBounds,
  isNowhere,
  isWithin,
  numberIn,
  type Bounds,
} from '../../tsql/bounds.js';
import { DATEPARTS } from '../../tsql/dateparts.js';
import { rangeOf as rangeOfType } from '../../tsql/types.js';
import { isWholeNumber, type ValueType } from '../../tsql/value-type.js';
import { MIRRORED } from './claims.js';
import { containsAggregate, containsColumn, expressionKey } from './grouping.js';
import { checkMatches } from './matches.js';
import { heldPart } from './parts.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * Refuses a statement that can have no row, whatever the tables hold: `x > 5 AND x < 3`, the month 13, a key that an
 * INNER JOIN needs and that IS NULL, a row that a LEFT JOIN did not find and that meets a condition.
 */
export function checkEmptiness(statement: Statement, scope: Scope, problems: Problems): void {
  const nodes = [
    ...statement.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : [])),
    ...statement.joins.map(({ on }) => on),
    ...(statement.where ? [statement.where] : []),
  ];
  for (const node of nodes) visit(node, scope, problems);
  checkMatches(statement, scope, problems);
}

/** @param isChecked whether its range was looked at beside those of other conditions */
function visit(node: Expression, scope: Scope, problems: Problems, isChecked = false): void {
  switch (node.kind) {
    case 'column':
    case 'number':
    case 'string':
    case 'placeholder':
      return;
    case 'and': {
      const known = new Map<string, Bounds>();
      for (const one of node.operands) checkRange(one, known, scope, problems);
      break;
    }
    case 'case':
      for (const one of comparedIn(node)) checkRange(one, undefined, scope, problems);
      break;
    case 'or':
      checkAlways(node.operands, scope, problems);
      break;
    default:
      if (!isChecked) checkRange(node, undefined, scope, problems);
  }
  checkLengths(node, scope, problems);
  checkPattern(node, scope, problems);
  for (const child of children(node)) visit(child, scope, problems, node.kind === 'and');
}

/** @param known what the conditions that AND joins leave of each value so far */
function checkRange(
  condition: Expression,
  known: Map<string, Bounds> | undefined,
  scope: Scope,
  problems: Problems,
): void {
  const said = saidBy(condition, scope);
  if (said === undefined || problems.hasSenseAt(condition)) return;
  const range = rangeOf(said.of, scope);
  const key = known && expressionKey(scope, said.of);
  const before = key === undefined ? undefined : known?.get(key);
  const bounds = commonBounds(before ?? range, said.bounds);
  if (isNowhere(bounds)) problems.add('sense-empty', condition, reasonOf(said, range, before !== undefined));
  else {
    if (said.isWhole && isWithin(range, said.bounds))
      problems.add('sense-range', condition, `every row meets this: the value is ${rangeText(range)}`);
    if (key !== undefined) known?.set(key, bounds);
  }
  if (said.items && namesAll(said.items, said.of, range, scope))
    problems.add('sense-range', condition, `every row meets this: the value is ${rangeText(range)}`);
  for (const item of said.items ?? []) {
    const number = numberOf(item, said.of, scope);
    if (isNowhere(bounds) || number === undefined || isIn(range, number)) continue;
    problems.add('sense-empty', item, `no row has this value: it is ${rangeText(range)}`);
  }
}

/** `flag IN (0, 1)`: no value is left out. */
function namesAll(
  items: readonly Expression[],
  of: Expression,
  { low, high }: Bounds,
  scope: Scope,
): boolean {
  if (!(high - low < items.length)) return false;
  const numbers = new Set(items.map((item) => numberOf(item, of, scope)));
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).every((number) => numbers.has(number));
}

/** `x >= 3 OR x <= 10`: two bounds that leave no number out. */
function checkAlways(operands: readonly Expression[], scope: Scope, problems: Problems): void {
  const known = new Map<string, Bounds[]>();
  for (const operand of operands) {
    const said = operand.kind === 'comparison' ? saidBy(operand, scope) : undefined;
    if (said?.isWhole !== true) continue;
    const key = expressionKey(scope, said.of);
    const before = known.get(key) ?? [];
    if (before.some((bounds) => areAll(bounds, said.bounds)))
      problems.add('sense-idle', operand, 'every value meets this or what is said before; write AND');
    known.set(key, [...before, said.bounds]);
  }
}

/** `CASE x WHEN 1 …` as the comparisons that it makes. */
function comparedIn({ operand, branches }: Case): Expression[] {
  if (operand === undefined) return [];
  return branches.map(({ when }) => ({
    ...when,
    kind: 'comparison',
    operator: '=',
    left: operand,
    right: when,
  }));
}

interface Said {
  of: Expression;
  bounds: Bounds;
  /** Whether all numbers within the bounds meet the condition, and no others. */
  isWhole?: boolean | undefined;
  /** The values of a list. */
  items?: readonly Expression[] | undefined;
}

function reasonOf({ bounds }: Said, range: Bounds, isBeside: boolean): string {
  if (isNowhere(bounds)) return 'BETWEEN begins after its end, so it holds for no row';
  if (isBeside) return 'no value meets this and what is said before';
  return `no row meets this: the value is ${rangeText(range)}`;
}

function rangeText({ low, high }: Bounds): string {
  return high < Infinity ? `from ${low} to ${high}` : `at least ${low}`;
}

function isIn(range: Bounds, number: number): boolean {
  return isWithin({ ...ALL_NUMBERS, low: number, high: number }, range);
}

/** The range of numbers that a condition leaves to what it is about. */
export function saidBy(node: Expression, scope: Scope): Said | undefined {
  switch (node.kind) {
    case 'comparison': {
      const isMirrored = !isOfRow(node.left);
      const [of, value] = isMirrored ? [node.right, node.left] : [node.left, node.right];
      const number = numberOf(value, of, scope);
      if (!isOfRow(of) || number === undefined) return undefined;
      const bounds = boundsOf(isMirrored ? MIRRORED[node.operator] : node.operator, number);
      if (bounds) return { of, bounds, isWhole: true };
      const range = rangeOf(of, scope);
      return isIn(range, number) ? undefined : { of, bounds: range, isWhole: true };
    }
    case 'between': {
      if (node.negated || !isOfRow(node.operand)) return undefined;
      const of = node.operand;
      const [low, high] = [node.low, node.high].map((end) => numberOf(end, of, scope));
      const bounds = { ...ALL_NUMBERS, low: low ?? -Infinity, high: high ?? Infinity };
      return { of, bounds, isWhole: low !== undefined && high !== undefined };
    }
    case 'in': {
      const of = node.operand;
      const numbers = node.items
        .map((item) => numberOf(item, of, scope))
        .filter((number) => number !== undefined);
      if (node.negated || !isOfRow(of) || numbers.length < node.items.length) return undefined;
      return {
        of,
        bounds: { ...ALL_NUMBERS, low: Math.min(...numbers), high: Math.max(...numbers) },
        items: node.items,
      };
    }
    default:
      return undefined;
  }
}

function isOfRow(node: Expression): boolean {
  return containsColumn(node) || containsAggregate(node);
}

/** The number that a literal is beside such a value; in quotes too, where the server reads it as a number. */
function numberOf(value: Expression, of: Expression, scope: Scope): number | undefined {
  if (value.kind === 'string' && /^-?\d{1,4}$/.test(value.value) && heldPart(of, scope) !== undefined)
    return Number(value.value);
  return numberIn(value);
}

/** Years are written with four digits: `YEAR(x) > 65` takes an age for one. */
const YEARS: Bounds = { ...ALL_NUMBERS, low: 1000, high: 9999 };
/** Degrees. */
const AXES: Readonly<Record<Axis, Bounds>> = {
  latitude: { ...ALL_NUMBERS, low: -90, high: 90 },
  longitude: { ...ALL_NUMBERS, low: -180, high: 180 },
};
/** Functions whose value is never negative. */
const NOT_NEGATIVE: ReadonlySet<string> = new Set([
  ...['LEN', 'CHARINDEX', 'ABS', 'COUNT', 'COUNT_BIG'],
  ...['STDEV', 'STDEVP', 'VAR', 'VARP'],
]);

/** The numbers that an expression can have at all. */
function rangeOf(node: Expression, scope: Scope): Bounds {
  if (node.kind === 'call' && NOT_NEGATIVE.has(node.name)) {
    const longest = node.name === 'LEN' ? lengthOf(node.args[0]!, scope) : undefined;
    return { ...ALL_NUMBERS, low: 0, high: longest ?? Infinity };
  }
  const part = heldPart(node, scope);
  if (part === 'year') return YEARS;
  const column = node.kind === 'column' ? scope.resolved(node)?.column : undefined;
  const axis = column && senseOf(scope.index).of(column).axis;
  if (axis !== undefined) return AXES[axis];
  const type = column?.type;
  const range = (part && DATEPARTS[part].range) ?? (type && rangeOfType(type.base)?.map(Number));
  return range ? { ...ALL_NUMBERS, low: range[0]!, high: range[1]! } : ALL_NUMBERS;
}

/** A text that is longer than its column, a number with more decimals than it has. */
function checkLengths(node: Expression, scope: Scope, problems: Problems): void {
  const compared =
    node.kind === 'comparison' && node.operator === '='
      ? ([node.left, [node.right]] as const)
      : node.kind === 'in' && !node.negated
        ? ([node.operand, node.items] as const)
        : undefined;
  if (compared === undefined) return;
  const isMirrored = compared[0].kind === 'string' || compared[0].kind === 'number';
  const [of, values] = isMirrored ? [compared[1][0]!, [compared[0]]] : compared;
  for (const value of values) {
    if (value.kind === 'string') {
      const length = lengthOf(of, scope);
      const given = value.value.trimEnd().length;
      if (length !== undefined && given > length)
        problems.add('sense-empty', value, `no row has this text: it is longer than ${characters(length)}`);
      else if (length !== undefined && given < length && isCutAtAnEnd(of))
        problems.add(
          'sense-range',
          value,
          `${of.name} takes ${characters(length)}, and this text has ${given}: only texts as short as that equal it`,
        );
    } else if (value.kind === 'number' && of.kind === 'column') {
      const decimals = decimalsOf(scope.resolved(of)?.column.type);
      if (decimals !== undefined && (/\.\d*[1-9]/.exec(value.text)?.[0].length ?? 1) - 1 > decimals)
        problems.add(
          'sense-empty',
          value,
          `no row has this number: ${decimals === 0 ? 'they are whole' : `they have ${decimals} decimals`}`,
        );
    }
  }
}

/** `LEFT(code, 3)`; SUBSTRING may take more than there is, to have the rest. */
function isCutAtAnEnd(node: Expression): node is Call {
  return node.kind === 'call' && (node.name === 'LEFT' || node.name === 'RIGHT');
}

/** `sex LIKE 'fe%'` where a text has one character. */
function checkPattern(node: Expression, scope: Scope, problems: Problems): void {
  if (node.kind !== 'like' || node.negated || node.escape || node.pattern.kind !== 'string') return;
  const length = lengthOf(node.operand, scope);
  const least = node.pattern.value
    .replace(/\[[^\]]+\]/g, '_')
    .replaceAll('%', '')
    .trimEnd().length;
  if (length !== undefined && least > length)
    problems.add('sense-empty', node.pattern, `no row is like this: it is longer than ${characters(length)}`);
}

function characters(count: number): string {
  return `${count} character${count === 1 ? '' : 's'}`;
}

/** The digits after the point of numbers that are stored exactly. */
function decimalsOf(type: ValueType | undefined): number | undefined {
  if (type === undefined) return undefined;
  if (isWholeNumber(type)) return 0;
  return type.base === 'decimal' || type.base === 'numeric' ? (type.scale ?? 0) : undefined;
}

/** The most characters that a text can have. */
function lengthOf(node: Expression, scope: Scope): number | undefined {
  if (node.kind === 'column') {
    const type = scope.resolved(node)?.column.type;
    return type?.family === 'string' && typeof type.length === 'number' ? type.length : undefined;
  }
  if (node.kind !== 'call' || !/^(LEFT|RIGHT|SUBSTRING)$/.test(node.name)) return undefined;
  const length = node.args.at(-1);
  return length?.kind === 'number' && /^\d{1,5}$/.test(length.text) ? Number(length.text) : undefined;
}
