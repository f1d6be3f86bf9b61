import { Option, type Command } from 'commander';
import type { ExportDType } from '../engine/nn/half-weights.js';
import { UsageError } from './errors.js';
import { adapterOption, parseSize } from './options.js';
import { printLine } from './output.js';

interface Options {
  model: string;
  out: string;
  dtype: ExportDType;
  parts?: number;
  weightsOnly?: true;
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
    .option(
      '--weights-only',
      'write a model folder with the weights alone, to ship or to ask; needs no adapter',
    )
    .addOption(adapterOption())
    .action(run);
}

async function run({ model, out, dtype, parts, weightsOnly, adapter }: Options): Promise<void> {
  if (parts !== undefined && weightsOnly)
    throw new UsageError('--parts and --weights-only exclude each other');
  if (weightsOnly) return withWeightsOnly(model, out, dtype);
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
  const files = await filesAlong();
  const { step, parts } = await exportParts(model, out, { dtype, partBytes, files });
  await printLine(`exported step ${step} in ${dtype}, ${parts.length} parts: ${out}`);
}

async function withWeightsOnly(model: string, out: string, dtype: ExportDType): Promise<void> {
  const { exportWeights } = await import('../engine/nn/weights-only.js');
  const step = await exportWeights(model, out, { dtype, files: await filesAlong() });
  await printLine(`exported the weights of step ${step} in ${dtype}: ${out}`);
}

/** What a model needs besides its weights: how text becomes tokens, how records are written, when it is sure enough. */
async function filesAlong(): Promise<string[]> {
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const { FORMAT_FILE } = await import('../data/record-format.js');
  const { CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  return [TOKENIZER_FILE, FORMAT_FILE, CONFIDENCE_FILE];
}
