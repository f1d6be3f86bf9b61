import type { Command } from 'commander';
import type { DateOrder, VaultOptions, VaultResult } from '../sql/vault/types.js';
import { EXIT, UsageError } from './errors.js';
import { answerLines, asObject, type JsonLine, type LineAnswer } from './json-lines.js';
import { dateOrderOption } from './options.js';
import { note, printJson } from './output.js';

interface Options {
  jsonl?: true;
  dateOrder?: DateOrder;
  schema?: string;
}

const HELP = `
Values get placeholders by what they are: IDs and codes __ID_1__, dates __DATE_1__, quoted text __TEXT_1__, amounts
__NUM_1__. A question that holds such a name itself, in any case and with look-alike or invisible characters too, is
refused (exit code 2). Notes on stderr (with --jsonl, in "notes") say what was doubtful: a date that can be read in two
ways, one without a year or that does not exist, a year of two digits, a time
zone, a fiscal year (read as if it began in January).`;

export function register(program: Command): void {
  program
    .command('vault')
    .description('take IDs, dates and other values out of a question')
    .argument('[question]')
    .option('--jsonl', 'read {"question": …} a line from stdin, answer one object a line')
    .option('--schema <file>', 'names of this schema that hold digits stay in the question')
    .addOption(dateOrderOption())
    .addHelpText('after', HELP)
    .action(run);
}

async function run(question: string | undefined, options: Options): Promise<void> {
  const { extract } = await import('../sql/vault/index.js');
  const vaultOptions = await readOptions(options);
  if (options.jsonl) {
    if (question !== undefined) throw new UsageError('with --jsonl the questions come from stdin');
    const isReadable = await answerLines((line) => answerLine(line, extract, vaultOptions));
    if (!isReadable) process.exitCode = EXIT.badInput;
    return;
  }
  if (question === undefined) throw new UsageError('which question? Or --jsonl to read them from stdin');
  const result = extract(question, vaultOptions);
  for (const { message } of result.notes) note(message);
  await printJson(result);
}

async function readOptions({ dateOrder, schema }: Options): Promise<VaultOptions> {
  const options: VaultOptions = dateOrder ? { dateOrder } : {};
  if (schema === undefined) return options;
  const { loadBundle } = await import('../data/schema/load.js');
  const { namesWithDigits } = await import('../sql/vault/index.js');
  return { ...options, names: namesWithDigits(loadBundle(schema)) };
}

function answerLine(
  line: JsonLine,
  extract: (question: string, options: VaultOptions) => VaultResult,
  options: VaultOptions,
): LineAnswer {
  if ('fault' in line) return refuse('bad-line', line.fault);
  const question = asObject(line.value)?.['question'];
  if (typeof question !== 'string') return refuse('bad-line', 'the line has no text in "question"');
  try {
    return { output: extract(question, options), isReadable: true };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'VaultError') throw error;
    return refuse((error as Error & { code: string }).code, error.message);
  }
}

function refuse(code: string, message: string): LineAnswer {
  return { output: { error: { code, message } }, isReadable: false };
}
