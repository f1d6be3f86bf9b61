import type { PlaceholderInfo, PlaceholderPrefix } from '../../placeholder.js';

/**
 * One statement as data: a typed program over the schema graph. Intents and conditions build it; `render.ts` writes it
 * as T-SQL and is the only place that assembles SQL text.
 *
 *     SELECT [DISTINCT] [TOP (n)] select FROM from[0] [INNER|LEFT JOIN from[i] ON …] [WHERE where]
 *     [GROUP BY groupBy] [ORDER BY orderBy];
 */
export interface QueryProgram {
  distinct: boolean;
  top?: number | undefined;
  select: QueryExpression[];
  /** The first source follows FROM; each later one is joined to an earlier one. */
  from: QuerySource[];
  /** Joined by AND. */
  where: QueryPredicate[];
  groupBy: QueryExpression[];
  orderBy: { by: QueryExpression; direction: 'ASC' | 'DESC' }[];
}

export interface QuerySource {
  table: string;
  join?: { kind: 'INNER' | 'LEFT'; on: { left: SourceColumn; right: SourceColumn }[] } | undefined;
}

/** A column of the program's source number `source`. */
export interface SourceColumn {
  source: number;
  column: string;
}

/**
 * A value of the question. It gets its name (`__ID_1__`) when the question is written, because placeholders are
 * numbered in the order of the question.
 */
export interface QueryValue extends PlaceholderInfo {
  prefix: PlaceholderPrefix;
  /** As spelled in the raw question: `March 5, 2024`, `'Smith'`. */
  text: string;
  /** The normalised value, if it differs from the spelling (by the vault's conventions). */
  value?: string;
}

export type DateUnit = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'hour';
export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export type QueryExpression =
  | { kind: 'star'; source: number }
  | { kind: 'column'; ref: SourceColumn }
  | { kind: 'value'; value: QueryValue }
  | { kind: 'number'; value: number }
  | { kind: 'now' }
  | { kind: 'count' }
  /** `isWhole`: T-SQL would cut an average of whole numbers to a whole number, so `1.0 *` comes first. */
  | { kind: 'aggregate'; name: AggregateName; distinct: boolean; isWhole?: true; of: QueryExpression }
  /** SUM(CASE WHEN … THEN 1 ELSE 0 END): how many rows of the group satisfy the predicate. */
  | { kind: 'countIf'; predicate: QueryPredicate }
  | { kind: 'datePart'; part: 'year' | 'month' | 'quarter' | 'weekday'; of: QueryExpression }
  | { kind: 'dateDiff'; unit: DateUnit; from: QueryExpression; to: QueryExpression }
  | { kind: 'dateAdd'; unit: DateUnit; amount: number; to: QueryExpression };

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type QueryPredicate =
  | { kind: 'compare'; left: QueryExpression; operator: ComparisonOperator; right: QueryExpression }
  | { kind: 'between'; of: QueryExpression; low: QueryExpression; high: QueryExpression }
  | { kind: 'in'; of: QueryExpression; values: QueryValue[]; negated: boolean }
  | {
      kind: 'like';
      of: QueryExpression;
      match: 'starts' | 'ends' | 'contains';
      value: QueryValue;
      negated: boolean;
    }
  | { kind: 'null'; of: QueryExpression; negated: boolean }
  | { kind: 'any'; of: QueryPredicate[] };

export function column(source: number, name: string): QueryExpression {
  return { kind: 'column', ref: { source, column: name } };
}

export function aggregateOf(name: AggregateName, of: QueryExpression, distinct = false): QueryExpression {
  return { kind: 'aggregate', name, distinct, of };
}

export function compare(
  left: QueryExpression,
  operator: ComparisonOperator,
  right: QueryExpression,
): QueryPredicate {
  return { kind: 'compare', left, operator, right };
}

/** Every value of a predicate, in the order in which SQL writes them and as often. */
export function valuesOf(predicate: QueryPredicate): QueryValue[] {
  switch (predicate.kind) {
    case 'compare':
      return [...valuesIn(predicate.left), ...valuesIn(predicate.right)];
    case 'between':
      return [predicate.of, predicate.low, predicate.high].flatMap(valuesIn);
    case 'in':
      return [...valuesIn(predicate.of), ...predicate.values];
    case 'like':
      return [predicate.value];
    case 'null':
      return valuesIn(predicate.of);
    case 'any':
      return predicate.of.flatMap(valuesOf);
  }
}

function valuesIn(expression: QueryExpression): QueryValue[] {
  switch (expression.kind) {
    case 'value':
      return [expression.value];
    case 'aggregate':
    case 'datePart':
      return valuesIn(expression.of);
    case 'dateDiff':
      return [...valuesIn(expression.from), ...valuesIn(expression.to)];
    case 'dateAdd':
      return valuesIn(expression.to);
    case 'countIf':
      return valuesOf(expression.predicate);
    default:
      return [];
  }
}

/** The program's tables, each with the columns that the program mentions. */
export function columnsOf(program: QueryProgram): Map<string, Set<string>> {
  const columns = new Map(program.from.map((source) => [source.table, new Set<string>()]));
  const add = ({ source, column }: SourceColumn): void => {
    columns.get(program.from[source]!.table)!.add(column);
  };
  const visit = (node: QueryExpression | QueryPredicate): void => {
    switch (node.kind) {
      case 'column':
        return add(node.ref);
      case 'compare':
        visit(node.left);
        return visit(node.right);
      case 'between':
        visit(node.of);
        visit(node.low);
        return visit(node.high);
      case 'aggregate':
      case 'datePart':
      case 'in':
      case 'like':
      case 'null':
        return visit(node.of);
      case 'countIf':
        return visit(node.predicate);
      case 'dateDiff':
        visit(node.from);
        return visit(node.to);
      case 'dateAdd':
        return visit(node.to);
      case 'any':
        return node.of.forEach(visit);
      case 'star':
      case 'value':
      case 'number':
      case 'now':
      case 'count':
    }
  };
  for (const { join } of program.from) {
    for (const { left, right } of join?.on ?? []) {
      add(left);
      add(right);
    }
  }
  for (const item of program.select) visit(item);
  for (const predicate of program.where) visit(predicate);
  for (const key of program.groupBy) visit(key);
  for (const { by } of program.orderBy) visit(by);
  return columns;
}
