import { join } from 'node:path';
import type { Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { adapterOption, kernelsOption, wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';

interface Options {
  adapter: string;
  kernels: KernelPath | 'auto';
  preset: string;
  schema?: string;
  questions: number;
  vocabSize: number;
  out?: string;
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
    .option('--out <file>', 'store the figures as JSON')
    .option('--json', 'print JSON')
    // `bench` has options of the same names, and takes them wherever they stand.
    .action((_options: Options, command: Command) => run(command.optsWithGlobals()));
}

async function run(given: Options): Promise<void> {
  const { adapter, kernels, preset, schema, questions, vocabSize, out, json } = given;
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { preset: presetOf } = await import('../engine/nn/config.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const { packageRoot } = await import('../base/paths.js');
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
  const report = { adapter: name, description, kernels: gpu.path, preset, ...cost };
  if (out !== undefined) await writeJsonAtomic(out, report);
  if (json) return printJson(report);
  const ms = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `${value.toFixed(3)} ms`;
  const speed = `${cost.tokensPerSecond.toFixed(1)} tok/s under masks`;
  await printLine(`${name} ${description}, kernels ${gpu.path}, ${preset}: ${speed}`);
  await printLine(
    `a step ${ms(cost.stepMs)}, without masks ${ms(cost.plainStepMs)}: masks add ${(100 * cost.share).toFixed(2)}%`,
  );
  await printLine(
    `the grammar takes the host ${ms(cost.grammarMs)} while the GPU computes; upload ${ms(cost.uploadMs)}, choosing ` +
      `kernel ${ms(cost.kernelMs)}`,
  );
}
