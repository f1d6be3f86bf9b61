import type { Command } from 'commander';
import type { ImportedFile } from '../data/schema/ddl/import-file.js';
import type { ServerImportOptions } from '../data/server/import.js';
import { EXIT, UsageError } from './errors.js';
import { SERVER_HELP } from './options.js';
import { note, printLine } from './output.js';

export function schemaCommand(command: Command): void {
  command
    .command('check')
    .description('list every fault of schema bundles')
    .argument('<files...>', 'bundle files')
    .action(check);
  command
    .command('import')
    .description('make a bundle from CREATE TABLE statements (T-SQL, PostgreSQL, MySQL) or from a SQL Server')
    .option('--ddl <file>', 'file with the statements')
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
      'import only the tables of this database schema (default with --server: dbo)',
    )
    .option('--out <file>', 'bundle file to write (default: stdout)')
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
  const { ddl, server, name, title, versionOf, source, licence, tablesOf, out } = flags;
  if (name !== undefined && !/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new UsageError(`--name is "${name}"; expected lower-case letters, digits and underscores`);
  }
  if ((ddl === undefined) === (server === undefined)) throw new UsageError('give either --ddl or --server');
  const options = { name, title, version: versionOf, source, licence, schema: tablesOf };
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
