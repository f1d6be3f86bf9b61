import { join } from 'node:path';
import type { Command } from 'commander';
import type { KernelPath } from '../engine/gpu/path.js';
import { adapterOption, kernelsOption, wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';

interface Options {
  adapter: string;
  kernels: KernelPath | 'auto';
  preset: string;
  schema?: string;
  questions: number;
  vocabSize: number;
  json?: true;
}

export function registerDecode(bench: Command): void {
  bench
    .command('decode')
    .description('time constrained decoding, and what token masks take of it')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--preset <name>', 'the model, with random weights', 'tiny')
    .option('--schema <file>', 'schema bundle of the questions (default: OMOP)')
    .option('--questions <count>', 'corpus questions to write statements for', wholeNumber(), 40)
    .option('--vocab-size <tokens>', 'size of the tokenizer', wholeNumber(), 1024)
    .option('--json', 'print JSON')
    // `bench` has options of the same names, and takes them wherever they stand.
    .action((_options: Options, command: Command) => run(command.optsWithGlobals()));
}

async function run({ adapter, kernels, preset, schema, questions, vocabSize, json }: Options): Promise<void> {
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { preset: presetOf } = await import('../engine/model/config.js');
  const { packageRoot } = await import('../engine/paths.js');
  const { measureMaskCost } = await import('../sql/mask-cost.js');
  const config = presetOf(preset);
  const file = schema ?? join(packageRoot, 'schemas', 'omop_cdm_5_4.json');
  const index = new SchemaIndex(loadBundle(file));
  const source = new SampleSource(
    [index],
    withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json'))),
  );
  const gpu = await Gpu.open({ adapter, kernels });
  const context = Math.max(config.context, 512);
  const options = { config: { ...config, context }, source, seed: 1, questions, vocabSize };
  const cost = await measureMaskCost(gpu, options);
  const { name, description } = gpu.adapter;
  gpu.close();
  if (json) return printJson({ adapter: name, description, preset, ...cost });
  const ms = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `${value.toFixed(3)} ms`;
  await printLine(`${name} ${description}, ${preset}: ${cost.tokensPerSecond.toFixed(1)} tok/s under masks`);
  await printLine(
    `a step ${ms(cost.stepMs)}, without masks ${ms(cost.plainStepMs)}: masks add ${(100 * cost.share).toFixed(2)}%`,
  );
  await printLine(
    `the grammar takes the host ${ms(cost.grammarMs)} while the GPU computes; upload ${ms(cost.uploadMs)}, choosing ` +
      `kernel ${ms(cost.kernelMs)}`,
  );
}
