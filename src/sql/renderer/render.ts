import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { RenderError } from '../errors.js';
import type { PlaceholderValue } from '../values.js';
import type { Expression, Placeholder, Statement } from '../validator/ast.js';
import { validate } from '../validator/validate.js';
import { writeLiteral } from './literal.js';
import { isSameTree } from './same-tree.js';

export interface Rendered {
  /** The statement with literals in the places of its placeholders. */
  sql: string;
  statement: Statement;
}

/**
 * Puts the exact values back into a statement. Each placeholder becomes the literal that the column beside it
 * asks for; then the whole statement is validated again and must have the same tree, with those literals in the
 * placeholders' places and nothing else changed. Otherwise nothing is returned.
 * @param sql a statement with placeholders, as the model writes it; it need not have been validated before.
 * @throws RenderError when the statement is refused, or a value cannot be written exactly.
 */
export function render(
  sql: string,
  index: SchemaIndex,
  values: ReadonlyMap<string, PlaceholderValue>,
): Rendered {
  const before = validate(sql, index, values);
  if (!before.ok || !before.statement) {
    const first = before.errors[0];
    throw new RenderError('invalid-statement', `the statement is refused: ${first?.message ?? 'no reason'}`);
  }
  const literals = new Map<Placeholder, Expression>();
  let rendered = '';
  let from = 0;
  const uses = [...before.uses].sort((a, b) => a.node.start - b.node.start);
  for (const use of uses) {
    const literal = writeLiteral(values.get(use.node.name)!, use);
    literals.set(use.node, literal.tree);
    rendered += sql.slice(from, use.node.start);
    // Two minus signs in a row would begin a comment.
    if (literal.sql.startsWith('-') && rendered.endsWith('-')) rendered += ' ';
    rendered += literal.sql;
    from = use.node.end;
  }
  rendered += sql.slice(from);

  const after = validate(rendered, index);
  if (!after.ok || !after.statement) {
    // Not the fault's own message: it may show a value, and messages go to logs.
    const reason = after.errors[0]?.code ?? 'no reason';
    throw new RenderError('rendered-invalid', `with its values the statement is refused: ${reason}`);
  }
  if (!isSameTree(before.statement, after.statement, literals)) {
    throw new RenderError('tree-changed', 'with its values the statement would mean something else');
  }
  return { sql: rendered, statement: after.statement };
}
