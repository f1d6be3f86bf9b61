import type { Expression } from '../../tsql/ast.js';
import { containsColumn } from './grouping.js';

/** What a condition is about: the side with a column. */
export function subjectOf(node: Expression): Expression | undefined {
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
export function claimOf(node: Expression): 'is' | 'isNot' | undefined {
  if (node.kind === 'in') return node.negated ? 'isNot' : 'is';
  if (node.kind !== 'comparison') return undefined;
  return node.operator === '=' ? 'is' : node.operator === '<>' ? 'isNot' : undefined;
}

export function claimedValues(node: Expression, subject: Expression): readonly Expression[] {
  if (node.kind === 'in') return node.items;
  if (node.kind !== 'comparison') return [];
  return [node.left === subject ? node.right : node.left];
}

export const MIRRORED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
