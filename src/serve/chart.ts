import type { z } from 'zod';
import { children, type Expression, type Statement } from '../tsql/ast.js';
import { containsAggregate } from '../sql/validator/grouping.js';
import type { rowsShape } from './contract.js';

type Chart = NonNullable<z.infer<typeof rowsShape>['chart']>;

const TIMES = new Set(['YEAR', 'MONTH', 'DAY', 'DATEPART', 'DATENAME', 'DATETRUNC', 'EOMONTH']);

/**
 * How to draw a statement's rows: those of a measure for each group, such as a count per year.
 * @returns null unless the statement shows all that it groups by
 */
export function chartOf(statement: Statement, sql: string): Chart | null {
  const textOf = ({ start, end }: Expression): string =>
    sql.slice(start, end).replace(/\s+/g, '').toLowerCase();
  const shown = statement.items.map((item) => (item.kind === 'expression' ? item.expression : undefined));
  const isMeasure = (one: Expression | undefined): boolean => one !== undefined && containsAggregate(one);
  const value = shown.findIndex(isMeasure);
  const groups = new Set(statement.groupBy.map(textOf));
  const labels = shown.flatMap((one, i) => (one && groups.has(textOf(one)) ? [i] : []));
  const isWhole = labels.length === groups.size && labels.length > 0;
  if (!isWhole || value < 0 || labels.length > 2) return null;
  return { kind: labels.every((i) => isTime(shown[i]!)) ? 'line' : 'bar', labels, value };
}

function isTime(expression: Expression): boolean {
  if (expression.kind === 'column') return /(?:^|_)(?:year|month|date)(?:_|$)/i.test(expression.column.text);
  if (expression.kind === 'call' && TIMES.has(expression.name)) return true;
  if (expression.kind === 'cast' && expression.type === 'date') return true;
  return children(expression).some(isTime);
}
