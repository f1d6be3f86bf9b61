import type { Command } from 'commander';
import type { DateOrder } from '../sql/vault/types.js';
import { EXIT } from './errors.js';
import { formatAdapter } from './format.js';
import { adapterOption, dateOrderOption, wholeNumber } from './options.js';
import { note, printJson, printLine } from './output.js';

interface Options {
  schema: string;
  model: string;
  adapter: string;
  candidates: number;
  seed: number;
  maxTables?: number;
  dateOrder?: DateOrder;
  constrain: boolean;
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
    .option('--candidates <count>', 'statements to try until one is valid', wholeNumber(), 4)
    .option('--seed <number>', 'of the candidates after the first', wholeNumber(0), 0)
    .option('--max-tables <count>', 'tables in the prompt', wholeNumber())
    .option('--no-constrain', 'let the model write anything, to see what it knows by itself')
    .addOption(dateOrderOption())
    .option('--json', 'print question, placeholders, raw and rendered SQL, verdict and timings')
    .action(run);
}

async function run(question: string, options: Options): Promise<void> {
  const { extract } = await import('../sql/vault/index.js');
  // Said before a device is opened and weights are read.
  extract(question);
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const index = new SchemaIndex(loadBundle(options.schema));
  const { DecoderModel } = await import('../sql/decoder-model.js');
  await DecoderModel.readFolder(options.model);

  const { Gpu } = await import('../engine/gpu/device.js');
  const { answer } = await import('../sql/agent.js');
  const { createGrammar } = await import('../sql/grammar/index.js');
  const gpu = await Gpu.open({ adapter: options.adapter });
  note(`adapter: ${formatAdapter(gpu.adapter)}`);
  const model = await DecoderModel.load(gpu, options.model, { seed: options.seed });
  model.warnings.forEach(note);
  const { candidates, maxTables, dateOrder } = options;
  const result = await answer(question, {
    index,
    model,
    candidates,
    ...(options.constrain && { grammar: createGrammar(index, model.tokenizer) }),
    ...(maxTables !== undefined && { link: { maxTables } }),
    ...(dateOrder && { dateOrder }),
  });
  gpu.close();

  for (const { message } of result.notes) note(message);
  for (const { sql, errors } of result.candidates) {
    if (errors[0]) note(`refused: ${sql}\n  ${errors[0].code}: ${errors[0].message}`);
  }
  if (result.sql === undefined) {
    note(`engine: no valid statement in ${result.candidates.length} candidates`);
    process.exitCode = EXIT.noStatement;
  }
  if (options.json) await printJson(result);
  else if (result.sql !== undefined) await printLine(result.sql);
}
