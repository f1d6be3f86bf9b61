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
    .argument('<ddl>', 'file with the statements')
    .requiredOption('--name <name>', 'short name of the bundle: lower-case letters, digits, underscores')
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
  name: string;
  title?: string;
  versionOf?: string;
  source?: string;
  licence?: string;
  tablesOf?: string;
  out?: string;
}

async function importSchema(file: string, flags: ImportFlags): Promise<void> {
  const { importDdl } = await import('../data/schema/ddl/import.js');
  const { formatBundle } = await import('../data/schema/format.js');
  const { readText } = await import('../data/schema/load.js');
  if (!/^[a-z][a-z0-9_]*$/.test(flags.name)) {
    throw new UsageError(`--name is "${flags.name}": lower-case letters, digits and underscores are meant`);
  }
  const { name, title, versionOf, source, licence, tablesOf } = flags;
  const bundle = importDdl(readText(file), {
    name,
    file,
    ...(title !== undefined && { title }),
    ...(versionOf !== undefined && { version: versionOf }),
    ...(source !== undefined && { source }),
    ...(licence !== undefined && { licence }),
    ...(tablesOf !== undefined && { schema: tablesOf }),
    onNote: note,
  });
  const text = formatBundle(bundle);
  if (flags.out === undefined) return printLine(text.trimEnd());
  const { writeFileAtomic } = await import('../engine/files.js');
  await writeFileAtomic(flags.out, text);
  note(`${flags.out}: ${bundle.tables.length} tables`);
}
