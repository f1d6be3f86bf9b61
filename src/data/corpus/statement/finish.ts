import type { SchemaIndex } from '../../schema/schema-index.js';
import { rolesOf } from '../../schema/roles/infer.js';
import type { QueryExpression, QueryJoin, QueryPredicate, QueryProgram } from './program.js';

/** Marks averages of whole numbers, which T-SQL would cut to a whole number. */
export function keepFractions(program: QueryProgram, index: SchemaIndex): void {
  const isWhole = (of: QueryExpression): boolean => {
    if (of.kind === 'dateDiff') return true;
    if (of.kind !== 'column') return false;
    const type = index.column(program.from[of.ref.source]!.table, of.ref.column)?.type;
    return type !== undefined && /int$|^bit$/.test(type.base);
  };
  for (const item of [...program.select, ...program.orderBy.map(({ by }) => by)]) {
    if (item.kind === 'aggregate' && item.name === 'AVG' && isWhole(item.of))
      item.of = { kind: 'fractional', of: item.of };
  }
}

/** SQL Server sorts NULL first, so the lowest rows of a column would be those without a value. */
export function rankKnownOnly(program: QueryProgram): void {
  const [first] = program.orderBy;
  if (program.top === undefined || first?.direction !== 'ASC' || first.by.kind === 'count') return;
  const ranked = first.by.kind === 'aggregate' ? first.by.of : first.by;
  if (first.by.kind === 'aggregate' && first.by.name === 'COUNT') return;
  const isSaid = program.where.some(
    (one) => one.kind === 'null' && one.negated && JSON.stringify(one.of) === JSON.stringify(ranked),
  );
  if (!isSaid) program.where.push({ kind: 'null', of: ranked, negated: true });
}

/**
 * The groups of a ranking have a name: without this, the rows that lack the key form a group that may take a place.
 * Of a catalogue's name it is enough that the catalogue is joined.
 */
export function rankNamedGroups(program: QueryProgram, index: SchemaIndex): void {
  if (program.top === undefined) return;
  for (const of of program.groupBy) {
    if (of.kind !== 'column') continue;
    const { table } = program.from[of.ref.source]!;
    // The join says that there must be one.
    for (const join of waysTo(program, of.ref.source)) Object.assign(join, { kind: 'INNER', isSaid: true });
    const isNullable = index.column(table, of.ref.column)?.column.nullable !== false;
    if (isNullable && !isNamed(program, of)) program.where.push({ kind: 'null', of, negated: true });
  }
}

/**
 * A list of different names has no row for those without one. A join that adds the name finds one if its key is never
 * empty.
 */
export function listNamed(program: QueryProgram, index: SchemaIndex): void {
  const [of, ...more] = program.select;
  if (!program.distinct || more.length > 0 || of?.kind !== 'column') return;
  const found = index.column(program.from[of.ref.source]!.table, of.ref.column);
  if (found === undefined || found.type?.family !== 'string') return;
  if (rolesOf(index.bundle).ofColumn(found.column) !== 'name') return;
  const ways = waysTo(program, of.ref.source);
  // Of a patient without events the list is empty, and the patient is not left out.
  const keepsOthers = program.from.some(
    ({ table, join }) =>
      join !== undefined && ways.includes(join) && join.kind === 'LEFT' && !isReferred(join, table, index),
  );
  if (keepsOthers) return;
  const isOpen = ways.some(({ on }) =>
    on.some(
      ({ left }) => index.column(program.from[left.source]!.table, left.column)?.column.nullable !== false,
    ),
  );
  if (isOpen || found.column.nullable)
    for (const join of ways) Object.assign(join, { kind: 'INNER', isSaid: true });
  if (found.column.nullable && !isNamed(program, of)) program.where.push({ kind: 'null', of, negated: true });
}

/** Whether a condition on the expression leaves no NULL. */
function isNamed(program: QueryProgram, of: QueryExpression): boolean {
  const text = JSON.stringify(of);
  return program.where.some(
    (one) =>
      (one.kind === 'null' && one.negated && JSON.stringify(one.of) === text) ||
      ((one.kind === 'in' || one.kind === 'like') && JSON.stringify(one.of) === text) ||
      (one.kind === 'compare' && JSON.stringify(one.left) === text),
  );
}

/** The joins that lead to a source. */
function waysTo(program: QueryProgram, source: number): QueryJoin[] {
  const join = program.from[source]!.join;
  if (join === undefined) return [];
  return [join, ...join.on.flatMap(({ left }) => waysTo(program, left.source))];
}

/** The joined sources without whose row a condition is never true, and the sources on the way to them. */
export function needed(program: QueryProgram): Set<number> {
  const sources = new Set<number>();
  for (const predicate of program.where) for (const source of neededBy(predicate)) sources.add(source);
  for (let source = program.from.length - 1; source > 0; source--) {
    if (!sources.has(source)) continue;
    for (const { left } of program.from[source]!.join!.on) sources.add(left.source);
  }
  return sources;
}

/**
 * Joins that only add what a row refers to, such as the label of a code, keep rows without it: they become LEFT JOINs.
 * A join to the rows that refer to this one says that there must be one, and stays.
 */
export function keepRows(program: QueryProgram, index: SchemaIndex): void {
  const wanted = needed(program);
  for (let source = program.from.length - 1; source > 0; source--) {
    const { table, join } = program.from[source]!;
    if (join?.kind !== 'INNER' || join.isSaid === true || wanted.has(source)) continue;
    const hangsOnIt = program.from.some(
      ({ join: other }) => other?.kind === 'INNER' && other.on.some(({ left }) => left.source === source),
    );
    if (!hangsOnIt && isReferred(join, table, index)) join.kind = 'LEFT';
  }
}

/** True if the join finds at most one row: its columns are the key of the table. */
function isReferred(join: QueryJoin, table: string, index: SchemaIndex): boolean {
  const key = index.table(table)?.primaryKey ?? [];
  return key.length > 0 && key.every((name) => join.on.some(({ right }) => right.column === name));
}

function neededBy(predicate: QueryPredicate): number[] {
  switch (predicate.kind) {
    case 'compare':
      return [...sourcesOf(predicate.left), ...sourcesOf(predicate.right)];
    case 'between':
      return [predicate.of, predicate.low, predicate.high].flatMap(sourcesOf);
    case 'null':
      return predicate.negated ? sourcesOf(predicate.of) : [];
    case 'in':
    case 'like':
      return sourcesOf(predicate.of);
    case 'any': {
      const [first = [], ...others] = predicate.of.map(neededBy);
      return first.filter((source) => others.every((list) => list.includes(source)));
    }
  }
}

/** The tables of the columns in an expression. */
function sourcesOf(expression: QueryExpression): number[] {
  switch (expression.kind) {
    case 'column':
      return [expression.ref.source];
    case 'datePart':
    case 'fractional':
    case 'minus':
      return sourcesOf(expression.of);
    case 'dateDiff':
      return [...sourcesOf(expression.from), ...sourcesOf(expression.to)];
    case 'dateAdd':
      return sourcesOf(expression.to);
    default:
      return [];
  }
}
