import { senseOf } from '../../data/schema/roles/sense.js';
import { children, type Comparison, type Expression, type Statement } from '../../tsql/ast.js';
import { expressionKey } from './grouping.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** Functions of a column that still say which row it names. */
const NAMING: ReadonlySet<string> = new Set([
  ...['UPPER', 'LOWER', 'LTRIM', 'RTRIM', 'REPLACE', 'LEFT', 'RIGHT', 'SUBSTRING', 'CONCAT', 'DATEADD'],
]);

/**
 * Refuses a join whose only equality is no equality of columns: `p.id = COALESCE(v.id, p.id)` holds wherever `v.id` is
 * missing, and `YEAR(p.x) = YEAR(v.x)` joins all rows of a year.
 */
export function checkConnections({ joins, where }: Statement, scope: Scope, problems: Problems): void {
  if (joins.length === 0) return;
  const conditions = [...joins.map(({ on }) => on), ...(where ? [where] : [])].flatMap(conjunctsOf);
  for (const one of conditions) if (repeatsRow(one, scope)) problems.add('sense-join', one, SAME_ROW);
  if (problems.list.some(({ code }) => code === 'unconnected-join')) return;
  for (const [i, { on }] of joins.entries()) {
    const connecting = conjunctsOf(on).filter((one) => connects(one, i + 1, scope));
    if (connecting.length > 0 && !connecting.every((one) => measures(one, scope))) continue;
    const name = scope.sources[i + 1]!.exposed;
    const message =
      connecting.length > 0
        ? `the ON of '${name}' equates amounts, which agree by chance; equate columns that name the same thing`
        : `the ON of '${name}' equates no columns as they are; write one of its columns = one of an earlier table`;
    problems.add('sense-join', on, message);
  }
}

const SAME_ROW = 'this finds each row of a table once more, in the same table; leave one of the two out';

/** `a.id = b.id`, where `id` tells apart the rows of the one table that a and b are. */
function repeatsRow(node: Expression, scope: Scope): boolean {
  if (node.kind !== 'comparison' || node.operator !== '=') return false;
  if (node.left.kind !== 'column' || node.right.kind !== 'column') return false;
  const [left, right] = [scope.resolved(node.left), scope.resolved(node.right)];
  if (left === undefined || right === undefined || left.source === right.source) return false;
  const { table, isPrimaryKey } = left.column;
  return isPrimaryKey && table.primaryKey.length === 1 && left.column.column === right.column.column;
}

/** An equality of two amounts, or of what agrees by chance as they do. */
function measures(node: Expression, scope: Scope): boolean {
  if (node.kind !== 'comparison') return false;
  const sense = senseOf(scope.index);
  return [node.left, node.right].every((side) => {
    const of = side.kind === 'cast' ? side.operand : side;
    const found = of.kind === 'column' ? scope.resolved(of) : undefined;
    return found !== undefined && sense.agreesByChance(found.column);
  });
}

function connects(node: Expression, source: number, scope: Scope): boolean {
  if (node.kind !== 'comparison' || node.operator !== '=') return false;
  if (!isPlain(node.left) || !isPlain(node.right)) return false;
  const [left, right] = [sourcesOf(node.left, scope), sourcesOf(node.right, scope)];
  const [own, other] = left.has(source) ? [left, right] : [right, left];
  return own.size === 1 && own.has(source) && other.size > 0 && !other.has(source);
}

function isPlain(node: Expression): boolean {
  switch (node.kind) {
    case 'call':
      return NAMING.has(node.name) && node.args.every(isPlain);
    case 'cast':
    case 'arithmetic':
      return children(node).every(isPlain);
    default:
      return node.kind === 'column' || node.kind === 'number' || node.kind === 'string';
  }
}

function sourcesOf(node: Expression, scope: Scope, into = new Set<number>()): Set<number> {
  if (node.kind === 'column') {
    const found = scope.resolved(node);
    if (found) into.add(found.source);
  }
  for (const child of children(node)) sourcesOf(child, scope, into);
  return into;
}

/** What IS NULL says of the columns that joins compare. */
export function checkMatches(statement: Statement, scope: Scope, problems: Problems): void {
  const { joins, where } = statement;
  const all = [...joins.map(({ on }) => on), ...(where ? [where] : [])].flatMap(conjunctsOf);
  if (!all.some((one) => absentIn(one, scope))) return;
  const keyOf = (node: Expression): string => expressionKey(scope, node);
  /** Columns that have a value in each row so far. */
  const filled = new Set(keysOf(0, scope));
  /** By the key of a table that may have no row: the places in FROM of those that have none with it. */
  const optional = new Map<string, readonly number[]>();
  /** Tables of which FULL JOIN finds a row in one at least. */
  const sides: (readonly [readonly number[], number])[] = [];
  let needed: Expression[] = [];
  const refuseNull = (conditions: readonly Expression[], keys: ReadonlySet<string>): void => {
    for (const one of conditions) {
      if (one.kind !== 'isNull' || one.negated || !keys.has(keyOf(one.operand))) continue;
      problems.add('sense-empty', one, 'every row has a value here: it is a key, or the join compares it');
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
    const own = keysOf(i + 1, scope);
    refuseNull(conditions, new Set([...filled, ...equated.map(keyOf), ...own]));
    const earlier = [...joins.slice(0, i).keys(), i];
    if (kind === 'inner') {
      for (const key of [...equated.map(keyOf), ...own]) filled.add(key);
      needed.push(...conditions);
      continue;
    }
    const compared = (isOwn: boolean): string[] =>
      equated.filter((column) => (scope.resolved(column)?.source === i + 1) === isOwn).map(keyOf);
    if (kind === 'left') {
      for (const key of [...compared(true), ...own]) optional.set(key, [i + 1]);
      continue;
    }
    // RIGHT and FULL JOIN leave rows of which the earlier tables have nothing.
    for (const key of filled) optional.set(key, earlier);
    if (kind === 'right') for (const key of compared(false)) optional.set(key, earlier);
    filled.clear();
    needed = [];
    for (const key of own) if (kind === 'right') filled.add(key);
    if (kind === 'full') {
      for (const key of own) optional.set(key, [i + 1]);
      sides.push([earlier, i + 1]);
    }
  }
  const conditions = where ? conjunctsOf(where) : [];
  refuseNull(conditions, filled);
  const missing = new Set<number>();
  for (const one of conditions) {
    const column = absentIn(one, scope);
    if (column === undefined || filled.has(keyOf(column))) continue;
    for (const source of optional.get(keyOf(column)) ?? []) {
      missing.add(source);
      if (sides.some(([earlier, own]) => missing.has(own) && earlier.every((side) => missing.has(side))))
        problems.add('sense-empty', one, 'no row lacks both sides of a FULL JOIN; write OR');
    }
  }
  for (const source of missing) {
    const name = scope.sources[source]!.exposed;
    for (const one of [...needed, ...conditions]) {
      if (!needsRowOf(one, source, scope)) continue;
      const message = `WHERE keeps the rows without a match in '${name}', and none of them meets this; move it to the ON of '${name}'`;
      problems.add('sense-empty', one, message);
    }
    // Who writes FULL JOIN shows both sides.
    if (sides.length === 0) checkShown(statement, source, scope, problems);
  }
}

/** `SELECT v.started … WHERE v.id IS NULL`: the rows that WHERE keeps have nothing of the table. */
function checkShown(
  { items, groupBy, orderBy }: Statement,
  source: number,
  scope: Scope,
  problems: Problems,
): void {
  const { exposed } = scope.sources[source]!;
  const message = `WHERE keeps the rows without a match in '${exposed}', so this is empty in each of them; name another table's column`;
  for (const item of items) {
    if (item.kind === 'star') {
      if (item.table?.text.toLowerCase() === exposed.toLowerCase())
        problems.add('sense-empty', item, message);
    } else if (isNullWithout(item.expression, source, scope))
      problems.add('sense-empty', item.expression, message);
  }
  for (const node of [...groupBy, ...orderBy.map(({ expression }) => expression)])
    if (isNullWithout(node, source, scope)) problems.add('sense-empty', node, message);
}

/** The columns of a table that its rows never lack, as `expressionKey` writes them. */
function keysOf(source: number, scope: Scope): string[] {
  const { table } = scope.sources[source]!;
  const sense = senseOf(scope.index);
  return (table === undefined ? [] : scope.index.columns(table))
    .filter((column) => sense.isAlwaysFilled(column))
    .map(({ column }) => `#${source}.${column.name.toLowerCase()}`);
}

function conjunctsOf(node: Expression): Expression[] {
  return node.kind === 'and' ? node.operands.flatMap(conjunctsOf) : [node];
}

/** The column that has no value where the condition holds: `x IS NULL`, `COALESCE(x, 0) = 0`. */
function absentIn(node: Expression, scope: Scope): Expression | undefined {
  if (node.kind === 'isNull') return node.negated ? undefined : node.operand;
  if (node.kind !== 'comparison' || node.operator !== '=') return undefined;
  for (const [call, value] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const) {
    if (call.kind !== 'call' || !FIRST_FILLED.has(call.name) || call.args.length !== 2) continue;
    const [column, instead] = call.args as [Expression, Expression];
    const isSame = expressionKey(scope, instead) === expressionKey(scope, value);
    if (column.kind === 'column' && isWritten(instead) && isSame) return column;
  }
  return undefined;
}

function isWritten(node: Expression): boolean {
  return node.kind === 'number' || node.kind === 'string';
}

/**
 * Whether the condition holds only where the table has a row.
 *
 * @param isDenied whether a NOT stands before it: what is compared with NULL is neither true nor false
 */
function needsRowOf(node: Expression, source: number, scope: Scope, isDenied = false): boolean {
  const isNull = (one: Expression): boolean => isNullWithout(one, source, scope);
  switch (node.kind) {
    case 'comparison':
      return isNull(node.left) || isNull(node.right) || failsWithout(node, source, scope, isDenied);
    case 'between':
    case 'in':
    case 'like':
      return isNull(node.operand);
    case 'isNull':
      return node.negated !== isDenied && isNull(node.operand);
    case 'not':
      return needsRowOf(node.operand, source, scope, !isDenied);
    case 'and':
    case 'or': {
      const needs = (operand: Expression): boolean => needsRowOf(operand, source, scope, isDenied);
      return (node.kind === 'or') === isDenied ? node.operands.some(needs) : node.operands.every(needs);
    }
    default:
      return false;
  }
}

/** Functions that return the first argument with a value, and those that make one of NULL. */
const FIRST_FILLED: ReadonlySet<string> = new Set(['COALESCE', 'ISNULL']);
const FILLING: ReadonlySet<string> = new Set([...FIRST_FILLED, 'CONCAT', 'CONCAT_WS']);

/** Whether a value is NULL in a row without the table. */
function isNullWithout(node: Expression, source: number, scope: Scope): boolean {
  if (node.kind === 'column') return scope.resolved(node)?.source === source;
  if (node.kind === 'case' || (node.kind === 'call' && FILLING.has(node.name)))
    return leftOf(node, source, scope) === 'NULL';
  return children(node).some((child) => isNullWithout(child, source, scope));
}

/** What is left of COALESCE or CASE in a row without the table: a literal, or NULL; undefined if that is not known. */
function leftOf(node: Expression, source: number, scope: Scope): Expression | 'NULL' | undefined {
  if (isWritten(node)) return node;
  if (node.kind === 'null') return 'NULL';
  if (node.kind === 'column') return isNullWithout(node, source, scope) ? 'NULL' : undefined;
  if (node.kind === 'call' && FIRST_FILLED.has(node.name)) {
    for (const arg of node.args) {
      const value = leftOf(arg, source, scope);
      if (value !== 'NULL') return value;
    }
    return 'NULL';
  }
  if (node.kind !== 'case' || node.operand) return undefined;
  if (!node.branches.every(({ when }) => needsRowOf(when, source, scope))) return undefined;
  return node.otherwise ? leftOf(node.otherwise, source, scope) : 'NULL';
}

/** Whether two values that are known in a row without the table make the comparison false. */
function failsWithout(node: Comparison, source: number, scope: Scope, isDenied: boolean): boolean {
  if (node.operator !== '=' && node.operator !== '<>') return false;
  if (isWritten(node.left) && isWritten(node.right)) return false;
  const [left, right] = [node.left, node.right].map((side) => leftOf(side, source, scope));
  if (left === undefined || right === undefined || left === 'NULL' || right === 'NULL') return false;
  if (left.kind !== right.kind) return false;
  const isEqual = expressionKey(scope, left).toLowerCase() === expressionKey(scope, right).toLowerCase();
  return isEqual === ((node.operator === '<>') !== isDenied);
}
