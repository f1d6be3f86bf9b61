import { Option, type Command } from 'commander';
import type { ExportDType } from '../engine/nn/export-parts.js';
import { adapterOption, parseSize } from './options.js';
import { printLine } from './output.js';

interface Options {
  model: string;
  out: string;
  dtype: ExportDType;
  parts?: number;
  adapter: string;
}

export function exportCommand(command: Command): void {
  command
    .requiredOption('--model <folder>', 'model to export')
    .requiredOption('--out <folder>', 'where the files go')
    .addOption(
      new Option('--dtype <type>', 'how weights are stored; f16 rounds to nearest, ties to even')
        .choices(['f32', 'f16'])
        .default('f32'),
    )
    .option(
      '--parts <size>',
      'write files of at most this size (15MiB) for engine import instead of a model for transformers; needs no adapter',
      parseSize,
    )
    .addOption(adapterOption())
    .action(run);
}

async function run({ model, out, dtype, parts, adapter }: Options): Promise<void> {
  if (parts !== undefined) return inParts(model, out, dtype, parts);
  const { Gpu } = await import('../engine/gpu/device.js');
  const { loadDecoder } = await import('../engine/nn/model-folder.js');
  const { exportStableLm } = await import('../engine/nn/hugging-face.js');
  const gpu = await Gpu.open({ adapter });
  try {
    const { decoder, checkpoint } = await loadDecoder(gpu, model);
    await exportStableLm(decoder, out, dtype);
    await printLine(`exported step ${checkpoint.step}: ${out}`);
  } finally {
    gpu.close();
  }
}

async function inParts(model: string, out: string, dtype: ExportDType, partBytes: number): Promise<void> {
  const { exportParts } = await import('../engine/nn/export-parts.js');
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const { CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  const files = [TOKENIZER_FILE, CONFIDENCE_FILE];
  const { step, parts } = await exportParts(model, out, { dtype, partBytes, files });
  await printLine(`exported step ${step} in ${dtype}, ${parts.length} parts: ${out}`);
}
