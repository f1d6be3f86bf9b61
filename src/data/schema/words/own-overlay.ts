import { z } from 'zod';
import { foldName, foldTableName } from '../../../tsql/identifier.js';
import { SchemaError } from '../../errors.js';
import type { Column, SchemaBundle, Table } from '../bundle.js';
import { checkBundle, jsonPath } from '../check.js';
import { findJsonFault } from '../json-position.js';
import { rolesOf } from '../roles/infer.js';
import { COLUMN_ROLES, TABLE_ROLES } from '../roles/roles.js';
import { codedValueShape, oneLineText } from '../shape.js';
import { wordsOf } from './derive.js';

const column = z.strictObject({
  description: oneLineText.exactOptional(),
  synonyms: z.array(oneLineText).exactOptional(),
  role: z.enum(COLUMN_ROLES).exactOptional(),
  /** In place of the column's own; an empty list takes them away. */
  codes: z.array(codedValueShape).exactOptional(),
});
const overlayShape = z.strictObject({
  /** Columns of that name in every table that does not set its own. */
  columns: z.record(z.string(), column).default({}),
  tables: z
    .record(
      z.string(),
      z.strictObject({
        description: oneLineText.exactOptional(),
        synonyms: z.array(oneLineText).exactOptional(),
        role: z.enum(TABLE_ROLES).exactOptional(),
        columns: z.record(z.string(), column).default({}),
      }),
    )
    .default({}),
});

/** A person's own words, roles and coded values for a bundle: any part of it, tables and columns by name. */
export type OwnOverlay = z.infer<typeof overlayShape>;

function fault(file: string, field: string, message: string): SchemaError {
  return new SchemaError({ code: 'bad-overlay', file, field, message });
}

/** @throws SchemaError `broken-json`, or `bad-overlay` with the JSON path of the first fault */
export function parseOwnOverlay(text: string, file: string): OwnOverlay {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const { line, column } = findJsonFault(text);
    const message = 'is not valid JSON from here on';
    throw new SchemaError(
      { code: 'broken-json', file: `${file}:${line}:${column}`, message },
      { cause: error },
    );
  }
  const parsed = overlayShape.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw fault(file, jsonPath(issue.path), issue.message);
}

/**
 * The bundle with the overlay's words, roles and coded values in place of its own. What the overlay does not mention stays.
 * @throws SchemaError `bad-overlay` if the overlay names something that the bundle lacks
 */
export function mergeOwnOverlay(bundle: SchemaBundle, overlay: OwnOverlay, file: string): SchemaBundle {
  const everywhere = folded(overlay.columns, foldName);
  const ofTables = folded(overlay.tables, foldTableName);
  const names = new Set(bundle.tables.map((table) => foldTableName(table.name)));
  for (const name of Object.keys(overlay.tables)) {
    if (!names.has(foldTableName(name))) throw fault(file, `tables.${name}`, 'the bundle has no such table');
  }
  for (const name of Object.keys(overlay.columns)) {
    const isUsed = bundle.tables.some((table) => hasColumn(table, name));
    if (!isUsed) throw fault(file, `columns.${name}`, 'no table has such a column');
  }
  const tables = bundle.tables.map((table): Table => {
    const { columns: listed = {}, ...own } = ofTables.get(foldTableName(table.name)) ?? {};
    const here = folded(listed, foldName);
    for (const name of Object.keys(listed)) {
      if (hasColumn(table, name)) continue;
      throw fault(file, `tables.${table.name}.columns.${name}`, 'the table has no such column');
    }
    const columns = table.columns.map((column): Column => {
      const key = foldName(column.name);
      const { codes = [], ...merged } = { ...column, ...everywhere.get(key), ...here.get(key) };
      return codes.length > 0 ? { ...merged, codes } : merged;
    });
    return { ...table, ...own, columns };
  });
  const merged = { ...bundle, tables };
  const [first] = checkBundle(merged);
  if (first) throw fault(file, first.path, first.message);
  return merged;
}

function folded<T>(entries: Readonly<Record<string, T>>, fold: (name: string) => string): Map<string, T> {
  return new Map(Object.entries(entries).map(([name, entry]) => [fold(name), entry]));
}

function hasColumn(table: Table, name: string): boolean {
  return table.columns.some((column) => foldName(column.name) === foldName(name));
}

/**
 * An overlay with the words, roles and coded values that a bundle has or that are inferred for it, for a person to correct. Merged
 * unchanged, it states what was inferred.
 */
export function formatOwnOverlay(bundle: SchemaBundle): string {
  const words = wordsOf(bundle);
  const roles = rolesOf(bundle);
  const tables = bundle.tables.map((table) => {
    const texts = (synonyms: readonly { text: string }[]): string[] => synonyms.map(({ text }) => text);
    const columns = table.columns.map((column) => {
      const { words: readable, synonyms } = words.ofColumn(column);
      const entry = {
        role: roles.ofColumn(column),
        synonyms: listed(readable, texts(synonyms)),
        codes: column.codes,
      };
      return `        ${JSON.stringify(column.name)}: ${JSON.stringify(entry)}`;
    });
    const { words: readable, synonyms } = words.ofTable(table);
    return [
      `    ${JSON.stringify(table.name)}: {`,
      `      "role": ${JSON.stringify(roles.ofTable(table).role)},`,
      `      "synonyms": ${JSON.stringify(listed(readable, texts(synonyms)))},`,
      `      "columns": {\n${columns.join(',\n')}\n      }\n    }`,
    ].join('\n');
  });
  return `{\n  "columns": {},\n  "tables": {\n${tables.join(',\n')}\n  }\n}\n`;
}

function listed(readable: string, synonyms: readonly string[]): string[] {
  return synonyms.length > 0 ? [...synonyms] : [readable];
}
