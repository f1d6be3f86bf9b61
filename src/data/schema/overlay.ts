import { z } from 'zod';
import { SchemaError } from '../errors.js';
import type { Column, JoinPath, SchemaBundle, Table } from './bundle.js';
import { checkBundle, jsonPath } from './check.js';
import { codesOf } from './codes.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';

const synonymList = z.array(z.string().min(1));

const overlayShape = z.strictObject({
  name: z.string(),
  title: z.string(),
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  /** How to build the bundle from the publisher's DDL; see scripts/schema-build.ts. */
  ddl: z.strictObject({
    files: z.array(z.string()).min(1),
    dialect: z.enum(['tsql', 'postgres', 'mysql']),
  }),
  /** Synonyms of a column in every table that does not set its own. */
  columns: z.record(z.string(), synonymList).default({}),
  tables: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      synonyms: synonymList.default([]),
      columns: z.record(z.string(), synonymList).default({}),
      /** A key that the publisher documents but omits from its DDL. */
      primaryKey: z.array(z.string()).exactOptional(),
      /** `patient -> patients.id`; `a, b -> other.x, y` for a key of two columns. */
      foreignKeys: z.array(z.string()).default([]),
    }),
  ),
  /**
   * Coded values that the publisher documents at `source`, by `table.column` or by a column's name for every table that
   * has one: `{ "M": ["male", "man"] }`.
   */
  codes: z
    .record(
      z.string(),
      z.strictObject({ source: z.string().min(1), values: z.record(z.string(), synonymList) }),
    )
    .default({}),
  /** `a.x = b.y`: useful joins without a declared key. */
  joins: z.array(z.string()).default([]),
});

/** What we add to a publisher's tables: descriptions and synonyms in our own words, and undeclared joins. */
export type Overlay = z.infer<typeof overlayShape>;

/** @throws SchemaError `bad-overlay` with the JSON path of the first fault */
export function parseOverlay(json: unknown, file: string): Overlay {
  const parsed = overlayShape.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw overlayError(file, jsonPath(issue.path), issue.message);
}

function overlayError(file: string, field: string, message: string): SchemaError {
  return new SchemaError({ code: 'bad-overlay', file, field, message });
}

/**
 * The bundle with the overlay applied. Applying an overlay twice changes nothing, so a bundle can be checked against
 * its overlay without the original DDL.
 * @throws SchemaError `bad-overlay` if the overlay names something the bundle lacks, or does not describe a table
 */
export function applyOverlay(
  bundle: SchemaBundle,
  overlay: Overlay,
  file = `${overlay.name}.json`,
): SchemaBundle {
  const fail = (field: string, message: string): never => {
    throw overlayError(file, field, message);
  };
  const entries = new Map(
    Object.entries(overlay.tables).map(([name, entry]) => [foldTableName(name), entry]),
  );
  const known = new Set(bundle.tables.map((table) => foldTableName(table.name)));
  for (const name of Object.keys(overlay.tables)) {
    if (!known.has(foldTableName(name))) fail(`tables.${name}`, 'the bundle has no such table');
  }
  for (const name of Object.keys(overlay.columns)) {
    const used = bundle.tables.some((table) =>
      table.columns.some((c) => foldName(c.name) === foldName(name)),
    );
    if (!used) fail(`columns.${name}`, 'no table has such a column');
  }
  for (const name of Object.keys(overlay.codes)) {
    const used = bundle.tables.some((table) =>
      table.columns.some((c) => [c.name, `${table.name}.${c.name}`].map(foldName).includes(foldName(name))),
    );
    if (!used) fail(`codes.${name}`, 'no table has such a column');
  }
  const tables = bundle.tables.map((table) => {
    const entry = entries.get(foldTableName(table.name));
    if (!entry) return fail('tables', `table ${table.name} is not described`);
    for (const name of Object.keys(entry.columns)) {
      const exists = table.columns.some((c) => foldName(c.name) === foldName(name));
      if (!exists) fail(`tables.${table.name}.columns.${name}`, 'the table has no such column');
    }
    return mergeTable(table, entry, overlay, (text) =>
      fail(`tables.${table.name}.foreignKeys`, `cannot read "${text}"`),
    );
  });
  const { name, title, version, source, licence } = overlay;
  const merged: SchemaBundle = { name, title, version, source, licence, tables };
  if (overlay.joins.length > 0) {
    merged.joins = overlay.joins.map((text) => readJoin(text) ?? fail('joins', `cannot read "${text}"`));
  }
  const [fault] = checkBundle(merged);
  if (fault) fail(fault.path, fault.message);
  return merged;
}

function mergeTable(
  table: Table,
  entry: Overlay['tables'][string],
  everywhere: Pick<Overlay, 'columns' | 'codes'>,
  unreadable: (text: string) => never,
): Table {
  const here = new Map(Object.entries(entry.columns).map(([name, words]) => [foldName(name), words]));
  const anywhere = new Map(
    Object.entries(everywhere.columns).map(([name, words]) => [foldName(name), words]),
  );
  const columns = table.columns.map(({ name, type, nullable }): Column => {
    const synonyms = here.get(foldName(name)) ?? anywhere.get(foldName(name)) ?? [];
    const codes = codesOf(everywhere.codes, table.name, name);
    return { name, type, nullable, ...(synonyms.length > 0 && { synonyms }), ...(codes && { codes }) };
  });
  const added = entry.foreignKeys.map((text) => readForeignKey(text) ?? unreadable(text));
  const spell = (key: Table['foreignKeys'][number]): string => foldName(JSON.stringify(key));
  const declared = new Set(table.foreignKeys.map(spell));
  const primaryKey = entry.primaryKey ?? table.primaryKey;
  const inKey = new Set(primaryKey.map(foldName));
  return {
    name: table.name,
    description: entry.description,
    ...(table.view && { view: table.view }),
    ...(entry.synonyms.length > 0 && { synonyms: entry.synonyms }),
    primaryKey,
    columns: columns.map((column) =>
      inKey.has(foldName(column.name)) ? { ...column, nullable: false } : column,
    ),
    foreignKeys: [...table.foreignKeys, ...added.filter((key) => !declared.has(spell(key)))],
    ...(table.unresolvedKeys && { unresolvedKeys: table.unresolvedKeys }),
  };
}

function readForeignKey(text: string): Table['foreignKeys'][number] | undefined {
  const match = /^(.+?)\s*->\s*(.+)\.([^.]+)$/.exec(text);
  if (!match) return undefined;
  const list = (names: string): string[] => names.split(',').map((name) => name.trim());
  return { columns: list(match[1]!), references: { table: match[2]!, columns: list(match[3]!) } };
}

function readJoin(text: string): JoinPath | undefined {
  const match = /^(\S+) = (\S+)$/.exec(text);
  return match ? { from: match[1]!, to: match[2]! } : undefined;
}
