import type { Expression, Placeholder, Statement } from '../../tsql/ast.js';

/** Properties that say where a node is in the text, not what it is. */
const PLACES = new Set(['start', 'end', 'placeholders']);

/**
 * Whether two statements have the same tree, with each placeholder of the first replaced by its expression in
 * `literals`. Positions in the text are ignored; everything else must be equal, including the case of names.
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
