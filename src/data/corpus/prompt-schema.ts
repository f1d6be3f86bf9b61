import type { Table } from '../schema/bundle.js';
import { foldName } from '../schema/identifier.js';
import type { SchemaIndex } from '../schema/schema-index.js';
import type { CorpusKnobs } from './knobs.js';
import type { ColumnRef, Expression, Predicate, Program } from './program.js';
import type { Random } from './random.js';

/**
 * The schema text of a sample: what the statement needs, in the schema's own order, among distractors, so that
 * neither a table's presence nor a column's place gives the answer away.
 */
export function promptSchema(
  index: SchemaIndex,
  program: Program,
  random: Random,
  knobs: Pick<CorpusKnobs, 'distractorTables' | 'distractorColumns'>,
): string {
  const needed = columnsOf(program);
  const tables = [...needed.keys()].map((name) => index.table(name)!);
  tables.push(...distractorTables(index, tables, random, random.between(...knobs.distractorTables)));
  const place = new Map(index.tables.map((table, i) => [table, i]));
  return tables
    .sort((a, b) => place.get(a)! - place.get(b)!)
    .map((table) => {
      const columns = new Set([...table.primaryKey, ...(needed.get(table.name) ?? [])]);
      const spare = table.columns.filter((column) => !columns.has(column.name));
      const count = random.between(...knobs.distractorColumns);
      for (const column of random.sample(spare, count)) columns.add(column.name);
      return renderTable(table, columns);
    })
    .join('\n');
}

/** Neighbours along keys first: they are the tables that could be confused with those needed. */
function distractorTables(index: SchemaIndex, needed: Table[], random: Random, count: number): Table[] {
  if (count === 0) return [];
  const neighbours = new Set(
    needed.flatMap((table) => index.joinsFrom(table.name).map((join) => foldName(join.to.table))),
  );
  const spare = index.tables.filter((table) => !needed.includes(table));
  const near = spare.filter((table) => neighbours.has(foldName(table.name)));
  const chosen = random.sample(near, Math.ceil(count / 2));
  const rest = spare.filter((table) => !chosen.includes(table));
  return [...chosen, ...random.sample(rest, count - chosen.length)];
}

function renderTable(table: Table, columns: Set<string>): string {
  const parts = table.columns
    .filter((column) => columns.has(column.name) || table.primaryKey.includes(column.name))
    .map((column) => {
      const key = table.foreignKeys.find((k) => k.columns[0] === column.name);
      const suffix = table.primaryKey.includes(column.name) ? ' pk' : '';
      return `${column.name} ${column.type}${suffix}${key === undefined ? '' : ` -> ${key.references.table}`}`;
    });
  return `${table.name}(${parts.join(', ')})`;
}

/** Tables of the program with the columns it mentions. */
export function columnsOf(program: Program): Map<string, Set<string>> {
  const columns = new Map(program.from.map((source) => [source.table, new Set<string>()]));
  const add = ({ source, column }: ColumnRef): void => {
    columns.get(program.from[source]!.table)!.add(column);
  };
  const visit = (node: Expression | Predicate): void => {
    if (node.kind === 'column') add(node.ref);
    for (const child of Object.values(node) as unknown[]) {
      for (const item of Array.isArray(child) ? (child as unknown[]) : [child]) {
        if (typeof item === 'object' && item !== null && 'kind' in item) visit(item as Expression);
      }
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
