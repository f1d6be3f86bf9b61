import { z } from 'zod';
import type { SchemaBundle } from './bundle.js';
import { COLUMN_ROLES, TABLE_ROLES } from './roles/roles.js';

// The shape of a bundle file. Unknown fields are faults: a misspelled `foreignkeys` would otherwise be silently ignored.
/** Without characters that steer the terminal in which it is shown. The pattern takes time in proportion to the text. */
export const oneLineText = z
  .string()
  .regex(/^(?=.*\S)[\t\P{Cc}]*$/u, 'must be one line of text, without control characters')
  .max(400);
const name = z.string().min(1).max(128);
const tableName = z
  .string()
  .min(1)
  .max(2 * 128 + 1)
  .describe('The table, after its schema and a dot where statements must write the schema: cdm.person');
const synonyms = z.array(oneLineText).describe('Nouns that people use: singular, lower case');

/** A value and its words, as bundles and overlays write them. */
export const codedValueShape = z.strictObject({
  value: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, 'must have no control characters'),
  words: z.array(oneLineText).min(1),
});
const codes = z
  .array(codedValueShape)
  .min(1)
  .describe("The values that the publisher fixes, with people's words for them");

const column = z.strictObject({
  name,
  type: z
    .string()
    .min(1)
    .describe('SQL Server type as in CREATE TABLE: int, varchar(50), decimal(18,2), datetime2'),
  nullable: z.boolean(),
  description: oneLineText.exactOptional(),
  synonyms: synonyms.exactOptional(),
  codes: codes.exactOptional(),
  role: z.enum(COLUMN_ROLES).exactOptional().describe('What the values are; inferred if absent'),
});

const foreignKey = z.strictObject({
  columns: z.array(name).min(1),
  references: z.strictObject({ table: tableName, columns: z.array(name).min(1) }),
});

const table = z.strictObject({
  name: tableName,
  description: oneLineText,
  role: z.enum(TABLE_ROLES).exactOptional().describe('What the rows are; inferred if absent'),
  view: z.literal(true).exactOptional().describe('The database computes the rows from other tables'),
  synonyms: synonyms.exactOptional(),
  primaryKey: z.array(name).describe('Empty if the publisher declares no key'),
  columns: z.array(column).min(1),
  foreignKeys: z.array(foreignKey),
  unresolvedKeys: z
    .array(foreignKey)
    .exactOptional()
    .describe('Foreign keys to tables that the bundle does not contain; no statement joins along them'),
});

const joinEnd = z
  .string()
  .regex(/^([^.]+\.)?[^.]+\.[^.]+$/, 'must be "table.column" or "schema.table.column"')
  .describe('table.column, or schema.table.column');

/** The shape of a schema bundle. What it cannot express, such as names that must exist, is checked in check.ts. */
export const bundleShape: z.ZodType<SchemaBundle> = z
  .strictObject({
    $schema: z.string().exactOptional().describe('Location of this JSON Schema, for editors'),
    name: z.string().regex(/^[a-z0-9_]+$/, 'must be lower-case letters, digits and underscores'),
    title: oneLineText,
    version: oneLineText,
    source: oneLineText.describe('Who publishes the schema, and where its table definitions can be read'),
    licence: oneLineText.describe('Licence of the published definitions; an SPDX id if there is one'),
    tables: z.array(table).min(1),
    joins: z
      .array(z.strictObject({ from: joinEnd, to: joinEnd }))
      .exactOptional()
      .describe('Useful joins without a declared foreign key'),
  })
  .meta({
    title: 'Schema bundle',
    description: 'Tables, columns, types, keys and joins of one database',
  });

/** The JSON Schema published as `schemas/bundle.schema.json`. */
export function bundleJsonSchema(): object {
  return z.toJSONSchema(bundleShape, { target: 'draft-2020-12' });
}
