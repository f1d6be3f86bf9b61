import type { Expression, Placeholder, Statement } from '../../tsql/ast.js';

/** Parts of a node that tell where it stands, not what it is. */
const PLACES = new Set(['start', 'end', 'placeholders']);

/**
 * Whether two statements have the same tree, where the first may hold a placeholder in the place of the expression
 * that `literals` names for it. Places in the text do not count; names and everything else do, to the letter.
 */
export function isSameTree(
  before: Statement,
  after: Statement,
  literals: ReadonlyMap<Placeholder, Expression>,
): boolean {
  const same = (a: unknown, b: unknown): boolean => {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
    if (isPlaceholder(a)) {
      const literal = literals.get(a);
      return literal !== undefined && same(literal, b);
    }
    const left = Object.entries(a).filter(([key]) => !PLACES.has(key));
    const right = new Map(Object.entries(b).filter(([key]) => !PLACES.has(key)));
    return (
      left.length === right.size &&
      left.every(([key, value]) => right.has(key) && same(value, right.get(key)))
    );
  };
  return same(before, after);
}

function isPlaceholder(node: object): node is Placeholder {
  return 'kind' in node && node.kind === 'placeholder';
}
