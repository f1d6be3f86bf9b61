import type { Command } from 'commander';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { readPlaceholders } from '../sql/placeholder-map.js';
import type { validate } from '../sql/validator/validate.js';
import { EXIT, UsageError } from './errors.js';
import { answerLines, asObject, type JsonLine, type LineAnswer } from './json-lines.js';
import { OVERLAY_HELP, SERVER_HELP } from './options.js';
import { note, printJson, printLine } from './output.js';
import { paintFor } from './paint.js';

interface Options {
  schema: string;
  overlay?: string;
  server?: string;
  jsonl?: true;
  json?: true;
  /** False after --no-sense. */
  sense: boolean;
}

const HELP = `
With "question" (the question with its placeholders), a value that it does not hold is refused. Without it, a person's
own values are allowed.
${SERVER_HELP}`;

export function validateCommand(command: Command): void {
  command
    .argument('[sql]', 'the statement, without placeholders')
    .requiredOption(
      '--schema <file>',
      'schema bundle, or the name of one of the package, such as omop_cdm_5_4',
    )
    .option('--overlay <file>', OVERLAY_HELP)
    .option(
      '--server <url>',
      'check on this SQL Server too, without executing: mssql://USER@HOST:1433/DATABASE',
    )
    .option(
      '--jsonl',
      'read {"sql": …, "placeholders": {…}, "question": …} lines from stdin, print one object per line',
    )
    .option('--json', 'print JSON: ok, and every fault with its code and place')
    .option('--no-sense', 'accept what runs and means nothing, such as PatientID > 65')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(sql: string | undefined, options: Options): Promise<void> {
  if (sql === undefined && !options.jsonl)
    throw new UsageError('give a statement, or --jsonl to read statements from stdin');
  if (options.jsonl && options.json) throw new UsageError('--jsonl prints JSON already: leave --json out');
  if (options.jsonl && sql !== undefined)
    throw new UsageError('--jsonl reads statements from stdin; leave the argument out');
  if (options.jsonl && options.server !== undefined)
    throw new UsageError('--server checks one statement; it does not work with --jsonl');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const validator = await import('../sql/validator/validate.js');
  const index = new SchemaIndex(loadBundle(options.schema, options.overlay));
  if (sql === undefined) {
    const { readPlaceholders } = await import('../sql/placeholder-map.js');
    const tools = { index, validate: validator.validate, readPlaceholders, sense: options.sense };
    if (!(await answerLines((line) => answerLine(line, tools)))) process.exitCode = EXIT.badInput;
    return;
  }
  const { ok, errors } = validator.validate(sql, index, undefined, { sense: options.sense });
  const isOk = ok && (options.server === undefined || (await isAcceptedBy(options.server, sql)));
  if (options.json) await printJson({ ok: isOk, errors });
  else if (isOk) await printLine('ok');
  if (isOk) return;
  const { red } = paintFor(process.stderr);
  for (const { code, message, at } of errors) note(`${at.line}:${at.column}: ${red(code)}: ${message}`);
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

interface Tools {
  index: SchemaIndex;
  validate: typeof validate;
  readPlaceholders: typeof readPlaceholders;
  sense: boolean;
}

function answerLine(line: JsonLine, tools: Tools): LineAnswer {
  if ('fault' in line) return refuseLine(line.fault);
  const object = asObject(line.value);
  const sql = object?.['sql'];
  if (typeof sql !== 'string') return refuseLine('the line has no text in "sql"');
  const placeholders = tools.readPlaceholders(object?.['placeholders']);
  if (typeof placeholders === 'string') return refuseLine(placeholders);
  const question = object?.['question'];
  if (question !== undefined && typeof question !== 'string') return refuseLine('"question" is not a text');
  const { ok, errors } = tools.validate(sql, tools.index, placeholders, { sense: tools.sense, question });
  return { output: { ok, errors }, isReadable: true };
}

function refuseLine(message: string): LineAnswer {
  const at = { offset: 0, line: 1, column: 1 };
  return { output: { ok: false, errors: [{ code: 'bad-line', message, at }] }, isReadable: false };
}
