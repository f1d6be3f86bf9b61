import { Option, type Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import type { DateOrder } from '../sql/vault/types.js';
import { EXIT } from './errors.js';
import { formatAdapter } from './format.js';
import {
  adapterOption,
  dateOrderOption,
  kernelsOption,
  positiveNumber,
  shareOfOne,
  wholeNumber,
} from './options.js';
import { note, printJson, printLine } from './output.js';

interface Options {
  schema: string;
  model: string;
  adapter: string;
  kernels: KernelPath | 'auto';
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

export function register(program: Command): void {
  program
    .command('generate')
    .description('turn a question into one validated T-SQL SELECT; the statement alone goes to stdout')
    .argument('<question>')
    .requiredOption('--schema <file>', 'schema bundle')
    .requiredOption('--model <folder>', 'trained model')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option(
      '--candidates <count>',
      'statements to write, of which the best valid one is taken',
      wholeNumber(1, 16),
      4,
    )
    .addOption(
      new Option('--search <how>', 'beam search, or the likeliest statement and others that are drawn')
        .choices(['beam', 'sample'])
        .default('beam'),
    )
    .option('--temperature <number>', 'of drawn statements', positiveNumber, 0.7)
    .option('--seed <number>', 'of drawn statements', wholeNumber(0), 0)
    .addOption(
      new Option('--joins <which>', 'join along known keys, or any columns that can be compared')
        .choices(['keys', 'any'])
        .default('keys'),
    )
    .option('--max-tables <count>', 'tables in the prompt', wholeNumber())
    .option('--no-constrain', 'let the model write anything, to see what it knows by itself')
    .option('--no-refuse', 'ask the model even when the schema seems to lack what the question needs')
    .option(
      '--min-confidence <share>',
      "refuse statements that the model is less sure of, 0 to 1 (default: the model folder's confidence.json, see calibrate)",
      shareOfOne,
    )
    .addOption(dateOrderOption())
    .option('--explain', 'say in plain words what the statement does, on stderr')
    .option(
      '--json',
      'print question, placeholders, all candidates with scores and reasons, the statement and timings',
    )
    .action(run);
}

async function run(question: string, options: Options): Promise<void> {
  const { extract } = await import('../sql/vault/index.js');
  // Said before a device is opened and weights are read.
  extract(question);
  const { openAgent } = await import('../sql/open-agent.js');
  const agent = await openAgent(options);
  note(`adapter: ${formatAdapter(agent.gpu!.adapter)}`);
  agent.warnings.forEach(note);
  const result = await agent.ask(question);
  await agent.close();

  for (const { message } of result.notes) note(message);
  for (const { sql: written, errors } of result.candidates) {
    if (errors[0]) note(`refused: ${written}\n  ${errors[0].code}: ${errors[0].message}`);
  }
  const { statement: sql, confidence, refusal, explanation } = result;
  if (sql === undefined) {
    note(
      `engine: ${refusal ? `refused, ${refusal.message}` : `no valid statement in ${result.candidates.length} candidates`}`,
    );
    process.exitCode = EXIT.noStatement;
  }
  if (confidence)
    note(`confidence: ${share(confidence.mean)}, at the least sure token ${share(confidence.least)}`);
  if (options.explain && explanation !== undefined) note(explanation);
  // Scripts read the statement as `sql`.
  if (options.json) await printJson({ ...result, statement: undefined, sql });
  else if (sql !== undefined) await printLine(sql);
}

function share(probability: number): string {
  return `${(100 * probability).toFixed(1)}%`;
}
