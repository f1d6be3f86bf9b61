import type { Command } from 'commander';
import { EXIT, UsageError } from './errors.js';
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
    .description('make a bundle of CREATE TABLE statements (T-SQL, PostgreSQL, MySQL)')
    .requiredOption('--ddl <file>', 'file with the statements')
    .option(
      '--name <name>',
      'short name of the bundle: lower-case letters, digits, underscores (default: of the file)',
    )
    .option('--title <title>', 'what a person calls the schema')
    .option('--version-of <version>', 'version of the schema')
    .option('--source <source>', 'who publishes it')
    .option('--licence <licence>', 'its licence')
    .option('--tables-of <schema>', 'take the tables of this database schema alone, for example dbo')
    .option('--out <file>', 'write the bundle here (default: stdout)')
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
  ddl: string;
  name?: string;
  title?: string;
  versionOf?: string;
  source?: string;
  licence?: string;
  tablesOf?: string;
  out?: string;
}

async function importSchema(flags: ImportFlags): Promise<void> {
  const { importDdlFile } = await import('../data/schema/ddl/import-file.js');
  if (flags.name !== undefined && !/^[a-z][a-z0-9_]*$/.test(flags.name)) {
    throw new UsageError(`--name is "${flags.name}": lower-case letters, digits and underscores are meant`);
  }
  const { ddl, name, title, versionOf, source, licence, tablesOf, out } = flags;
  const { bundle, text, notes } = importDdlFile(ddl, {
    ...(name !== undefined && { name }),
    ...(title !== undefined && { title }),
    ...(versionOf !== undefined && { version: versionOf }),
    ...(source !== undefined && { source }),
    ...(licence !== undefined && { licence }),
    ...(tablesOf !== undefined && { schema: tablesOf }),
  });
  notes.forEach(note);
  if (out === undefined) return printLine(text.trimEnd());
  const { writeFileAtomic } = await import('../engine/files.js');
  await writeFileAtomic(out, text);
  note(`${out}: ${bundle.tables.length} tables`);
}
