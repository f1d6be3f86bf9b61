import type { Command } from 'commander';
import { noteAdapter } from './device.js';
import { UsageError } from './errors.js';
import { parsePositive, parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { printLine } from './output.js';

interface Options extends DeviceOptions {
  model: string;
  tokens: number;
  temperature: number;
  seed: number;
}

export function continueCommand(command: Command): void {
  withDevice(
    command
      .argument('<text>', 'how the text begins')
      .requiredOption('--model <folder>', 'a model that engine train --text made'),
  )
    .option('--tokens <count>', 'how many tokens are added', parseWholeNumber(), 200)
    .option('--temperature <number>', 'lower is more predictable', parsePositive, 0.8)
    .option('--seed <number>', 'the same seed gives the same text', parseWholeNumber(0), 1)
    .action(run);
}

async function run(text: string, options: Options): Promise<void> {
  const { model: folder, adapter, kernels, ...sampling } = options;
  if (text === '') throw new UsageError('the text is empty: give at least one character');
  const { loadConfig, loadModel } = await import('../engine/nn/model-folder.js');
  const { loadTextTokenizer } = await import('../data/text-tokens.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  await loadConfig(folder);
  const tokenizer = await loadTextTokenizer(folder);
  const prompt = tokenizer.encode(text);
  const gpu = await Gpu.open({ adapter, kernels });
  try {
    noteAdapter(gpu, options);
    const model = await loadModel(gpu, folder);
    const written = await model.generate(prompt, { ...sampling, vocabSize: tokenizer.vocabSize });
    await printLine(text + tokenizer.decode(written));
    model.dispose();
  } finally {
    gpu.close();
  }
}
