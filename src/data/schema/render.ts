import type { Column, Table } from './bundle.js';
import type { PlaceholderInfo } from '../placeholder.js';
import { FIRST_FORMAT, type RecordFormat } from '../record-format.js';
import { bareTableName, foldName, foldTableName, splitColumnPath } from '../../tsql/identifier.js';
import { marksOf } from './marks.js';
import { namesOf } from './names.js';
import type { SchemaColumn, SchemaIndex } from './schema-index.js';
import type { SchemaSelection } from './selection.js';
import { splitWords } from './words.js';

/** A column as the prompt shows it. An arrow is shown only if the table it points to is shown too. */
export interface ColumnText {
  text: string;
  arrows: { table: string; text: string }[];
}

/** How a schema is written: in which format, and for which question if it is to be marked. */
export interface Rendering {
  format?: RecordFormat | undefined;
  /** With placeholders for its values; needed where the format has marks. */
  question?: string | undefined;
  /** The question's values: the columns that may hold them are marked too. */
  placeholders?: readonly PlaceholderInfo[] | undefined;
}

/** The pieces of all columns of one schema in one style. */
type Style = Pick<RecordFormat, 'names' | 'schema'>;
const columnCache = new WeakMap<SchemaIndex, Map<string, Map<Column, ColumnText>>>();

/**
 * The schema as text for the prompt, one line per table, without a final newline:
 *
 *     person(person_id int pk, gender_concept_id int -> concept, birth_datetime datetime)
 *
 * Types lose their lengths. An arrow names the table that a foreign key points to, and also the column unless that is
 * the table's one-column primary key. Arrows to tables outside the selection are omitted. Names are bracketed where
 * T-SQL requires it.
 *
 * The `terse` form has a sign for what that form says in words: `*` primary key, `>` foreign key, `@` date or time, `#`
 * number, `?` bit, and `!` before a table or column that the question names or a value may be in. Each line begins with a blank, and so does
 * each name, so that a name has the same tokens here and in a statement. A target is left out if the key's words begin
 * with it.
 *
 *     ! person: person_id*, gender_concept_id> concept,! birth_datetime@
 */
export function renderSchema(selection: SchemaSelection, rendering: Rendering = {}): string {
  const { format = FIRST_FORMAT, question, placeholders } = rendering;
  const shown = new Set<string>();
  for (const { table } of selection.tables) shown.add(foldTableName(table.name));
  const texts = columnTexts(selection.index, format);
  const marked =
    format.marks && question !== undefined ? marksOf(question, selection, placeholders) : NO_MARKS;
  const isTerse = format.schema === 'terse';
  const separator = isTerse ? ',' : ', ';
  const names = namesOf(selection.index, format.names);
  const mark = (thing: Table | Column): string => (marked.has(thing) ? '!' : '');
  const lines = selection.tables.map(({ table, columns }) => {
    const parts = columns.map((column) => {
      const { text, arrows } = texts.get(column)!;
      let part = mark(column) + text;
      for (const arrow of arrows) if (shown.has(arrow.table)) part += arrow.text;
      return part;
    });
    const name = names.table(table.name);
    return isTerse
      ? `${mark(table)} ${name}:${parts.join(separator)}`
      : `${mark(table)}${name}(${parts.join(separator)})`;
  });
  return lines.join('\n');
}

const NO_MARKS: ReadonlySet<Table | Column> = new Set();

/** The rendered pieces of every column, cached per index and style. */
export function columnTexts(index: SchemaIndex, style: Style = FIRST_FORMAT): Map<Column, ColumnText> {
  let styles = columnCache.get(index);
  if (!styles) columnCache.set(index, (styles = new Map()));
  const key = `${style.names} ${style.schema}`;
  let texts = styles.get(key);
  if (!texts) {
    texts = new Map();
    for (const table of index.tables) {
      for (const ref of index.columns(table.name)) texts.set(ref.column, columnText(index, ref, style));
    }
    styles.set(key, texts);
  }
  return texts;
}

function columnText(index: SchemaIndex, ref: SchemaColumn, { names: style, schema }: Style): ColumnText {
  const { table, column, type, isPrimaryKey } = ref;
  const names = namesOf(index, style);
  const name = names.column(table.name, column.name);
  if (schema === 'typed') {
    const text = `${name} ${type.base}${isPrimaryKey ? ' pk' : ''}`;
    const arrows = keysOf(index, table, column).map(({ to, column: key }) => ({
      table: foldTableName(to.name),
      text: ` -> ${names.table(to.name)}${key === undefined ? '' : `.${names.column(to.name, key)}`}`,
    }));
    return { text, arrows };
  }
  const kind = isPrimaryKey ? '*' : ref.isForeignKey ? '' : kindOf(ref);
  const words = splitWords(column.name).join(' ');
  const arrows = keysOf(index, table, column).map(({ to, column: key }) => {
    const isNamed = words.startsWith(splitWords(bareTableName(to.name)).join(' '));
    const target = isNamed ? '' : ` ${names.table(to.name)}`;
    return {
      table: foldTableName(to.name),
      text: `>${target}${key === undefined ? '' : `. ${names.column(to.name, key)}`}`,
    };
  });
  return { text: ` ${name}${kind}`, arrows };
}

/** The sign of a column's type. Text has none: most columns hold text. */
function kindOf({ type }: SchemaColumn): string {
  if (type.family === 'date' || type.family === 'time') return '@';
  if (type.base === 'bit') return '?';
  return type.family === 'number' ? '#' : '';
}

/** What a column points to, each once: a table, and the column unless it is the table's one-column primary key. */
function keysOf(
  index: SchemaIndex,
  table: Table,
  column: Column,
): { to: Table; column: string | undefined }[] {
  const keys = new Map<string, { to: Table; column: string | undefined }>();
  const point = (tableName: string, columnName: string): void => {
    const to = index.table(tableName)!;
    const target = index.column(tableName, columnName)!.column;
    const [key, ...more] = to.primaryKey;
    const isKey = key !== undefined && more.length === 0 && foldName(key) === foldName(columnName);
    const pointed = isKey ? undefined : target.name;
    keys.set(`${foldTableName(to.name)} ${pointed ?? ''}`, { to, column: pointed });
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
  return [...keys.values()];
}
