import { children, type Expression, type Statement } from '../../tsql/ast.js';
import { ALL_NUMBERS, boundsOf, commonBounds, isNowhere, numberIn, type Bounds } from '../../tsql/bounds.js';
import { DATEPARTS, datepartNamed } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import { containsColumn, expressionKey } from './grouping.js';
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
  // RIGHT and FULL JOIN leave rows without a match on either side.
  if (statement.joins.every(({ kind }) => kind === 'inner' || kind === 'left'))
    checkMatches(statement, scope, problems);
}

function visit(node: Expression, scope: Scope, problems: Problems): void {
  const together = node.kind === 'and' ? node.operands : [node];
  const known = new Map<string, Bounds>();
  for (const condition of together) {
    const said = saidBy(condition);
    if (said === undefined) continue;
    const key = expressionKey(scope, said.of);
    const bounds = commonBounds(known.get(key) ?? rangeOf(said.of), said.bounds);
    if (isNowhere(bounds)) problems.add('sense-empty', condition, reasonOf(said, known.has(key)));
    else known.set(key, bounds);
  }
  for (const child of children(node)) visit(child, scope, problems);
}

interface Said {
  of: Expression;
  bounds: Bounds;
}

function reasonOf({ of, bounds }: Said, isBeside: boolean): string {
  if (isNowhere(bounds)) return 'BETWEEN begins after its end, so it holds for no row';
  if (isBeside) return 'no value meets this and what is said before';
  const { low, high } = rangeOf(of);
  return `no row meets this: the value is ${high < Infinity ? `from ${low} to ${high}` : `at least ${low}`}`;
}

/** The range of numbers that a condition leaves to what it is about. */
function saidBy(node: Expression): Said | undefined {
  switch (node.kind) {
    case 'comparison': {
      const isMirrored = !containsColumn(node.left);
      const [of, value] = isMirrored ? [node.right, node.left] : [node.left, node.right];
      const number = numberIn(value);
      if (!containsColumn(of) || number === undefined) return undefined;
      const bounds = boundsOf(isMirrored ? MIRRORED[node.operator] : node.operator, number);
      return bounds && { of, bounds };
    }
    case 'between': {
      if (node.negated || !containsColumn(node.operand)) return undefined;
      const [low = -Infinity, high = Infinity] = [numberIn(node.low), numberIn(node.high)];
      return { of: node.operand, bounds: { ...ALL_NUMBERS, low, high } };
    }
    case 'in': {
      const numbers = node.items.map(numberIn).filter((number) => number !== undefined);
      if (node.negated || !containsColumn(node.operand) || numbers.length < node.items.length)
        return undefined;
      return {
        of: node.operand,
        bounds: { ...ALL_NUMBERS, low: Math.min(...numbers), high: Math.max(...numbers) },
      };
    }
    default:
      return undefined;
  }
}

const MIRRORED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** The numbers that an expression can have at all. */
function rangeOf(node: Expression): Bounds {
  if (node.kind !== 'call') return ALL_NUMBERS;
  if (node.name === 'LEN') return { ...ALL_NUMBERS, low: 0 };
  const part =
    functionNamed(node.name).part ??
    (node.name === 'DATEPART' && node.datepart ? datepartNamed(node.datepart.text) : undefined);
  const range = part && DATEPARTS[part].range;
  return range ? { ...ALL_NUMBERS, low: range[0], high: range[1] } : ALL_NUMBERS;
}

/** What IS NULL says of the columns that joins compare. */
function checkMatches({ joins, where }: Statement, scope: Scope, problems: Problems): void {
  const keyOf = (node: Expression): string => expressionKey(scope, node);
  /** Columns that have a value in each row so far. */
  const filled = new Set<string>();
  /** By the key of a LEFT JOIN: its table, of which a row without a match has nothing. */
  const optional = new Map<string, number>();
  const needed: Expression[] = [];
  const refuseNull = (conditions: readonly Expression[], keys: ReadonlySet<string>): void => {
    for (const one of conditions) {
      if (one.kind !== 'isNull' || one.negated || !keys.has(keyOf(one.operand))) continue;
      problems.add('sense-empty', one, 'the join compares this column, so no row of it IS NULL');
    }
  };
  for (const [i, { kind, on }] of joins.entries()) {
    const conditions = conjunctsOf(on);
    const equated = conditions.flatMap((one) =>
      one.kind === 'comparison' &&
      one.operator === '=' &&
      one.left.kind === 'column' &&
      one.right.kind === 'column'
        ? [one.left, one.right]
        : [],
    );
    refuseNull(conditions, new Set([...filled, ...equated.map(keyOf)]));
    if (kind === 'inner') {
      for (const column of equated) filled.add(keyOf(column));
      needed.push(...conditions);
    } else {
      for (const column of equated)
        if (scope.resolved(column)?.source === i + 1) optional.set(keyOf(column), i + 1);
    }
  }
  const conditions = where ? conjunctsOf(where) : [];
  refuseNull(conditions, filled);
  const missing = new Set<number>();
  for (const one of conditions) {
    if (one.kind !== 'isNull' || one.negated || filled.has(keyOf(one.operand))) continue;
    const source = optional.get(keyOf(one.operand));
    if (source !== undefined) missing.add(source);
  }
  for (const source of missing) {
    const name = scope.sources[source]!.exposed;
    for (const one of [...needed, ...conditions]) {
      if (!needsRowOf(one, source, scope)) continue;
      const message = `WHERE keeps the rows without a match in '${name}', and none of them meets this; move it to the ON of '${name}'`;
      problems.add('sense-empty', one, message);
    }
  }
}

function conjunctsOf(node: Expression): Expression[] {
  return node.kind === 'and' ? node.operands.flatMap(conjunctsOf) : [node];
}

/** Whether the condition holds only where the table has a row. */
function needsRowOf(node: Expression, source: number, scope: Scope): boolean {
  switch (node.kind) {
    case 'comparison':
      return isNullWithout(node.left, source, scope) || isNullWithout(node.right, source, scope);
    case 'between':
    case 'in':
    case 'like':
      return isNullWithout(node.operand, source, scope);
    case 'isNull':
      return node.negated && isNullWithout(node.operand, source, scope);
    case 'or':
      return node.operands.every((operand) => needsRowOf(operand, source, scope));
    default:
      return false;
  }
}

/** Functions that make a value of NULL. */
const FILLING: ReadonlySet<string> = new Set(['COALESCE', 'ISNULL', 'CONCAT', 'CONCAT_WS']);

/** Whether a value is NULL in a row without the table. */
function isNullWithout(node: Expression, source: number, scope: Scope): boolean {
  if (node.kind === 'column') return scope.resolved(node)?.source === source;
  if (node.kind === 'case' || (node.kind === 'call' && FILLING.has(node.name))) return false;
  return children(node).some((child) => isNullWithout(child, source, scope));
}
