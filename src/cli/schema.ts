import type { Command } from 'commander';
import type { ImportedFile } from '../data/schema/ddl/import-file.js';
import type { ServerImportOptions } from '../data/server/import.js';
import { EXIT, UsageError } from './errors.js';
import { SERVER_HELP } from './options.js';
import { note, printLine } from './output.js';

export function register(program: Command): void {
  const schema = program.command('schema').description('check schema bundles, or make one from DDL');
  schema
    .command('check')
    .description('list every fault of schema bundles')
    .argument('<files...>')
    .action(check);
  schema
    .command('import')
    .description('make a bundle of CREATE TABLE statements (T-SQL, PostgreSQL, MySQL) or of a SQL Server')
    .option('--ddl <file>', 'file with the statements')
    .option('--server <url>', 'database whose catalogue is read: mssql://USER@HOST:1433/DATABASE')
    .option(
      '--name <name>',
      'short name of the bundle: lower-case letters, digits, underscores (default: of the file or database)',
    )
    .option('--title <title>', 'what a person calls the schema')
    .option('--version-of <version>', 'version of the schema')
    .option('--source <source>', 'who publishes it')
    .option('--licence <licence>', 'its licence')
    .option(
      '--tables-of <schema>',
      'take the tables of this database schema alone (with --server: dbo unless told)',
    )
    .option('--out <file>', 'write the bundle here (default: stdout)')
    .addHelpText('after', SERVER_HELP)
    .action(importSchema);
}

async function check(files: string[]): Promise<void> {
  const { checkBundleFile } = await import('../data/schema/load.js');
  for (const file of files) {
    const faults = checkBundleFile(file);
    if (faults.length === 0) await printLine(`${file}: ok`);
    for (const { path, message } of faults) note(`${[file, path].filter(Boolean).join(': ')}: ${message}`);
    if (faults.length > 0) process.exitCode = EXIT.badInput;
  }
}

interface ImportFlags {
  ddl?: string;
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
  if (flags.name !== undefined && !/^[a-z][a-z0-9_]*$/.test(flags.name)) {
    throw new UsageError(`--name is "${flags.name}": lower-case letters, digits and underscores are meant`);
  }
  const { ddl, server, name, title, versionOf, source, licence, tablesOf, out } = flags;
  if ((ddl === undefined) === (server === undefined))
    throw new UsageError('either --ddl or --server is meant');
  const options = {
    ...(name !== undefined && { name }),
    ...(title !== undefined && { title }),
    ...(versionOf !== undefined && { version: versionOf }),
    ...(source !== undefined && { source }),
    ...(licence !== undefined && { licence }),
    ...(tablesOf !== undefined && { schema: tablesOf }),
  };
  const { bundle, text, notes } =
    ddl === undefined ? await readServer(server!, options) : await readDdl(ddl, options);
  notes.forEach(note);
  if (out === undefined) return printLine(text.trimEnd());
  const { writeFileAtomic } = await import('../base/files.js');
  await writeFileAtomic(out, text);
  note(`${out}: ${bundle.tables.length} tables`);
}

async function readDdl(file: string, options: ServerImportOptions): Promise<ImportedFile> {
  const { importDdlFile } = await import('../data/schema/ddl/import-file.js');
  return importDdlFile(file, options);
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
