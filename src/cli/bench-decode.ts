import { join } from 'node:path';
import type { Command } from 'commander';
import { OVERLAY_HELP, parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options extends DeviceOptions {
  preset: string;
  schema?: string;
  overlay?: string;
  questions: number;
  vocabSize: number;
  out?: string;
  json?: true;
}

export function benchDecodeCommand(bench: Command): void {
  withDevice(bench.command('decode'))
    .description('time decoding under token masks, and the share of the time that the masks take')
    .option('--preset <name>', 'model, with random weights', 'tiny')
    .option('--schema <file>', 'schema bundle of the questions (default: OMOP)')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--questions <count>', 'corpus questions to write statements for', parseWholeNumber(), 40)
    .option('--vocab-size <tokens>', 'vocabulary size of the tokenizer', parseWholeNumber(), 1024)
    .option('--out <file>', 'store the figures as JSON', fileToWrite('--out'))
    .option('--json', 'print JSON')
    .action(run);
}

async function run({ adapter, kernels, preset, schema, overlay, ...options }: Options): Promise<void> {
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { preset: presetNamed } = await import('../engine/nn/config.js');
  const { packageRoot } = await import('../base/paths.js');
  const { measureMaskCost } = await import('../sql/mask-cost.js');
  const config = presetNamed(preset);
  const file = schema ?? join(packageRoot, 'schemas', 'omop_cdm_5_4.json');
  const knobs = withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json')));
  const source = new SampleSource([new SchemaIndex(loadBundle(file, overlay))], {
    ...knobs,
    format: undefined,
  });
  const gpu = await Gpu.open({ adapter, kernels });
  const cost = await measureMaskCost(gpu, {
    config: { ...config, context: Math.max(config.context, 512) },
    source,
    seed: 1,
    questions: options.questions,
    vocabSize: options.vocabSize,
  });
  const { name, description } = gpu.adapter;
  gpu.close();
  const report = { adapter: name, description, kernels: gpu.path, preset, ...cost };
  if (options.out !== undefined) {
    const { writeJsonAtomic } = await import('../base/files.js');
    await writeJsonAtomic(options.out, report);
  }
  if (options.json) return printJson(report);
  const ms = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `${value.toFixed(3)} ms`;
  const speed = `${cost.tokensPerSecond.toFixed(1)} tok/s with masks`;
  await printLine(`${name} ${description}, kernels ${gpu.path}, ${preset}: ${speed}`);
  await printLine(
    `per step: ${ms(cost.stepMs)} with masks, ${ms(cost.plainStepMs)} without; masks add ${(100 * cost.share).toFixed(2)}%`,
  );
  await printLine(
    `per step: grammar ${ms(cost.grammarMs)} on the host while the GPU computes, mask upload ${ms(cost.uploadMs)}, ` +
      `token selection kernel ${ms(cost.kernelMs)}`,
  );
}
