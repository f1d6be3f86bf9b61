import type { Column, Table } from './bundle.js';
import {
  foldName,
  foldTableName,
  quoteIdentifier,
  quoteTableName,
  splitColumnPath,
} from '../../tsql/identifier.js';
import type { SchemaIndex } from './schema-index.js';
import type { SchemaSelection } from './selection.js';

/** A column as the prompt shows it. An arrow is shown only if the table it points to is shown too. */
export interface ColumnText {
  text: string;
  /** The text when it follows another column. */
  next: string;
  arrows: { table: string; text: string }[];
}

/** A table's folded name, and the text before its columns. */
interface TableText {
  key: string;
  head: string;
}

const columnCache = new WeakMap<SchemaIndex, Map<Column, ColumnText>>();
const tableCache = new WeakMap<Table, TableText>();

/**
 * The schema as text for the prompt, one line per table, without a final newline:
 *
 *     person(person_id int pk, gender_concept_id int -> concept, birth_datetime datetime)
 *
 * Types lose their lengths. An arrow names the table that a foreign key points to, and also the column unless that is
 * the table's one-column primary key. Arrows to tables outside the selection are omitted. Names are bracketed where
 * T-SQL requires it.
 */
export function renderSchema(selection: SchemaSelection): string {
  const shown = new Set<string>();
  for (const { table } of selection.tables) shown.add(tableText(table).key);
  const texts = columnTexts(selection.index);
  let schema = '';
  for (const { table, columns } of selection.tables) {
    schema += schema === '' ? tableText(table).head : `\n${tableText(table).head}`;
    for (let i = 0; i < columns.length; i++) {
      const { text, next, arrows } = texts.get(columns[i]!)!;
      schema += i === 0 ? text : next;
      for (const arrow of arrows) if (shown.has(arrow.table)) schema += arrow.text;
    }
    schema += ')';
  }
  return schema;
}

/** The rendered pieces of every column, cached per index. */
export function columnTexts(index: SchemaIndex): Map<Column, ColumnText> {
  let texts = columnCache.get(index);
  if (!texts) {
    texts = new Map();
    for (const table of index.tables) {
      for (const { column, type, isPrimaryKey } of index.columns(table.name)) {
        const text = `${quoteIdentifier(column.name)} ${type.base}${isPrimaryKey ? ' pk' : ''}`;
        texts.set(column, { text, next: `, ${text}`, arrows: arrowsOf(index, table, column) });
      }
    }
    columnCache.set(index, texts);
  }
  return texts;
}

function tableText(table: Table): TableText {
  let text = tableCache.get(table);
  if (!text) {
    text = { key: foldTableName(table.name), head: `${quoteTableName(table.name)}(` };
    tableCache.set(table, text);
  }
  return text;
}

function arrowsOf(index: SchemaIndex, table: Table, column: Column): ColumnText['arrows'] {
  const arrows = new Map<string, string>();
  const point = (tableName: string, columnName: string): void => {
    const target = index.table(tableName)!;
    const targetColumn = index.column(tableName, columnName)!.column;
    const [key, ...more] = target.primaryKey;
    const isKey = key !== undefined && more.length === 0 && foldName(key) === foldName(columnName);
    const suffix = isKey ? '' : `.${quoteIdentifier(targetColumn.name)}`;
    arrows.set(` -> ${quoteTableName(target.name)}${suffix}`, foldTableName(tableName));
  };
  for (const key of table.foreignKeys) {
    key.columns.forEach((name, i) => {
      if (foldName(name) === foldName(column.name)) point(key.references.table, key.references.columns[i]!);
    });
  }
  for (const join of index.bundle.joins ?? []) {
    const [fromTable, fromColumn] = splitColumnPath(join.from);
    if (index.table(fromTable) !== table || foldName(fromColumn) !== foldName(column.name)) continue;
    point(...splitColumnPath(join.to));
  }
  return [...arrows].map(([text, target]) => ({ table: target, text }));
}
