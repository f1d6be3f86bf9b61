import type { Table } from '../schema/bundle.js';
import type { Draw } from './draw.js';
import type { ColumnRef, Expression, Predicate, Program } from './program.js';

/** The schema text of a sample: what the statement needs, and distractors. */
export function promptSchema(draw: Draw, program: Program): string {
  const index = draw.topics.index;
  const needed = columnsOf(program);
  const lines: string[] = [];
  for (const [name, columns] of needed) {
    lines.push(renderTable(index.table(name)!, columns));
  }
  return lines.join('\n');
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
