import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import type { SchemaBundle } from '../data/schema/bundle.js';
import type { ValueLookup } from '../data/values/longest.js';
import type { Answer } from '../sql/answer.js';
import type { DateOrder } from '../sql/vault/types.js';
import { EXIT, UsageError } from './errors.js';
import { inOwnWords } from '../serve/own-words.js';
import { formatAdapter, formatChance, formatShare } from './format.js';
import {
  dateOrderOption,
  parsePositive,
  parseShare,
  parseWholeNumber,
  withDevice,
  type DeviceOptions,
  OVERLAY_HELP,
  VALUES_HELP,
} from './options.js';
import { note, printJson, printLine } from './output.js';
import { paintFor } from './paint.js';

interface Options extends DeviceOptions {
  schema: string;
  overlay?: string;
  values?: string;
  model?: string;
  candidates: number;
  search: 'beam' | 'sample';
  temperature: number;
  seed: number;
  joins: 'keys' | 'any';
  maxTables?: number;
  dateOrder?: DateOrder;
  constrain: boolean;
  refuse: boolean;
  minConfidence?: number;
  explain?: true;
  json?: true;
}

export function generateCommand(command: Command): void {
  command
    .argument('<question>')
    .requiredOption(
      '--schema <file>',
      'schema bundle, or the name of one of the package, such as omop_cdm_5_4',
    )
    .option('--model <folder>', 'trained model (default: the shipped one that fits the schema)');
  withDevice(command)
    .option(
      '--candidates <count>',
      'how many statements the model writes; the best valid one is the answer',
      parseWholeNumber(1, 16),
      4,
    )
    .addOption(
      new Option('--search <how>', 'how to find them: beam search, or the likeliest one and random samples')
        .choices(['beam', 'sample'])
        .default('beam'),
    )
    .option('--temperature <number>', 'with --search sample: temperature', parsePositive, 0.7)
    .option('--seed <number>', 'with --search sample: seed', parseWholeNumber(0), 0)
    .addOption(
      new Option('--joins <which>', 'join tables along known keys only, or on any comparable columns')
        .choices(['keys', 'any'])
        .default('keys'),
    )
    .option(
      '--max-tables <count>',
      'the most tables that the prompt shows (default: 8, fewer if they do not fit)',
      parseWholeNumber(),
    )
    .option('--no-constrain', 'let the model write anything, to see what it knows without the grammar')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--values <path>', `${VALUES_HELP}; names are then found in any wording`)
    .option('--no-refuse', 'ask the model even if the schema seems to lack what the question needs')
    .option(
      '--min-confidence <share>',
      "refuse statements below this confidence, 0 to 1 (default: the model's, see engine calibrate)",
      parseShare,
    )
    .addOption(dateOrderOption())
    .option('--explain', 'explain the statement in plain words, on stderr')
    .option(
      '--json',
      'print JSON: question, placeholders, candidates with scores and faults, statement, timings',
    )
    .action(run);
}

async function run(question: string, options: Options): Promise<void> {
  const { extract, namesWithDigits } = await import('../sql/vault/index.js');
  const { loadBundle } = await import('../data/schema/load.js');
  // A question that the vault refuses fails here, before a device is opened and weights are read.
  const bundle = loadBundle(options.schema, options.overlay);
  extract(question, { names: namesWithDigits(bundle) });
  const { openAgent } = await import('../sql/open-agent.js');
  const values = await valuesOf(options.values, bundle);
  const model = options.model ?? (await shippedFor(bundle.name));
  const agent = await openAgent({ ...options, values, model, schema: bundle });
  note(`adapter: ${formatAdapter(agent.gpu!.adapter)}`);
  if (options.model === undefined) note(`model: ${basename(model)}, which comes with this package`);
  agent.warnings.forEach(note);
  const result = await agent.ask(question);
  await agent.close();

  const { placeholders } = result;
  for (const { message } of result.notes) note(inOwnWords(message, placeholders));
  for (const { sql: written, errors } of result.candidates) {
    if (errors[0]) note(`refused: ${written}\n  ${errors[0].code}: ${errors[0].message}`);
  }
  const { statement: sql, confidence, refusal, explanation } = result;
  if (sql === undefined) {
    if (refusal?.code === 'unsure') readingOf(result).forEach(note);
    const reason = refusal
      ? `refused, ${inOwnWords(refusal.message, placeholders)}`
      : `none of ${result.candidates.length} candidates is valid`;
    note(`engine: ${reason}`);
    process.exitCode = EXIT.noStatement;
  }
  if (confidence) {
    const { whole, least, chance } = confidence;
    const right = chance === undefined ? '' : `; ${formatChance(chance)}`;
    note(`confidence: ${formatShare(whole)}, ${formatShare(least)} at the least certain token${right}`);
  }
  if (options.explain && explanation !== undefined) note(explanation);
  // Scripts read the statement as `sql`.
  if (options.json) await printJson({ ...result, statement: undefined, sql });
  else if (sql !== undefined) await printLine(paintFor(process.stdout).sql(sql));
}

/** What was read, for a person to see where the question was misunderstood. */
export function readingOf({ placeholders, tables }: Pick<Answer, 'placeholders' | 'tables'>): string[] {
  const values = placeholders.map(({ text, kind, columns = [] }) => {
    const where = columns.length === 0 ? '' : ` of ${columns.join(' or ')}`;
    return `${text} (${kind}${where})`;
  });
  return [
    `values read: ${values.length === 0 ? 'none' : values.join(', ')}`,
    `tables considered: ${tables.join(', ')}`,
  ];
}

async function valuesOf(path: string | undefined, bundle: SchemaBundle): Promise<ValueLookup | undefined> {
  if (path === undefined) return undefined;
  const { openValues } = await import('../data/values/open-values.js');
  return openValues(path, bundle);
}

async function shippedFor(bundleName: string): Promise<string> {
  const { shippedModel } = await import('../sql/model-card.js');
  const folder = shippedModel(bundleName);
  if (folder === undefined) throw new UsageError('no model ships with this package: name one with --model');
  return folder;
}
