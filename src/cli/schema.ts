import { Option, type Command } from 'commander';
import type { ImportedFile, ImportFilesOptions } from '../data/schema/ddl/import-file.js';
import type { Dialect } from '../data/schema/ddl/tokens.js';
import type { ServerImportOptions } from '../data/server/import.js';
import { EXIT, UsageError } from './errors.js';
import { collect, OVERLAY_HELP, SERVER_HELP } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';
import { schemaShowCommand } from './schema-show.js';
import { schemaWordsCommand } from './schema-words.js';
import type { CountingProgress } from './progress.js';

export function schemaCommand(command: Command): void {
  command
    .command('check')
    .description('list every fault of schema bundles')
    .argument('<files...>', 'bundle files')
    .option('--overlay <file>', `${OVERLAY_HELP}; checked with one bundle`)
    .option('--json', 'print JSON: the faults of each file')
    .action(check);
  command
    .command('import')
    .description('make a bundle from CREATE TABLE statements (T-SQL, PostgreSQL, MySQL) or from a SQL Server')
    .option(
      '--ddl <path>',
      'script, folder of .sql files, .sqlproj, or pattern such as "db/**/*.sql"; may be repeated',
      collect,
    )
    .addOption(
      new Option('--dialect <dialect>', 'dialect of the scripts (default: guessed from each)').choices([
        'tsql',
        'postgres',
        'mysql',
      ]),
    )
    .option(
      '--strict',
      'fail at the first declaration that cannot be read, instead of skipping and listing it',
    )
    .option('--drop-schemas', 'write tables without their schemas, as the login has one of its own')
    .option('--server <url>', 'database whose catalogue to read: mssql://USER@HOST:1433/DATABASE')
    .option(
      '--name <name>',
      'short name of the bundle, in lower-case letters, digits and underscores (default: the file or database name)',
    )
    .option('--title <title>', 'full name of the schema, for people')
    .option('--version-of <version>', 'version of the schema')
    .option('--source <source>', 'publisher of the schema')
    .option('--licence <licence>', 'licence of the schema')
    .option(
      '--tables-of <schema>',
      'import only the tables of this database schema (default: all with --ddl, dbo with --server)',
    )
    .option('--out <file>', 'bundle file to write (default: stdout)', fileToWrite('--out'))
    .addHelpText('after', SERVER_HELP)
    .action(importSchema);
  command
    .command('export')
    .description(
      'write a bundle as T-SQL that schema import reads back; synonyms, coded values and joins have no place in it',
    )
    .argument('<bundle>', 'bundle file, or the name of a bundle of this package')
    .requiredOption('--ddl', 'as CREATE TABLE statements, with keys and descriptions')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--out <file>', 'file to write (default: stdout)', fileToWrite('--out'))
    .action(exportSchema);
  schemaWordsCommand(command);
  schemaShowCommand(command);
}

async function check(files: string[], { overlay, json }: { overlay?: string; json?: true }): Promise<void> {
  if (overlay !== undefined && files.length !== 1) throw new UsageError('--overlay needs exactly one bundle');
  const { checkBundleFile, loadBundle } = await import('../data/schema/load.js');
  const checked = files.map((file) => ({ file, faults: checkBundleFile(file) }));
  if (json) await printJson(checked.map(({ file, faults }) => ({ file, ok: faults.length === 0, faults })));
  for (const { file, faults } of checked) {
    const isOk = faults.length === 0;
    if (isOk && overlay !== undefined) loadBundle(file, overlay);
    if (isOk && !json) await printLine(`${file}${overlay === undefined ? '' : ` with ${overlay}`}: ok`);
    for (const { path, message } of faults) note(`${[file, path].filter(Boolean).join(': ')}: ${message}`);
    if (faults.length > 0) process.exitCode = EXIT.badInput;
  }
}

interface ImportFlags {
  ddl?: string[];
  dialect?: Dialect;
  strict?: true;
  dropSchemas?: true;
  server?: string;
  name?: string;
  title?: string;
  versionOf?: string;
  source?: string;
  licence?: string;
  tablesOf?: string;
  out?: string;
}

async function importSchema(flags: ImportFlags): Promise<void> {
  const { ddl, server, name, title, versionOf, source, licence, tablesOf, out } = flags;
  if (name !== undefined && !/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new UsageError(`--name is "${name}"; expected lower-case letters, digits and underscores`);
  }
  if ((ddl === undefined) === (server === undefined)) throw new UsageError('give either --ddl or --server');
  const { dialect, strict, dropSchemas } = flags;
  if (server !== undefined && (dialect !== undefined || strict === true || dropSchemas === true)) {
    throw new UsageError('--dialect, --strict and --drop-schemas belong to --ddl');
  }
  const options = { name, title, version: versionOf, source, licence, schema: tablesOf };
  const { bundle, text, notes } =
    ddl === undefined
      ? await readServer(server!, options)
      : await readDdl(ddl, { ...options, dialect, strict, schemas: dropSchemas === true ? 'drop' : 'keep' });
  notes.forEach(note);
  const columns = bundle.tables.reduce((sum, table) => sum + table.columns.length, 0);
  const listed = notes.length === 0 ? '' : `; ${notes.length} listed above`;
  const summary = `${bundle.tables.length} tables, ${columns} columns${listed}`;
  if (out === undefined) await printLine(text.trimEnd());
  else await (await import('../base/files.js')).writeFileAtomic(out, text);
  note(`${out ?? bundle.name}: ${summary}`);
}

/** Scripts above this many bytes take long enough to show progress. */
const SHOWN_FROM = 4 << 20;

async function readDdl(paths: string[], options: ImportFilesOptions): Promise<ImportedFile> {
  const { importDdlFiles } = await import('../data/schema/ddl/import-file.js');
  const { countingProgress } = await import('./progress.js');
  let progress: CountingProgress | undefined;
  let shown = -1;
  const onProgress = (done: number, total: number): void => {
    if (total < SHOWN_FROM || done >> 20 === shown) return;
    shown = done >> 20;
    if (!progress) {
      progress = countingProgress(total >> 20);
      progress.stage('MiB of scripts');
    }
    progress.done(shown);
  };
  try {
    return await importDdlFiles(paths, { ...options, onProgress });
  } finally {
    progress?.stop();
  }
}

async function exportSchema(
  bundle: string,
  { out, overlay }: { out?: string; overlay?: string },
): Promise<void> {
  const { loadBundle } = await import('../data/schema/load.js');
  const { renderDdl } = await import('../data/schema/ddl/render.js');
  const text = renderDdl(loadBundle(bundle, overlay));
  if (out === undefined) return printLine(text.trimEnd());
  const { writeFileAtomic } = await import('../base/files.js');
  await writeFileAtomic(out, text);
}

async function readServer(url: string, options: ServerImportOptions): Promise<ImportedFile> {
  const { connectTo } = await import('../data/server/connect.js');
  const { importFromServer } = await import('../data/server/import.js');
  const { formatBundle } = await import('../data/schema/format.js');
  const { server, address } = await connectTo(url, process.env);
  try {
    const { bundle, notes } = await importFromServer(server, address.database, options);
    return { bundle, notes, text: formatBundle(bundle) };
  } finally {
    await server.close();
  }
}
