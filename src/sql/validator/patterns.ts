import type { Call, Expression, Like, Placeholder } from '../../tsql/ast.js';
import { functionNamed, type FunctionRow } from '../../tsql/functions.js';
import { isVerbatim, type PlaceholderCheck } from './placeholders.js';

/** The operands of `a + b` or CONCAT(a, b), which are joined into one text; undefined for other expressions. */
export function piecesOf(node: Expression): Expression[] | undefined {
  if (node.kind === 'arithmetic' && node.operator === '+') return [node.left, node.right];
  return isTextKept(node, 'joined') && node.args.length >= 2 ? node.args : undefined;
}

function isTextKept(node: Expression, how: FunctionRow['keepsText']): node is Call {
  return node.kind === 'call' && functionNamed(node.name).keepsText === how;
}

/** The placeholders whose text ends up in the pattern, directly or through functions and CASE. */
export function shownInPattern(node: Expression): Placeholder[] {
  if (node.kind === 'placeholder') return [node];
  if (node.kind === 'case') {
    const results = node.branches.map((branch) => branch.then);
    return (node.otherwise ? [...results, node.otherwise] : results).flatMap(shownInPattern);
  }
  const parts = isTextKept(node, 'passed') ? node.args : piecesOf(node);
  return parts?.flatMap(shownInPattern) ?? [];
}

/**
 * Reports text before a placeholder that would change the meaning of its value: an open `[`, which would make it a set
 * of characters, or an escape character at the end.
 */
export function checkPattern(check: PlaceholderCheck, { pattern, escape }: Like): void {
  let before = '';
  const visit = (node: Expression): void => {
    const pieces = piecesOf(node);
    if (pieces) return pieces.forEach(visit);
    if (node.kind === 'string') {
      before += node.value;
      return;
    }
    const fault = reachOf(before, escape?.value);
    if (fault)
      for (const inner of shownInPattern(node))
        if (isVerbatim(inner.name)) check.refuseAltering(inner, fault);
    before = '';
  };
  visit(pattern);
}

/** Names the part at the end of a pattern's text that would change the meaning of the next character. */
function reachOf(text: string, escape: string | undefined): string | undefined {
  let isOpen = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === escape) {
      if (i + 1 === text.length) return `the escape character ${c} before it`;
      i++;
    } else if (c === '[') isOpen = true;
    else if (c === ']') isOpen = false;
  }
  return isOpen ? "the open '[' before it" : undefined;
}
