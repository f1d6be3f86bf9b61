import { typeOfSpelling, type PlaceholderInfo, type PlaceholderPrefix } from '../../src/data/placeholder.js';
import type { SchemaColumn } from '../../src/data/schema/schema-index.js';
import type { VaultEntry } from '../../src/sql/vault/index.js';
import type { Expression } from '../../src/tsql/ast.js';

/** A placeholder of a date, and how long the time is that it stands for. */
export interface Period {
  name: string;
  unit: 'day' | 'month' | 'quarter' | 'year';
}

export function isLiteral(expression: Expression): boolean {
  const inner = expression.kind === 'negation' ? expression.operand : expression;
  return inner.kind === 'number' || inner.kind === 'string';
}

/** LOWER(x) as x: the database's collation compares without case. */
export function bare(expression: Expression): Expression {
  return expression.kind === 'call' && /^(LOWER|UPPER)$/.test(expression.name)
    ? expression.args[0]!
    : expression;
}

export function datePartCall(expression: Expression, name: string): Expression | undefined {
  return expression.kind === 'call' && expression.name === name ? expression.args[0] : undefined;
}

/** `YEAR(column) op number`. */
export function datePart(
  condition: Expression,
  name: string,
): { condition: Expression; column: Expression; value: string } | undefined {
  if (condition.kind !== 'comparison' || condition.right.kind !== 'number') return undefined;
  const column = datePartCall(condition.left, name);
  return column && { condition, column, value: condition.right.text };
}

export function after({ name, unit }: Period): string {
  return `DATEADD(${unit}, 1, ${name})`;
}

/** A date column compared with a period. `isPlain`: the column has no times, or the statement compared it as it is. */
export function interval(column: string, operator: string, period: Period, isPlain: boolean): string {
  const { name } = period;
  if (isPlain && period.unit === 'day') return `${column} ${operator} ${name}`;
  switch (operator) {
    case '=':
      return `${column} >= ${name} AND ${column} < ${after(period)}`;
    case '<>':
      return `(${column} < ${name} OR ${column} >= ${after(period)})`;
    case '<=':
      return `${column} < ${after(period)}`;
    case '>':
      return `${column} >= ${after(period)}`;
    default:
      return `${column} ${operator} ${name}`;
  }
}

/** The placeholder that the vault gave a value, or the one that it should give it. */
export function placeholderFor(
  value: string,
  kind: 'number' | 'string',
  column: SchemaColumn | undefined,
  entry: VaultEntry | undefined,
): [PlaceholderPrefix, string, Omit<PlaceholderInfo, 'name'>] {
  if (entry) {
    const { name, kind: known, type, columns } = entry as VaultEntry & { columns?: string[] };
    const prefix = /^__([A-Z]+)_/.exec(name)![1] as PlaceholderPrefix;
    return [prefix, entry.value, { kind: known, type, ...(columns && { columns }) }];
  }
  const isKey = column && (column.isPrimaryKey || column.isForeignKey || /id$/i.test(column.column.name));
  if (kind === 'number' || (column?.type.family === 'number' && /^\d+$/.test(value))) {
    const type = typeOfSpelling(value);
    return isKey ? ['ID', value, { kind: 'key', type }] : ['NUM', value, { kind: 'threshold', type }];
  }
  return isKey || /\d.*\d/.test(value)
    ? ['ID', value, { kind: 'key', type: 'varchar' }]
    : ['TEXT', value, { kind: 'quoted', type: 'varchar' }];
}
