import type { Command } from 'commander';
import { formatBytes } from '../base/format-bytes.js';
import type { ValueBuildOptions } from '../data/values/build.js';
import type { MatchedValue } from '../data/values/longest.js';
import { UsageError } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { collect, OVERLAY_HELP, parseWholeNumber } from './options.js';
import { note, printJson, printLine, printRows } from './output.js';
import { fileToWrite } from './paths.js';
import { countingProgress, type CountingProgress } from './progress.js';

const BUILD_HELP = `
The index holds different values of columns of labels, names, states and codes. Numbers, dates, identifiers and free text
are left out. It contains data of patients: only its owner can read the file, and it is used on this machine alone.
CSV files are named after their tables: person.csv, cdm.person.csv, admissions.csv.gz. A pattern of --exclude is compared
with table.column and with the column's name; * is any text.
With --server: the password comes from OPENWARD_SQL_PASSWORD, the user from the address or OPENWARD_SQL_USER. The login
needs SELECT on the tables and no other right. Needs the package mssql. Untried on a real SQL Server.`;

export function valuesCommand(command: Command): void {
  command
    .command('build')
    .description('make a local index of the values that people name: labels, names, states and codes')
    .requiredOption('--schema <file>', 'schema bundle, or the name of a bundle of this package')
    .option('--overlay <file>', `${OVERLAY_HELP}; roles decide which columns have values`)
    .option('--csv <folder>', 'folder of CSV files, one per table, each with a header')
    .option('--server <url>', 'database to read: mssql://USER@HOST:1433/DATABASE')
    .option('--exclude <pattern>', 'columns to leave out, such as "*name*"; may be repeated', collect)
    .option(
      '--limit <values>',
      'most values of a column, with --server',
      parseWholeNumber(1, 100_000_000),
      1_000_000,
    )
    .requiredOption('--out <file>', 'index file to write', fileToWrite('--out'))
    .addHelpText('after', BUILD_HELP)
    .action(build);
  command
    .command('find')
    .description('print what a phrase matches: values, how, and the columns that have them')
    .requiredOption('--index <file>', 'index made by engine values build')
    .option('--schema <file>', 'bundle that the index must belong to')
    .option('--limit <values>', 'most values to print', parseWholeNumber(1, 10_000), 20)
    .option('--json', 'print JSON')
    .argument('<phrase...>', 'words of one value; its beginning is enough')
    .action(find);
  command
    .command('show')
    .description('print how many values each column has, and no value')
    .argument('<file>', 'index made by engine values build')
    .option('--json', 'print JSON')
    .action(show);
}

interface BuildFlags {
  schema: string;
  overlay?: string;
  csv?: string;
  server?: string;
  exclude?: string[];
  limit: number;
  out: string;
}

async function build({ schema, overlay, csv, server, exclude, limit, out }: BuildFlags): Promise<void> {
  if ((csv === undefined) === (server === undefined)) throw new UsageError('give either --csv or --server');
  const { loadBundle } = await import('../data/schema/load.js');
  const { chooseColumns } = await import('../data/values/build.js');
  const bundle = loadBundle(schema, overlay);
  const columns = chooseColumns(bundle, exclude);
  if (csv !== undefined) {
    const { csvSource } = await import('../data/values/csv-source.js');
    return buildFrom({ bundle, source: csvSource(csv, bundle, columns), out });
  }
  const { connectTo } = await import('../data/server/connect.js');
  const { serverSource } = await import('../data/values/server-source.js');
  const { server: connection } = await connectTo(server!, process.env);
  try {
    await buildFrom({ bundle, source: serverSource(connection, columns, limit), out });
  } finally {
    await connection.close();
  }
}

async function buildFrom(options: ValueBuildOptions): Promise<void> {
  const { buildValueIndex } = await import('../data/values/build.js');
  let progress: CountingProgress | undefined;
  let stage = '';
  const stop = (): void => progress?.stop();
  try {
    const { values, columns, file, leftOut } = await buildValueIndex({
      ...options,
      signal: interruptSignal(),
      onNote: note,
      onProgress(next, done, total) {
        if (next !== stage) {
          stop();
          progress = countingProgress(total);
          progress.stage((stage = next));
        }
        progress!.done(done);
      },
    });
    stop();
    for (const { table, column, reason } of leftOut) {
      if (reason !== 'no values') note(`left out: ${table}.${column} (${reason})`);
    }
    note(`${options.out}: ${values} values of ${columns} columns, ${formatBytes(file.bytes)}`);
  } finally {
    stop();
  }
}

interface FindFlags {
  index: string;
  schema?: string;
  limit: number;
  json?: true;
}

async function find(phrase: string[], { index: file, schema, limit, json }: FindFlags): Promise<void> {
  const { openValueIndex } = await import('../data/values/value-index.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const index = openValueIndex(file, schema === undefined ? undefined : loadBundle(schema));
  try {
    const found = index.find(phrase.join(' '), limit);
    if (json) return await printJson(found);
    if (found.length === 0) return note('no value matches');
    await printRows(found.map((match) => [describe(match), `${match.value}  (${match.columns.join(', ')})`]));
  } finally {
    index.close();
  }
}

function describe({ how, edits }: MatchedValue): string {
  return edits > 0 ? `${how} (${edits})` : how;
}

async function show(file: string, { json }: { json?: true }): Promise<void> {
  const { openValueIndex } = await import('../data/values/value-index.js');
  const index = openValueIndex(file);
  const { bundle, columns, values, words } = index.directory;
  index.close();
  const used = columns.filter((column) => column.values > 0);
  if (json) return printJson({ bundle: bundle.name, values, words, columns: used });
  await printLine(`bundle ${bundle.name}: ${values} values of ${used.length} columns, ${words} words`);
  await printRows(used.map((column) => [column.name, String(column.values)]));
}
