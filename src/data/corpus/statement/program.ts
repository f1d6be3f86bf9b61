import type { PlaceholderInfo, PlaceholderPrefix } from '../../placeholder.js';

/**
 * One statement as data: a typed program over the schema graph. Intents and conditions build it; `render.ts` writes it
 * as T-SQL and is the only place that assembles SQL text.
 *
 *     SELECT [DISTINCT] [TOP (n)] select FROM from[0] [INNER|LEFT JOIN from[i] ON … [AND where]] [WHERE where]
 *     [GROUP BY groupBy] [ORDER BY orderBy];
 */
export interface QueryProgram {
  distinct: boolean;
  top?: number | QueryValue | undefined;
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
  join?: QueryJoin | undefined;
}

export interface QueryJoin {
  kind: 'INNER' | 'LEFT';
  on: { left: SourceColumn; right: SourceColumn }[];
  /** Further conditions of the ON clause: an anti-join filters the rows that must not exist. */
  where?: QueryPredicate[] | undefined;
  /** True if the question says that there is such a row, although no condition needs it. */
  isSaid?: boolean | undefined;
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
  /** The columns that hold the value, as far as the vault can know: `table.column`, at most 3. */
  columns?: readonly string[] | undefined;
}

export type DateUnit = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'hour';
export type DatePart = 'year' | 'month' | 'quarter' | 'weekday';
export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export type QueryExpression =
  | { kind: 'star'; source: number }
  | { kind: 'column'; ref: SourceColumn }
  | { kind: 'value'; value: QueryValue }
  | { kind: 'number'; value: number }
  | { kind: 'now' }
  | { kind: 'count' }
  /** CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END: whether there is any row. */
  | { kind: 'anyRow' }
  /** 100.0 * SUM(CASE WHEN … THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0): the percentage of rows that satisfy all. */
  | { kind: 'share'; predicates: QueryPredicate[] }
  /** 1.0 * x, so that an average of whole numbers keeps its fraction. */
  | { kind: 'fractional'; of: QueryExpression }
  /** x - n */
  | { kind: 'minus'; of: QueryExpression; amount: number }
  /** DATEADD(unit, -n, GETDATE()): n of the question. */
  | { kind: 'ago'; unit: DateUnit; amount: QueryValue }
  | { kind: 'aggregate'; name: AggregateName; distinct: boolean; of: QueryExpression }
  /** SUM(CASE WHEN … THEN 1 ELSE 0 END): how many rows of the group satisfy the predicate. */
  | { kind: 'countIf'; predicate: QueryPredicate }
  | { kind: 'datePart'; part: DatePart; of: QueryExpression }
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

/** Every value of a program, in no particular order. */
export function valuesOfProgram(program: QueryProgram): QueryValue[] {
  const joined = program.from.flatMap(({ join }) => join?.where ?? []);
  return [
    ...(typeof program.top === 'object' ? [program.top] : []),
    ...program.select.flatMap(valuesIn),
    ...[...joined, ...program.where].flatMap(valuesOf),
    ...program.orderBy.flatMap(({ by }) => valuesIn(by)),
  ];
}

function valuesIn(expression: QueryExpression): QueryValue[] {
  switch (expression.kind) {
    case 'value':
      return [expression.value];
    case 'aggregate':
    case 'datePart':
    case 'fractional':
    case 'minus':
      return valuesIn(expression.of);
    case 'ago':
      return [expression.amount];
    case 'share':
      return expression.predicates.flatMap(valuesOf);
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
      case 'fractional':
      case 'minus':
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
      case 'share':
        return node.predicates.forEach(visit);
      case 'anyRow':
      case 'ago':
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
    join?.where?.forEach(visit);
  }
  for (const item of program.select) visit(item);
  for (const predicate of program.where) visit(predicate);
  for (const key of program.groupBy) visit(key);
  for (const { by } of program.orderBy) visit(by);
  return columns;
}
