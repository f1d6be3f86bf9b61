import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { Statement } from '../../tsql/ast.js';
import { canonicalParts, type CanonicalParts } from './canonical.js';
import { expressionsOf } from './names.js';

/** The first thing that a wrong statement gets wrong, in the order in which a reader would look. */
export const ERROR_KINDS = [
  'tables',
  'joins',
  'aggregate',
  'values',
  'dates',
  'columns',
  'order',
  'conditions',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** What differs first between a wrong statement and the expected one. */
export function errorKind(expected: Statement, found: Statement, index: SchemaIndex): ErrorKind {
  const [a, b] = [canonicalParts(expected, index), canonicalParts(found, index)];
  if (differ(a.tables, b.tables) || differ(leftTables(a), leftTables(b))) return 'tables';
  if (differ(a.joins, b.joins)) return 'joins';
  if (differ(shapesOf(a.select), shapesOf(b.select)) || a.groupBy.length !== b.groupBy.length)
    return 'aggregate';
  if (differ(literalsOf(expected), literalsOf(found))) return 'values';
  if (differ(datePartsOf(expected), datePartsOf(found))) return 'dates';
  if (!differ(shapesOf(a.where), shapesOf(b.where)))
    return differ(a.where, b.where) || differ(a.select, b.select) || differ(a.groupBy, b.groupBy)
      ? 'columns'
      : 'order';
  return 'conditions';
}

const differ = (a: readonly string[], b: readonly string[]): boolean =>
  a.length !== b.length || a.some((text, i) => text !== b[i]);

const leftTables = (parts: CanonicalParts): string[] =>
  parts.joins.flatMap((join) => /^left (\S+)/.exec(join)?.[1] ?? []);

/** The texts with a hole for every column. */
function shapesOf(texts: readonly string[]): string[] {
  return texts.map((text) => text.replace(/[^\s(,.']+(#\d+)?\.[^\s),]+/g, '_')).sort();
}

function literalsOf(statement: Statement): string[] {
  const found: string[] = [];
  for (const expression of expressionsOf(statement)) {
    if (expression.kind === 'string') found.push(expression.value);
    if (expression.kind === 'number') found.push(String(Number(expression.text)));
  }
  return found.sort();
}

function datePartsOf(statement: Statement): string[] {
  const found: string[] = [];
  for (const expression of expressionsOf(statement)) {
    if (expression.kind !== 'call') continue;
    if (expression.datepart) found.push(`${expression.name} ${expression.datepart.text.toLowerCase()}`);
    else if (['YEAR', 'MONTH', 'DAY', 'GETDATE', 'EOMONTH', 'DATEFROMPARTS'].includes(expression.name))
      found.push(expression.name);
  }
  return found.sort();
}
