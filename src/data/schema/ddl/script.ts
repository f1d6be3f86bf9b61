import type { QualifiedName } from './cursor.js';
import type { ScriptPlace, Skipped } from './fault.js';
import type { DdlToken } from './tokens.js';
import type { DdlType } from './types.js';

/** What one script declares, before names and types are resolved: other scripts may have the other half. */
export interface DdlScript {
  tables: DdlTable[];
  views: DdlView[];
  /** `CREATE TYPE … FROM`, `CREATE DOMAIN`, enumerations. */
  types: DdlAlias[];
  /** ALTER TABLE and what acts like it, in the script's order. */
  changes: DdlChange[];
  descriptions: DdlDescription[];
  skipped: Skipped[];
}

export interface DdlTable extends QualifiedName {
  place: ScriptPlace;
  columns: DdlColumn[];
  primaryKey: string[];
  foreignKeys: DdlForeignKey[];
  comment?: string | undefined;
  /** Tables whose columns this one has too: `LIKE`, `INHERITS`. */
  like: QualifiedName[];
  /** A later definition does not count: CREATE TABLE IF NOT EXISTS. */
  ifMissing: boolean;
  /** The script drops an earlier table of this name before. */
  replaces: boolean;
}

export interface DdlColumn {
  name: string;
  place: ScriptPlace;
  /** Undefined for a computed column, whose expression tells the type. */
  type: DdlType | undefined;
  /** The expression of a computed column. */
  computed?: DdlToken[] | undefined;
  /** Undefined if the script does not say. */
  nullable: boolean | undefined;
  comment?: string | undefined;
}

export interface DdlForeignKey {
  place: ScriptPlace;
  columns: string[];
  table: QualifiedName;
  /** Undefined if the script omits them, which means the target's primary key. */
  targetColumns?: string[] | undefined;
}

export interface DdlView extends QualifiedName {
  place: ScriptPlace;
  /** Names in parentheses after the view's name. */
  columnNames: string[] | undefined;
  /** The query, from SELECT or WITH on. */
  query: DdlToken[];
}

export interface DdlAlias {
  name: string;
  type: DdlType;
  nullable: boolean | undefined;
}

export interface DdlChange {
  place: ScriptPlace;
  table: QualifiedName;
  action:
    | { kind: 'add'; part: TablePart }
    | { kind: 'drop-column'; column: string }
    | { kind: 'alter-column'; column: string; to: Partial<Pick<DdlColumn, 'name' | 'type' | 'nullable'>> }
    | { kind: 'rename'; to: string };
}

/** What stands between the commas of CREATE TABLE, and after ALTER TABLE … ADD. */
export interface TablePart {
  columns: DdlColumn[];
  primaryKey?: string[] | undefined;
  foreignKeys: DdlForeignKey[];
  like?: QualifiedName | undefined;
}

export interface DdlDescription {
  table: QualifiedName;
  column: string | undefined;
  text: string;
}
