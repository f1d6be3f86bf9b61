import { senseOf } from '../../data/schema/roles/sense.js';
import { children, type Expression, type Statement } from '../../tsql/ast.js';
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
        ? `the ON of '${name}' equates amounts or dates, which agree by chance; equate columns that name the same thing`
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

/** An equality of two amounts, or of two dates. */
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
  if (!all.some((one) => one.kind === 'isNull' && !one.negated)) return;
  const keyOf = (node: Expression): string => expressionKey(scope, node);
  /** Columns that have a value in each row so far. */
  const filled = new Set(keysOf(0, scope));
  /** By the key of a table that LEFT JOIN adds: its place in FROM. A row without a match has nothing of it. */
  const optional = new Map<string, number>();
  const needed: Expression[] = [];
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
    if (kind === 'inner') {
      for (const key of [...equated.map(keyOf), ...own]) filled.add(key);
      needed.push(...conditions);
    } else {
      const compared = equated.filter((column) => scope.resolved(column)?.source === i + 1);
      for (const key of [...compared.map(keyOf), ...own]) optional.set(key, i + 1);
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
    checkShown(statement, source, scope, problems);
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
