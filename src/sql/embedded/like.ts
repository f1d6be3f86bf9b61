import type { Expression } from '../../tsql/ast.js';

/** The text of literals, also of literals joined by + or CONCAT; undefined for other expressions. */
export function constantText(node: Expression): string | undefined {
  if (node.kind === 'string') return node.value;
  if (node.kind === 'arithmetic' && node.operator === '+') return joined([node.left, node.right]);
  return node.kind === 'call' && node.name === 'CONCAT' ? joined(node.args) : undefined;
}

function joined(nodes: readonly Expression[]): string | undefined {
  const texts = nodes.map(constantText);
  return texts.includes(undefined) ? undefined : texts.join('');
}

/**
 * A pattern of LIKE (%, _, [set], [^set], ESCAPE) as a regular expression that matches the whole text.
 * Source: https://learn.microsoft.com/sql/t-sql/language-elements/like-transact-sql
 */
export function likeRegex(pattern: string, escape?: string): string {
  let regex = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === escape && i + 1 < pattern.length) regex += literal(pattern[++i]!);
    else if (c === '%') regex += '.*';
    else if (c === '_') regex += '.';
    else if (c !== '[') regex += literal(c);
    else {
      const end = pattern.indexOf(']', i + 1);
      // In SQL Server, a bracket that is never closed matches nothing.
      if (end < 0) return '(?!)';
      regex += set(pattern.slice(i + 1, end));
      i = end;
    }
  }
  return `^${regex}$`;
}

function literal(c: string): string {
  return /[A-Za-z0-9 ]/.test(c) || c > '\u007f' ? c : `\\${c}`;
}

function set(body: string): string {
  if (body === '' || body === '^') return '(?!)';
  const isNegated = body.startsWith('^');
  const members = [...(isNegated ? body.slice(1) : body)].map((c) => (c === '-' ? c : literal(c)));
  return `[${isNegated ? '^' : ''}${members.join('')}]`;
}
