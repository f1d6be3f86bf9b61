import { children, type Expression, type OrderItem, type Statement } from '../../tsql/ast.js';
import { datepartNamed } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * A key that two expressions share if they mean the same: columns by what they refer to, not by their spelling. Outside
 * an aggregate, a grouped statement may use only expressions that it groups by.
 */
export function expressionKey(scope: Scope, node: Expression): string {
  switch (node.kind) {
    case 'column': {
      const found = scope.resolved(node);
      return found ? `#${found.source}.${found.column.column.name.toLowerCase()}` : '?';
    }
    case 'number':
      return node.text;
    case 'string':
      return `${node.national ? 'N' : ''}'${node.value.replaceAll("'", "''")}'`;
    case 'null':
      return 'NULL';
    case 'placeholder':
      return node.name;
    default:
      return `(${operatorKey(node)} ${children(node)
        .map((child) => expressionKey(scope, child))
        .join(' ')})`;
  }
}

function operatorKey(node: Expression): string {
  switch (node.kind) {
    case 'arithmetic':
    case 'comparison':
      return node.operator;
    case 'call': {
      const part = node.datepart ? (datepartNamed(node.datepart.text) ?? '?') : '';
      return `${node.name}${node.star ? '*' : ''}${node.distinct ? ' distinct' : ''} ${part}`;
    }
    case 'cast':
      return `cast ${node.type} ${node.style?.text ?? ''}`;
    case 'case':
      return `case ${node.operand ? 'of' : ''} ${node.branches.length} ${node.otherwise ? 'else' : ''}`;
    case 'between':
    case 'in':
    case 'like':
    case 'isNull':
      return `${node.negated ? 'not ' : ''}${node.kind}`;
    default:
      return node.kind;
  }
}

function isAggregate(node: Expression): boolean {
  return node.kind === 'call' && functionNamed(node.name).aggregate === true;
}

export function containsAggregate(node: Expression): boolean {
  return isAggregate(node) || children(node).some(containsAggregate);
}

export function containsColumn(node: Expression): boolean {
  return node.kind === 'column' || children(node).some(containsColumn);
}

/** Whether a statement is grouped: by GROUP BY, or by an aggregate that makes one group of all rows. */
export function isGrouped(statement: Statement, orderBy: readonly OrderItem[]): boolean {
  if (statement.groupBy.length > 0) return true;
  const selected = statement.items.some(
    (item) => item.kind === 'expression' && containsAggregate(item.expression),
  );
  return selected || orderBy.some((item) => containsAggregate(item.expression));
}

/** Reports columns of a grouped statement that are outside aggregates and not grouped by. */
export function checkGrouping(
  scope: Scope,
  problems: Problems,
  statement: Statement,
  ordered: readonly Expression[],
): void {
  const keys = new Set(statement.groupBy.map((node) => expressionKey(scope, node)));
  for (const item of statement.items) {
    if (item.kind === 'star') {
      problems.add('not-grouped', item, "'*' does not go with an aggregate or GROUP BY; name the columns");
    } else {
      const column = ungrouped(scope, keys, item.expression);
      if (column) problems.add('not-grouped', column, notGroupedMessage(statement, column));
    }
  }
  for (const node of ordered) {
    const column = ungrouped(scope, keys, node);
    if (column) problems.add('order-not-grouped', column, notGroupedMessage(statement, column));
  }
}

function notGroupedMessage(statement: Statement, column: Expression & { kind: 'column' }): string {
  const name = `${column.table ? column.table.text + '.' : ''}${column.column.text}`;
  const advice = statement.groupBy.length > 0 ? `add it to GROUP BY` : `add GROUP BY ${name}`;
  return `'${name}' is neither grouped by nor inside an aggregate; ${advice} or write MIN(${name})`;
}

/** The first column in the expression that is neither grouped by nor inside an aggregate. */
function ungrouped(
  scope: Scope,
  keys: ReadonlySet<string>,
  node: Expression,
): (Expression & { kind: 'column' }) | undefined {
  if (isAggregate(node) || keys.has(expressionKey(scope, node))) return undefined;
  if (node.kind === 'column') return scope.resolved(node) ? node : undefined;
  for (const child of children(node)) {
    const found = ungrouped(scope, keys, child);
    if (found) return found;
  }
  return undefined;
}
