import type { Command } from 'commander';
import { adapterOption } from './options.js';
import { printLine } from './output.js';

interface Options {
  model: string;
  out: string;
  adapter: string;
}

export function exportCommand(command: Command): void {
  command
    .requiredOption('--model <folder>', 'model to export')
    .requiredOption('--out <folder>', 'where the two files go')
    .addOption(adapterOption())
    .action(run);
}

async function run({ model, out, adapter }: Options): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { loadDecoder } = await import('../engine/nn/model-folder.js');
  const { exportStableLm } = await import('../engine/nn/hugging-face.js');
  const gpu = await Gpu.open({ adapter });
  try {
    const { decoder, checkpoint } = await loadDecoder(gpu, model);
    await exportStableLm(decoder, out);
    await printLine(`exported step ${checkpoint.step}: ${out}`);
  } finally {
    gpu.close();
  }
}
