import type { PlaceholderInfo, PlaceholderPrefix } from '../../placeholder.js';

/**
 * One statement as data: a typed program over the schema graph. The families build programs, `render.ts` writes
 * them as T-SQL; no SQL text is glued together anywhere else.
 *
 *     SELECT [DISTINCT] [TOP (n)] select FROM from[0] [INNER|LEFT JOIN from[i] ON …] [WHERE where]
 *     [GROUP BY groupBy] [ORDER BY orderBy];
 */
export interface Program {
  distinct: boolean;
  top?: number;
  select: Expression[];
  /** The first source stands after FROM, each further one is joined to a source before it. */
  from: Source[];
  /** Joined by AND. */
  where: Predicate[];
  groupBy: Expression[];
  orderBy: { by: Expression; direction: 'ASC' | 'DESC' }[];
}

export interface Source {
  table: string;
  join?: { kind: 'INNER' | 'LEFT'; on: { left: ColumnRef; right: ColumnRef }[] };
}

/** A column of the program's n-th source. */
export interface ColumnRef {
  source: number;
  column: string;
}

/**
 * A value that the question holds. Its name (`__ID_1__`) is given when the question is written, because
 * placeholders are numbered in the order in which the question says them.
 */
export interface Value extends PlaceholderInfo {
  prefix: PlaceholderPrefix;
  /** The spelling in the raw question: `March 5, 2024`, `'Smith'`. */
  text: string;
  /** The normalised value where it differs from the spelling (same conventions as the vault's). */
  value?: string;
}

export type DateUnit = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'hour';
export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export type Expression =
  | { kind: 'star'; source: number }
  | { kind: 'column'; ref: ColumnRef }
  | { kind: 'value'; value: Value }
  | { kind: 'number'; value: number }
  | { kind: 'now' }
  | { kind: 'count' }
  | { kind: 'aggregate'; name: AggregateName; distinct: boolean; of: Expression }
  /** SUM(CASE WHEN … THEN 1 ELSE 0 END): the rows of the group for which the predicate holds. */
  | { kind: 'countIf'; predicate: Predicate }
  | { kind: 'datePart'; part: 'year' | 'month' | 'quarter' | 'weekday'; of: Expression }
  | { kind: 'dateDiff'; unit: DateUnit; from: Expression; to: Expression }
  | { kind: 'dateAdd'; unit: DateUnit; amount: number; to: Expression };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Predicate =
  | { kind: 'compare'; left: Expression; operator: Comparison; right: Expression }
  | { kind: 'between'; of: Expression; low: Expression; high: Expression }
  | { kind: 'in'; of: Expression; values: Value[]; negated: boolean }
  | { kind: 'like'; of: Expression; match: 'starts' | 'ends' | 'contains'; value: Value; negated: boolean }
  | { kind: 'null'; of: Expression; negated: boolean }
  | { kind: 'any'; of: Predicate[] };

export function column(source: number, name: string): Expression {
  return { kind: 'column', ref: { source, column: name } };
}

export function aggregate(name: AggregateName, of: Expression, distinct = false): Expression {
  return { kind: 'aggregate', name, distinct, of };
}

export function compare(left: Expression, operator: Comparison, right: Expression): Predicate {
  return { kind: 'compare', left, operator, right };
}

/** Every value that a predicate mentions, in the order in which SQL writes them; repeated where SQL repeats. */
export function valuesOf(predicate: Predicate): Value[] {
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

function valuesIn(expression: Expression): Value[] {
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

/** Tables of the program with the columns it mentions. */
export function columnsOf(program: Program): Map<string, Set<string>> {
  const columns = new Map(program.from.map((source) => [source.table, new Set<string>()]));
  const add = ({ source, column }: ColumnRef): void => {
    columns.get(program.from[source]!.table)!.add(column);
  };
  const visit = (node: Expression | Predicate): void => {
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
