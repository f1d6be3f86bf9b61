/**
 * The schema bundle: what the program knows of one database.
 *
 * A bundle is one JSON file under `schemas/` (format: `schemas/bundle.schema.json`). It holds names, SQL Server
 * types, keys and short descriptions: never rows. Identifiers keep the case in which they were published; they
 * are compared case-insensitively, as SQL Server's default collation does.
 */
export interface SchemaBundle {
  /** Short name of the bundle, for example `omop_cdm_5_4`. */
  name: string;
  /** What a person calls it, for example `OMOP Common Data Model 5.4`. */
  title: string;
  version: string;
  /** Who publishes the schema, and where its table definitions can be read. */
  source: string;
  /** Licence of the published definitions (SPDX id where there is one). */
  licence: string;
  tables: Table[];
  /** Joins that make sense without a declared foreign key (i2b2 declares none at all). */
  joins?: JoinPath[];
}

export interface Table {
  name: string;
  /** One line, in our own words. */
  description: string;
  /** Nouns that people use for a row of this table, singular: `patient`, `person`. */
  synonyms?: string[];
  /** Empty when the publisher declares no key. */
  primaryKey: string[];
  columns: Column[];
  foreignKeys: ForeignKey[];
}

export interface Column {
  name: string;
  /** SQL Server type as it stands in CREATE TABLE, lower case: `int`, `varchar(50)`, `decimal(18,2)`, `datetime2`. */
  type: string;
  nullable: boolean;
  description?: string;
  /** What people call this column: `birth year`, `year of birth`. */
  synonyms?: string[];
}

export interface ForeignKey {
  columns: string[];
  references: { table: string; columns: string[] };
}

/** An undeclared join, column by column: `{ from: 'a.x', to: 'b.y' }`. */
export interface JoinPath {
  from: string;
  to: string;
}
