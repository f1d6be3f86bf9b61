import { senseOf } from '../../data/schema/roles/sense.js';
import type { Expression } from '../../tsql/ast.js';
import { datepartNamed, type Datepart } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import type { Scope } from './scope.js';

/** The part of a date that a function computes: `year` for YEAR(x) and DATEPART(year, x). */
export function datepartOf(node: Expression): Datepart | undefined {
  if (node.kind !== 'call' || node.name === 'DATENAME') return undefined;
  const { part, datepart } = functionNamed(node.name);
  return datepart === 'read' && node.datepart ? datepartNamed(node.datepart.text) : part;
}

/** The part of a date that a number is: of a function, or of a column that holds one, as `month_of_birth` does. */
export function heldPart(node: Expression, scope: Scope): Datepart | undefined {
  if (node.kind === 'cast') return heldPart(node.operand, scope);
  if (node.kind !== 'column') return datepartOf(node);
  const found = scope.resolved(node);
  return found && senseOf(scope.index).of(found.column).part;
}
