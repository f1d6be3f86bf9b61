import type { Command } from 'commander';
import { AppError } from '../base/errors.js';
import type { DateOrder, VaultOptions, VaultResult } from '../sql/vault/types.js';
import { EXIT, UsageError } from './errors.js';
import { answerLines, asObject, type JsonLine, type LineAnswer } from './json-lines.js';
import { dateOrderOption, OVERLAY_HELP, VALUES_HELP } from './options.js';
import { note, printJson } from './output.js';

interface Options {
  jsonl?: true;
  dateOrder?: DateOrder;
  schema?: string;
  overlay?: string;
  values?: string;
}

const HELP = `
The kind of a value decides its placeholder: IDs and codes become __ID_1__, dates __DATE_1__, names and quoted text
__TEXT_1__, numbers __NUM_1__. Names without quotes (given metformin, male) are found only with --schema, and better with
--values; "clear" lists the content words that the model reads. A question that already contains such a name is refused (exit code 2), in upper or lower case, and
even if it is disguised by look-alike or invisible characters. Notes on stderr (with --jsonl, in "notes") report doubtful
values: a date that can be read in two ways, has no year, has a two-digit year or does not exist; a time that has no exact
meaning (weekends, spring 2020); a number of another country (1.000,5); a time zone; a decade;
a fiscal year, which is assumed to begin in January.`;

export function vaultCommand(command: Command): void {
  command
    .argument('[question]')
    .option('--jsonl', 'read {"question": …} lines from stdin, print one object per line')
    .option(
      '--schema <file>',
      'schema bundle: names without quotes are found by what its words do not explain',
    )
    .option('--values <path>', `${VALUES_HELP}; needs --schema`)
    .option('--overlay <file>', OVERLAY_HELP)
    .addOption(dateOrderOption())
    .addHelpText('after', HELP)
    .action(run);
}

type Extract = (question: string, options: VaultOptions) => VaultResult & { clear: string[] };

async function run(
  question: string | undefined,
  { jsonl, dateOrder, schema, overlay, values }: Options,
): Promise<void> {
  if (question === undefined && !jsonl)
    throw new UsageError('give a question, or --jsonl to read questions from stdin');
  if (question !== undefined && jsonl)
    throw new UsageError('--jsonl reads questions from stdin; leave the argument out');
  if (values !== undefined && schema === undefined) throw new UsageError('--values needs --schema');
  const vault = await import('../sql/vault/index.js');
  const knowledge = schema === undefined ? undefined : await knowledgeOf(schema, overlay, values);
  const options: VaultOptions = { dateOrder, knowledge };
  const extract: Extract = (text, given) => {
    const result = vault.extract(text, given);
    return { ...result, clear: vault.inTheClear(result.question, knowledge) };
  };
  if (question === undefined) {
    const isReadable = await answerLines((line) => answerLine(line, extract, options));
    if (!isReadable) process.exitCode = EXIT.badInput;
    return;
  }
  const result = extract(question, options);
  for (const { message } of result.notes) note(message);
  await printJson(result);
}

async function knowledgeOf(
  schema: string,
  overlay: string | undefined,
  values: string | undefined,
): Promise<VaultOptions['knowledge']> {
  const { loadBundle } = await import('../data/schema/load.js');
  const { openValues } = await import('../data/values/open-values.js');
  const { knowledgeOf } = await import('../sql/vault/index.js');
  const bundle = loadBundle(schema, overlay);
  return knowledgeOf(bundle, values === undefined ? undefined : openValues(values, bundle));
}

function answerLine(line: JsonLine, extract: Extract, options: VaultOptions): LineAnswer {
  if ('fault' in line) return refuseLine('bad-line', line.fault);
  const question = asObject(line.value)?.['question'];
  if (typeof question !== 'string') return refuseLine('bad-line', 'the line has no text in "question"');
  try {
    return { output: extract(question, options), isReadable: true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refuseLine(error.code, error.message);
  }
}

function refuseLine(code: string, message: string): LineAnswer {
  return { output: { error: { code, message } }, isReadable: false };
}
