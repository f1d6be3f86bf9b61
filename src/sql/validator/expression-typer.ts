import type { Expression } from '../../tsql/ast.js';
import type { ValueType } from '../../tsql/value-type.js';
import type { ConstantDays } from './constant-days.js';
import type { Constants } from './constants.js';
import type { Operand } from './operands.js';
import type { PlaceholderCheck } from './placeholders.js';
import type { Problems } from './problems.js';

/** The clause that an expression is in, which decides whether aggregates are allowed. */
export type Clause = 'SELECT' | 'ON' | 'WHERE' | 'GROUP BY' | 'ORDER BY';

/** What the checks of function calls need of the typer (typing.ts), which calls them. */
export interface ExpressionTyper {
  readonly problems: Problems;
  readonly placeholders: PlaceholderCheck;
  readonly constants: Constants;
  readonly days: ConstantDays;
  clause: Clause;
  /** Set while the argument of an aggregate is typed. */
  insideAggregate: boolean;
  /** An expression with its type; a placeholder without a typed neighbour is still open. */
  operand(node: Expression): Operand;
  /** The type of a value; an open placeholder takes the type of its value. */
  settled(node: Expression): ValueType;
}
