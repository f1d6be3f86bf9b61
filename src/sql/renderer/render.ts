import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { RenderError } from '../errors.js';
import type { PlaceholderValue } from '../values.js';
import type { Expression, Placeholder, Statement } from '../../tsql/ast.js';
import type { Strictness } from '../validator/binder.js';
import { validate } from '../validator/validate.js';
import { writeLiteral } from './literal.js';
import { isSameTree } from './same-tree.js';

export interface Rendered {
  /** The statement with a literal in place of each placeholder. */
  sql: string;
  statement: Statement;
}

/**
 * Puts the exact values back into a statement. Each placeholder becomes a literal of the type that the expression beside it
 * needs. Then the whole statement is validated again, and its tree must be the same except for those literals.
 * @param sql a statement with placeholders, as the model writes it; it need not have been validated
 * @param sense whether values that leave no row are refused: `x BETWEEN 9 AND 2`; false by default
 * @throws RenderError if the statement is refused or a value cannot be written exactly
 */
export function render(
  sql: string,
  index: SchemaIndex,
  values: ReadonlyMap<string, PlaceholderValue>,
  { sense = false }: Pick<Strictness, 'sense'> = {},
): Rendered {
  const before = validate(sql, index, values);
  if (!before.ok || !before.statement) {
    const first = before.errors[0];
    throw new RenderError(
      'invalid-statement',
      `the statement is refused: ${first?.message ?? 'no reason given'}`,
    );
  }
  const literals = new Map<Placeholder, Expression>();
  let rendered = '';
  let from = 0;
  const uses = [...before.uses].sort((a, b) => a.node.start - b.node.start);
  for (const use of uses) {
    const literal = writeLiteral(values.get(use.node.name)!, use);
    literals.set(use.node, literal.tree);
    rendered += sql.slice(from, use.node.start);
    // Two minus signs in a row would start a comment.
    if (literal.sql.startsWith('-') && rendered.endsWith('-')) rendered += ' ';
    rendered += literal.sql;
    from = use.node.end;
  }
  rendered += sql.slice(from);

  const after = validate(rendered, index, undefined, { sense });
  // Two placeholders may have one value, which is idle but right.
  const fault = after.errors.find(({ code }) => /^sense-(?:empty|range)$|^(?!sense-)/.test(code));
  if (fault || !after.statement) {
    // The code and not the message, which may contain a value: messages go to logs.
    const reason = fault?.code ?? 'no reason given';
    throw new RenderError(
      'rendered-invalid',
      `a value of the question does not fit where the statement puts it: ${reason}`,
    );
  }
  if (!isSameTree(before.statement, after.statement, literals)) {
    throw new RenderError('tree-changed', 'the statement would mean something else with its values in it');
  }
  return { sql: rendered, statement: after.statement };
}
