import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { foldName, foldTableName, splitTableName } from '../../tsql/identifier.js';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { csvRows } from './csv.js';
import type { ValueColumn, SourceEvents, ValueSource } from './source.js';

const EXTENSION = /\.(csv|tsv|txt)(\.gz)?$/i;

interface TableFile {
  path: string;
  bytes: number;
  table: string;
}

/**
 * The values of CSV files, each named after its table: `person.csv`, `cdm.person.csv`, `admissions.csv.gz`. Tables
 * without a file have no values. Folders below are read too.
 * @param columns those whose values are wanted
 * @throws DataError `csv-not-found` if there is no file, `csv-no-table` if a file's name is not that of one table,
 *   `csv-twice` if two files are of one table
 */
export function csvSource(
  folder: string,
  bundle: SchemaBundle,
  columns: readonly ValueColumn[],
): ValueSource {
  const files = tableFiles(folder, bundle);
  const wanted = (table: string): Map<string, number> =>
    new Map(columns.flatMap((one, i) => (one.table === table ? [[foldName(one.column), i] as const] : [])));
  return {
    columns,
    async read(events) {
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      let before = 0;
      for (const file of files) {
        events.table(file.table);
        const all = bundle.tables.find(({ name }) => name === file.table)!.columns;
        const names = new Set(all.map(({ name }) => foldName(name)));
        await readFile(file, names, wanted(file.table), events, (bytes) =>
          events.progress(before + bytes, total),
        );
        before += file.bytes;
      }
    },
  };
}

/** Reads one file. The header must be that of the table, apart from columns that the bundle does not have. */
async function readFile(
  { path, table }: TableFile,
  names: ReadonlySet<string>,
  wanted: ReadonlyMap<string, number>,
  events: SourceEvents,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let width = -1;
  let taken: [field: number, column: number][] = [];
  for await (const rows of csvRows(path, onBytes)) {
    for (const { fields, line } of rows) {
      if (width < 0) {
        taken = readHeader(fields, path, table, names, wanted, events);
        width = fields.length;
        if (taken.length === 0) return;
        continue;
      }
      if (fields.length !== width) {
        const message = `has ${fields.length} fields, and the header has ${width}`;
        throw new DataError({ code: 'csv-broken', file: `${path}:${line}`, message });
      }
      for (const [field, column] of taken) {
        // SQL Server ignores blanks at the end when it compares.
        const value = fields[field]!.trimEnd();
        if (value !== '') events.value(column, value);
      }
    }
  }
}

function readHeader(
  header: readonly string[],
  path: string,
  table: string,
  names: ReadonlySet<string>,
  wanted: ReadonlyMap<string, number>,
  events: SourceEvents,
): [number, number][] {
  const folded = header.map((name) => foldName(name.trim()));
  const known = folded.filter((name) => names.has(name)).length;
  if (known === 0) {
    // Without a header the first line may hold a person's data, so the message does not quote it.
    throw new DataError({
      code: 'csv-header',
      file: path,
      message: `none of the ${header.length} names in its first line is a column of ${table}`,
      hint: 'the first line must name the columns',
    });
  }
  const others = header.length - known;
  if (others > 0) events.note(`${path}: ${others} of ${header.length} columns are not in the bundle`);
  return folded.flatMap((name, i) => (wanted.has(name) ? [[i, wanted.get(name)!]] : []));
}

function tableFiles(folder: string, bundle: SchemaBundle): TableFile[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DataError({ code: 'csv-not-found', file: folder, message: 'is not a folder' });
  }
  const found = new Map<string, TableFile>();
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && EXTENSION.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of paths) {
    const table = tableOf(path, bundle);
    const earlier = found.get(table);
    if (earlier) {
      const message = `holds the table ${table}, and so does ${earlier.path}`;
      throw new DataError({ code: 'csv-twice', file: path, message });
    }
    found.set(table, { path, table, bytes: statSync(path).size });
  }
  if (found.size > 0) return [...found.values()];
  throw new DataError({ code: 'csv-not-found', file: folder, message: 'has no CSV file' });
}

function tableOf(path: string, bundle: SchemaBundle): string {
  const name = basename(path).replace(EXTENSION, '');
  const exact = bundle.tables.filter((table) => foldTableName(table.name) === foldTableName(name));
  const loose = bundle.tables.filter(
    (table) => foldName(splitTableName(table.name).table) === foldName(name),
  );
  const [table, second] = exact.length > 0 ? exact : loose;
  if (table && !second) return table.name;
  throw new DataError({
    code: 'csv-no-table',
    file: path,
    message: second
      ? `names several tables: ${loose.map((one) => one.name).join(', ')}`
      : `names no table of the bundle ${bundle.name}`,
    hint: second ? 'put the schema in front: cdm.person.csv' : 'a file is named after its table: person.csv',
  });
}
