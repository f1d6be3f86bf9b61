import type { PlaceholderInfo } from '../../data/placeholder.js';
import {
  children,
  topExpressionsOf,
  type Expression,
  type Placeholder,
  type Statement,
} from '../../tsql/ast.js';
import type { Datepart } from '../../tsql/dateparts.js';
import { datepartOf } from './parts.js';
import type { Problems } from './problems.js';

interface Kept {
  first: Placeholder;
  parts: Set<Datepart>;
}

/**
 * Refuses a day, a month or a quarter of which the statement keeps one part alone: `year_of_birth < YEAR(__DATE_1__)`
 * loses those who were born in that year, before that day. Two parts, the year among them, may be what was asked.
 */
export function checkKeptParts(
  statement: Statement,
  problems: Problems,
  placeholders: ReadonlyMap<string, PlaceholderInfo>,
): void {
  const kept = new Map<string, Kept>();
  const whole = new Set<string>();
  const years = new Set<string>();
  const visit = (node: Expression, part?: Datepart): void => {
    if (node.kind === 'placeholder') {
      if (part === undefined) whole.add(node.name);
      else if (part === 'year') years.add(node.name);
      if (part === undefined) return;
      const before = kept.get(node.name) ?? { first: node, parts: new Set() };
      before.parts.add(part);
      kept.set(node.name, before);
      return;
    }
    // `YEAR(x) = __DATE_1__` compares the same part of both.
    const beside = children(node).map(datepartOf).find(Boolean);
    for (const child of children(node)) visit(child, datepartOf(node) ?? beside);
  };
  for (const node of topExpressionsOf(statement)) visit(node);

  for (const [name, { first, parts }] of kept) {
    const kind = placeholders.get(name)?.kind;
    if (!name.startsWith('__DATE_') || kind === undefined || kind === 'year' || whole.has(name)) continue;
    const hasYear = parts.has('year') || years.size > 0;
    if (hasYear && [...parts].some((part) => part !== 'year')) continue;
    const unit = kind === 'month' || kind === 'quarter' ? kind : 'day';
    const [part] = parts;
    const message = `${name} is a whole ${unit}, and this keeps only its ${part}; compare it with a date column`;
    problems.add('sense-interval', first, message);
  }
}
