import { foldName, splitTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import type { ScriptPlace } from './fault.js';

/** A table as all scripts together define it. Names are spelled as declared. */
export interface WholeTable {
  /** With its schema: `cdm.person`. */
  name: string;
  place: ScriptPlace;
  isView: boolean;
  comment: string | undefined;
  primaryKey: string[];
  columns: WholeColumn[];
  foreignKeys: WholeKey[];
  unresolvedKeys: WholeKey[];
}

export interface WholeColumn {
  name: string;
  place: ScriptPlace;
  /** SQL Server type. */
  type: string;
  nullable: boolean;
  comment?: string | undefined;
}

export interface WholeKey {
  columns: string[];
  table: string;
  targetColumns: string[];
}

/** The names as the table spells them; undefined if it lacks one. */
export function spell(names: readonly string[], { columns }: WholeTable): string[] | undefined {
  const spelled = names.map(
    (name) => columns.find((column) => foldName(column.name) === foldName(name))?.name,
  );
  return spelled.every((name) => name !== undefined) ? spelled : undefined;
}

export function typeOf({ columns }: WholeTable, name: string): ReturnType<typeof parseSqlType> {
  const column = columns.find((one) => one.name === name);
  return column && parseSqlType(column.type);
}

/** The schema of a table, `dbo` if its name has none. */
export function schemaOf(tableName: string): string {
  return splitTableName(tableName).schema ?? 'dbo';
}
