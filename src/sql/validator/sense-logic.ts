import type { Expression, Logical, Statement } from '../../tsql/ast.js';
import { claimedValues, claimOf, MIRRORED, subjectOf } from './claims.js';
import { containsColumn, expressionKey } from './grouping.js';
import { checkImplied } from './implied.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** Refuses conditions joined by AND or OR of which one decides nothing, or that never hold together. */
export function checkLogic(node: Logical, scope: Scope, problems: Problems): void {
  checkJoined(node.kind, joinedBy(node.kind, node), scope, problems);
}

/**
 * The same of conditions that stand in different clauses: what INNER JOINs and WHERE say holds together; what the ON of
 * another join says holds of the rows that it finds.
 */
export function checkClauses({ joins, where }: Statement, scope: Scope, problems: Problems): void {
  const kept = where ? joinedBy('and', where) : [];
  const inner = joins.flatMap(({ kind, on }) => (kind === 'inner' ? joinedBy('and', on) : []));
  checkJoined('and', [...inner, ...kept], scope, problems);
  // IS NULL is how WHERE keeps rows without a match.
  const isCompared = ({ kind }: Expression): boolean => kind !== 'isNull';
  for (const { kind, on } of joins)
    if (kind !== 'inner')
      checkJoined('and', [...joinedBy('and', on), ...kept].filter(isCompared), scope, problems);
}

/** The conditions that the same word joins, parentheses aside. */
function joinedBy(kind: Logical['kind'], node: Expression): Expression[] {
  return node.kind === kind ? node.operands.flatMap((one) => joinedBy(kind, one)) : [node];
}

function checkJoined(
  kind: Logical['kind'],
  operands: readonly Expression[],
  scope: Scope,
  problems: Problems,
): void {
  const open = operands.filter((one) => !problems.hasLogicAt(one));
  if (open.length < 2) return;
  checkOpposites(kind, open, scope, problems);
  if (kind === 'and') checkTogether(open, scope, problems);
  checkClaims(kind, open, scope, problems);
  const left = open.filter((one) => !problems.hasLogicAt(one));
  checkImplied(kind, left, scope, problems);
  checkAbsorbed(kind, left, scope, problems);
}

/** `a AND (a OR b)`, `a OR (a AND b)`: the longer one says nothing more. */
function checkAbsorbed(
  kind: Logical['kind'],
  operands: readonly Expression[],
  scope: Scope,
  problems: Problems,
): void {
  const other = kind === 'and' ? 'or' : 'and';
  const keys = new Set(operands.filter((one) => one.kind !== other).map((one) => keyOf(scope, one).key));
  for (const operand of operands) {
    if (operand.kind !== other) continue;
    if (joinedBy(other, operand).some((one) => containsColumn(one) && keys.has(keyOf(scope, one).key)))
      problems.add('sense-idle', operand, 'a part of this stands beside it, so the rest decides nothing');
  }
}

/** The same condition twice, and conditions of which never both hold, or always one. */
function checkOpposites(
  kind: Logical['kind'],
  operands: readonly Expression[],
  scope: Scope,
  problems: Problems,
): void {
  const seen = new Set<string>();
  const opposites = new Set<string>();
  const related = new Map<string, number>();
  for (const operand of operands) {
    if (!containsColumn(operand)) continue;
    const { key, sides, ways } = keyOf(scope, operand);
    if (seen.has(key)) {
      problems.add('sense-idle', operand, 'this condition stands here twice; remove one');
      continue;
    }
    const opposite = sides === undefined ? oppositeOf(operand) : undefined;
    const oppositeKey = opposite && keyOf(scope, opposite).key;
    const before = sides === undefined ? undefined : related.get(sides);
    const isOpposite = (oppositeKey !== undefined && seen.has(oppositeKey)) || opposites.has(key);
    const isNever = isOpposite || (before !== undefined && (before & ways) === 0);
    const isAlways = isOpposite || (before !== undefined && (before | ways) === ALL_WAYS);
    const isImplied = before !== undefined && ((before & ways) === before || (before & ways) === ways);
    if (kind === 'and' && isNever)
      problems.add('sense-empty', operand, 'this and its opposite never hold together');
    else if (kind === 'or' && isAlways)
      problems.add('sense-idle', operand, 'this and its opposite hold for every row, so they choose none');
    else if (isImplied)
      problems.add(
        'sense-idle',
        operand,
        'this and a condition before say the same of these two; write one of them',
      );
    seen.add(key);
    if (operand.kind === 'not') opposites.add(oppositeKey!);
    if (sides !== undefined)
      related.set(sides, before === undefined ? ways : kind === 'and' ? before & ways : before | ways);
  }
}

/** How two values may be related: less, equal, more. */
const WAYS = { '<': 1, '=': 2, '>': 4, '<=': 3, '<>': 5, '>=': 6 } as const;
const ALL_WAYS = 7;

/**
 * The same key for what means the same: `x < 5` and `5 > x`, `NOT x = 1` and `x <> 1`, `x IN (1)` and `x = 1`, `a OR b` and
 * `b OR a`.
 */
function keyOf(scope: Scope, node: Expression): { key: string; sides?: string; ways: number } {
  switch (node.kind) {
    case 'comparison': {
      const [left, right] = [expressionKey(scope, node.left), expressionKey(scope, node.right)];
      const [first, second, operator] =
        left <= right ? [left, right, node.operator] : [right, left, MIRRORED[node.operator]];
      return { key: `${first} ${operator} ${second}`, sides: `${first} ${second}`, ways: WAYS[operator] };
    }
    case 'not': {
      const opposite = oppositeOf(node.operand);
      return opposite ? keyOf(scope, opposite) : { key: `not ${keyOf(scope, node.operand).key}`, ways: 0 };
    }
    case 'in': {
      const items = [...new Set(node.items.map((item) => expressionKey(scope, item)))].sort();
      const [only] = node.items;
      if (items.length === 1)
        return keyOf(scope, {
          ...{ kind: 'comparison', start: node.start, end: node.end },
          ...{ operator: node.negated ? '<>' : '=', left: node.operand, right: only! },
        });
      const of = expressionKey(scope, node.operand);
      return { key: `${of} ${node.negated ? 'not ' : ''}in ${items.join()}`, ways: 0 };
    }
    case 'and':
    case 'or': {
      const keys = joinedBy(node.kind, node).map((one) => keyOf(scope, one).key);
      return { key: `(${[...new Set(keys)].sort().join(` ${node.kind} `)})`, ways: 0 };
    }
    default:
      return { key: expressionKey(scope, node), ways: 0 };
  }
}

/** `x = 1 AND x IN (2, 3)`: no value is in both; `x <> 1 OR x <> 2`: each row differs from one. */
function checkClaims(
  kind: Logical['kind'],
  operands: readonly Expression[],
  scope: Scope,
  problems: Problems,
): void {
  const said = new Map<string, ReadonlySet<string>[]>();
  for (const operand of operands) {
    const of = subjectOf(operand);
    if (of === undefined || claimOf(operand) !== (kind === 'and' ? 'is' : 'isNot')) continue;
    const values = claimedValues(operand, of);
    if (values.some(containsColumn)) continue;
    const key = expressionKey(scope, of);
    const texts = new Set(values.map((value) => expressionKey(scope, value)));
    const before = said.get(key) ?? [];
    const isApart = before.some((others) => [...texts].every((text) => !others.has(text)));
    if (isApart && kind === 'and')
      problems.add('sense-empty', operand, 'no value equals both; write OR, or IN (…)');
    else if (isApart)
      problems.add('sense-idle', operand, 'every row differs from one of them; write AND, or NOT IN (…)');
    said.set(key, [...before, texts]);
  }
}

/** Conditions on one column that no value meets together: IS NULL and any other. */
function checkTogether(operands: readonly Expression[], scope: Scope, problems: Problems): void {
  const empty = new Set<string>();
  const compared = new Set<string>();
  for (const operand of operands) {
    const of = subjectOf(operand);
    if (of === undefined || !containsColumn(of)) continue;
    const key = expressionKey(scope, of);
    const isEmpty = operand.kind === 'isNull' && !operand.negated;
    if (isEmpty) empty.add(key);
    else compared.add(key);
    if (empty.has(key) && compared.has(key))
      problems.add('sense-empty', operand, 'a column that IS NULL meets no other condition');
  }
}

const INVERSE = { '=': '<>', '<>': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;
/** The condition that holds where this one does not, NULL aside. */
function oppositeOf(node: Expression): Expression | undefined {
  switch (node.kind) {
    case 'comparison':
      return { ...node, operator: INVERSE[node.operator] };
    case 'isNull':
    case 'between':
    case 'in':
    case 'like':
      return { ...node, negated: !node.negated };
    case 'not':
      return node.operand;
    default:
      return undefined;
  }
}
