import type { ColumnRole, TableRole } from './roles/roles.js';

/**
 * The schema bundle: everything the program knows about one database.
 *
 * A bundle is one JSON file under `schemas/` (format: `schemas/bundle.schema.json`). It contains names, SQL Server
 * types, keys and short descriptions, never rows. Identifiers keep their published case and are compared ignoring
 * case, as SQL Server's default collation does. An optional field is left out, never set to undefined: bundles are
 * checked and written as JSON.
 */
export interface SchemaBundle {
  /** Short name of the bundle, for example `omop_cdm_5_4`. */
  name: string;
  /** The name people use, for example `OMOP Common Data Model 5.4`. */
  title: string;
  version: string;
  /** Who publishes the schema, and where its table definitions can be read. */
  source: string;
  /** Licence of the published definitions (SPDX id where there is one). */
  licence: string;
  tables: Table[];
  /** Useful joins without a declared foreign key (i2b2 declares none at all). */
  joins?: JoinPath[];
}

export interface Table {
  /**
   * The table's name, after its schema and a dot where statements must write the schema: `cdm.person`. Two tables of one
   * name in two schemas are two tables. `dbo.person` and `person` are one: a statement without a schema means `dbo`.
   */
  name: string;
  /** One line, in our own words. */
  description: string;
  /** What the rows are; inferred if the bundle does not say (see roles/). */
  role?: TableRole;
  /** Set if the table is a view: the database computes its rows from other tables. */
  view?: true;
  /** Singular nouns for a row of this table: `patient`, `person`. */
  synonyms?: string[];
  /** Empty if the publisher declares no key. */
  primaryKey: string[];
  columns: Column[];
  foreignKeys: ForeignKey[];
  /** Foreign keys to tables that the bundle does not contain. No statement joins along them. */
  unresolvedKeys?: ForeignKey[];
}

export interface Column {
  name: string;
  /** SQL Server type as in CREATE TABLE, lower case: `int`, `varchar(50)`, `decimal(18,2)`, `datetime2`. */
  type: string;
  nullable: boolean;
  description?: string;
  /** What people call this column: `birth year`, `year of birth`. */
  synonyms?: string[];
  /** The values that the publisher fixes, with people's words for them. A database may hold others too. */
  codes?: CodedValue[];
  /** What the values are; inferred if the bundle does not say. */
  role?: ColumnRole;
}

/** A value of a column and what people call it: `{ value: 'M', words: ['male', 'man'] }`. */
export interface CodedValue {
  /** As the database spells it; a number in digits. */
  value: string;
  /** Lower case, in the singular. */
  words: string[];
}

export interface ForeignKey {
  columns: string[];
  references: { table: string; columns: string[] };
}

/** An undeclared join, column by column: `{ from: 'a.x', to: 'cdm.b.y' }`. */
export interface JoinPath {
  from: string;
  to: string;
}
