import type { Command } from 'commander';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { validate } from '../sql/validator/validate.js';
import { EXIT, UsageError } from './errors.js';
import { answerLines, asObject, type JsonLine, type LineAnswer } from './json-lines.js';
import { SERVER_HELP } from './options.js';
import { note, printLine } from './output.js';

interface Options {
  schema: string;
  server?: string;
  jsonl?: true;
}

type Validate = typeof validate;

export function register(program: Command): void {
  program
    .command('validate')
    .description('say whether a statement is one safe SELECT over a schema')
    .argument('[sql]', 'statement without placeholders')
    .requiredOption('--schema <file>', 'schema bundle')
    .option(
      '--server <url>',
      'ask this SQL Server as well, without executing anything: mssql://USER@HOST:1433/DATABASE',
    )
    .option('--jsonl', 'read {"sql": …, "placeholders": {…}} a line from stdin, answer one object a line')
    .addHelpText('after', SERVER_HELP)
    .action(run);
}

async function run(sql: string | undefined, options: Options): Promise<void> {
  if (sql === undefined && !options.jsonl) {
    throw new UsageError('which statement? Or --jsonl to read them from stdin');
  }
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { validate } = await import('../sql/validator/validate.js');
  const { readPlaceholders } = await import('../sql/placeholder-map.js');
  const index = new SchemaIndex(loadBundle(options.schema));
  if (options.jsonl) {
    if (sql !== undefined) throw new UsageError('with --jsonl the statements come from stdin');
    if (options.server !== undefined) throw new UsageError('--server takes one statement, not --jsonl');
    const answer = (line: JsonLine): LineAnswer => answerLine(line, index, validate, readPlaceholders);
    if (!(await answerLines(answer))) process.exitCode = EXIT.badInput;
    return;
  }
  const { ok, errors } = validate(sql!, index);
  if (ok && (options.server === undefined || (await isAcceptedBy(options.server, sql!)))) {
    return printLine('ok');
  }
  for (const { code, message, at } of errors) note(`${at.line}:${at.column}: ${code}: ${message}`);
  process.exitCode = EXIT.noStatement;
}

async function isAcceptedBy(url: string, sql: string): Promise<boolean> {
  const { askServer } = await import('../sql/ask-server.js');
  const { connectTo } = await import('../data/server/connect.js');
  const { server } = await connectTo(url, process.env);
  try {
    const complaints = await askServer(server, sql);
    for (const { number, message } of complaints) note(`SQL Server: ${number}: ${message}`);
    return complaints.length === 0;
  } finally {
    await server.close();
  }
}

function answerLine(
  line: JsonLine,
  index: SchemaIndex,
  validate: Validate,
  readPlaceholders: typeof import('../sql/placeholder-map.js').readPlaceholders,
): LineAnswer {
  if ('fault' in line) return refuse(line.fault);
  const object = asObject(line.value);
  const sql = object?.['sql'];
  if (typeof sql !== 'string') return refuse('the line has no text in "sql"');
  const placeholders = readPlaceholders(object?.['placeholders']);
  if (typeof placeholders === 'string') return refuse(placeholders);
  const { ok, errors } = validate(sql, index, placeholders);
  return { output: { ok, errors }, isReadable: true };
}

function refuse(message: string): LineAnswer {
  const at = { offset: 0, line: 1, column: 1 };
  return { output: { ok: false, errors: [{ code: 'bad-line', message, at }] }, isReadable: false };
}
