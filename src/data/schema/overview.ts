import { foldName } from '../../tsql/identifier.js';
import type { SchemaBundle, Table } from './bundle.js';
import { rolesOf } from './roles/infer.js';
import { TABLE_ROLES, type ColumnRole, type TableRole } from './roles/roles.js';
import { wordsOf } from './words/derive.js';

/** A column as a person wants to see it. */
export interface ColumnOverview {
  name: string;
  type: string;
  role: ColumnRole;
  words: string;
  synonyms: string[];
  isKey: boolean;
  /** The table that a foreign key points to. */
  pointsTo?: string | undefined;
}

export interface TableOverview {
  name: string;
  role: TableRole;
  description: string;
  isView: boolean;
  words: string;
  synonyms: string[];
  time?: string | undefined;
  patient?: string | undefined;
  encounter?: string | undefined;
  columns: ColumnOverview[];
}

/** A schema with what was inferred about it: tables by role, in the order of `TABLE_ROLES`, and then by name. */
export interface SchemaOverview {
  name: string;
  title: string;
  tables: TableOverview[];
}

export function overviewOf(bundle: SchemaBundle): SchemaOverview {
  const tables = bundle.tables.map((table) => tableOverview(bundle, table));
  const place = (role: TableRole): number => TABLE_ROLES.indexOf(role);
  tables.sort((a, b) => place(a.role) - place(b.role) || (a.name < b.name ? -1 : 1));
  return { name: bundle.name, title: bundle.title, tables };
}

function tableOverview(bundle: SchemaBundle, table: Table): TableOverview {
  const words = wordsOf(bundle);
  const roles = rolesOf(bundle);
  const key = new Set(table.primaryKey.map(foldName));
  const targets = new Map(
    table.foreignKeys.flatMap(({ columns, references }) =>
      columns.map((name) => [foldName(name), references.table] as const),
    ),
  );
  const ofTable = words.ofTable(table);
  return {
    name: table.name,
    ...roles.ofTable(table),
    description: table.description,
    isView: table.view === true,
    words: ofTable.words,
    synonyms: ofTable.synonyms.map(({ text }) => text),
    columns: table.columns.map((column) => {
      const ofColumn = words.ofColumn(column);
      return {
        name: column.name,
        type: column.type,
        role: roles.ofColumn(column),
        words: ofColumn.words,
        synonyms: ofColumn.synonyms.map(({ text }) => text),
        isKey: key.has(foldName(column.name)),
        pointsTo: targets.get(foldName(column.name)),
      };
    }),
  };
}
