import type { Expression, Logical } from '../../tsql/ast.js';
import { containsColumn, expressionKey } from './grouping.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** Refuses conditions joined by AND or OR of which one decides nothing, or that never hold together. */
export function checkLogic(node: Logical, scope: Scope, problems: Problems): void {
  checkOpposites(node, scope, problems);
  if (node.kind === 'and') checkTogether(node, scope, problems);
  checkClaims(node, scope, problems);
}

/** The same condition twice, and conditions of which never both hold, or always one. */
function checkOpposites(node: Logical, scope: Scope, problems: Problems): void {
  const seen = new Set<string>();
  const opposites = new Set<string>();
  const related = new Map<string, number>();
  for (const operand of node.operands) {
    if (!containsColumn(operand)) continue;
    const { key, sides, ways } = keyOf(scope, operand);
    if (seen.has(key)) {
      problems.add('sense-idle', operand, 'this condition stands here twice; remove one');
      continue;
    }
    const opposite = operand.kind === 'comparison' ? undefined : oppositeOf(operand);
    const oppositeKey = opposite && keyOf(scope, opposite).key;
    const before = sides === undefined ? undefined : related.get(sides);
    const isOpposite = (oppositeKey !== undefined && seen.has(oppositeKey)) || opposites.has(key);
    const isNever = isOpposite || (before !== undefined && (before & ways) === 0);
    const isAlways = isOpposite || (before !== undefined && (before | ways) === ALL_WAYS);
    if (node.kind === 'and' && isNever)
      problems.add('sense-empty', operand, 'this and its opposite never hold together');
    else if (node.kind === 'or' && isAlways)
      problems.add('sense-idle', operand, 'this and its opposite hold for every row, so they choose none');
    seen.add(key);
    if (operand.kind === 'not') opposites.add(oppositeKey!);
    if (sides !== undefined)
      related.set(sides, before === undefined ? ways : node.kind === 'and' ? before & ways : before | ways);
  }
}

/** How two values may be related: less, equal, more. */
const WAYS = { '<': 1, '=': 2, '>': 4, '<=': 3, '<>': 5, '>=': 6 } as const;
const ALL_WAYS = 7;

/** Both `x < 5` and `5 > x` as the one that begins with the lesser of its sides. */
function keyOf(scope: Scope, node: Expression): { key: string; sides?: string; ways: number } {
  if (node.kind !== 'comparison') return { key: expressionKey(scope, node), ways: 0 };
  const [left, right] = [expressionKey(scope, node.left), expressionKey(scope, node.right)];
  const [first, second, operator] =
    left <= right ? [left, right, node.operator] : [right, left, MIRRORED[node.operator]];
  return { key: `${first} ${operator} ${second}`, sides: `${first} ${second}`, ways: WAYS[operator] };
}

/** `x = 1 AND x IN (2, 3)`: no value is in both; `x <> 1 OR x <> 2`: each row differs from one. */
function checkClaims(node: Logical, scope: Scope, problems: Problems): void {
  const said = new Map<string, ReadonlySet<string>[]>();
  for (const operand of node.operands) {
    const of = subjectOf(operand);
    if (of === undefined || claimOf(operand) !== (node.kind === 'and' ? 'is' : 'isNot')) continue;
    const values = valuesOf(operand, of);
    if (values.some(containsColumn)) continue;
    const key = expressionKey(scope, of);
    const texts = new Set(values.map((value) => expressionKey(scope, value)));
    const before = said.get(key) ?? [];
    const isApart = before.some((others) => [...texts].every((text) => !others.has(text)));
    if (isApart && node.kind === 'and')
      problems.add('sense-empty', operand, 'no value equals both; write OR, or IN (…)');
    else if (isApart)
      problems.add('sense-idle', operand, 'every row differs from one of them; write AND, or NOT IN (…)');
    said.set(key, [...before, texts]);
  }
}

/** Conditions on one column that no value meets together: IS NULL and any other. */
function checkTogether(node: Logical, scope: Scope, problems: Problems): void {
  const empty = new Set<string>();
  const compared = new Set<string>();
  for (const operand of node.operands) {
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

/** What a condition is about: the side with a column. */
function subjectOf(node: Expression): Expression | undefined {
  switch (node.kind) {
    case 'comparison':
      return containsColumn(node.left) ? node.left : node.right;
    case 'isNull':
    case 'between':
    case 'in':
    case 'like':
      return node.operand;
    default:
      return undefined;
  }
}

/** Whether the condition says that its subject is one of some values, or none of them. */
function claimOf(node: Expression): 'is' | 'isNot' | undefined {
  if (node.kind === 'in') return node.negated ? 'isNot' : 'is';
  if (node.kind !== 'comparison') return undefined;
  return node.operator === '=' ? 'is' : node.operator === '<>' ? 'isNot' : undefined;
}

function valuesOf(node: Expression, subject: Expression): readonly Expression[] {
  if (node.kind === 'in') return node.items;
  if (node.kind !== 'comparison') return [];
  return [node.left === subject ? node.right : node.left];
}

export const MIRRORED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** The condition that holds where this one does not, NULL aside. */
function oppositeOf(node: Expression): Expression | undefined {
  switch (node.kind) {
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
