import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import type { GgufDType } from '../engine/nn/export-gguf.js';
import type { ExportDType } from '../engine/nn/half-weights.js';
import { UsageError } from './errors.js';
import { parseSize } from './options.js';
import { note, printJson, printLine } from './output.js';
import { checkWritable } from './paths.js';

interface Options {
  model: string;
  out: string;
  format?: 'hf' | 'gguf';
  dtype?: GgufDType;
  parts?: number;
  weightsOnly?: true;
  json?: true;
}

export function exportCommand(command: Command): void {
  command
    .requiredOption('--model <folder>', 'model to export')
    .requiredOption('--out <path>', 'where the files go: a folder, or with --format gguf a file NAME.gguf')
    .addOption(
      new Option(
        '--format <format>',
        'hf: for transformers, with its tokenizer; gguf: one file for llama.cpp (default: hf)',
      ).choices(['hf', 'gguf']),
    )
    .addOption(
      new Option(
        '--dtype <type>',
        'how weights are stored; f16 rounds to nearest, ties to even; q8_0, of GGUF alone, to 8 bits (default: f32, with --format gguf f16)',
      ).choices(['f32', 'f16', 'q8_0']),
    )
    .option(
      '--parts <size>',
      'write files of at most this size (15MiB) for engine import instead of a model for transformers',
      parseSize,
    )
    .option('--weights-only', 'write a model folder with the weights alone, to ship or to ask')
    .option('--json', 'print what was written as JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { model, out, format, parts, weightsOnly } = options;
  const kinds = [
    format && '--format',
    parts !== undefined && '--parts',
    weightsOnly && '--weights-only',
  ].filter(Boolean);
  if (kinds.length > 1) throw new UsageError(`${kinds.join(' and ')} exclude each other`);
  if (format === 'gguf') return asGguf(options, options.dtype ?? 'f16');
  const dtype = options.dtype ?? 'f32';
  if (dtype === 'q8_0') throw new UsageError('--dtype q8_0 needs --format gguf');
  if (weightsOnly) {
    const { exportWeights } = await import('../engine/nn/weights-only.js');
    const step = await exportWeights(model, out, { dtype, files: await filesAlong() });
    return report(options, { step, dtype }, `exported the weights of step ${step} in ${dtype}: ${out}`);
  }
  if (parts === undefined) return forTransformers(options, dtype);
  const { exportParts } = await import('../engine/nn/export-parts.js');
  const written = await exportParts(model, out, { dtype, partBytes: parts, files: await filesAlong() });
  const { step } = written;
  await report(
    options,
    { step, dtype, parts: written.parts },
    `exported step ${step} in ${dtype}, ${written.parts.length} parts: ${out}`,
  );
}

/** @param what for `--json` @param line for a person */
async function report({ json, out }: Options, what: object, line: string): Promise<void> {
  if (json) await printJson({ out, ...what });
  else await printLine(line);
}

async function forTransformers(options: Options, dtype: ExportDType): Promise<void> {
  const { model, out } = options;
  const { exportStableLm } = await import('../engine/nn/hugging-face.js');
  const { loadConfig } = await import('../engine/nn/model-folder.js');
  const { huggingFaceTokenizer } = await import('../data/tokenizer/hugging-face-files.js');
  const { context } = await loadConfig(model);
  const tokenizer = await tokenizerOf(model);
  if (!tokenizer) note('the model has no tokenizer.json, so none is exported');
  const step = await exportStableLm(model, out, {
    dtype,
    endId: tokenizer?.endId,
    padId: tokenizer?.padId,
    files: { ...(tokenizer && huggingFaceTokenizer(tokenizer, context)), ...(await textsAlong(model)) },
  });
  await report(options, { format: 'hf', step, dtype }, `exported step ${step}: ${out}`);
}

async function asGguf(options: Options, dtype: GgufDType): Promise<void> {
  const { model, out } = options;
  if (!out.endsWith('.gguf')) throw new UsageError(`--format gguf writes one file: ${out} must end in .gguf`);
  checkWritable(out, '--out');
  const { exportGguf } = await import('../engine/nn/export-gguf.js');
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  const { ggufVocabulary } = await import('../data/tokenizer/gguf-vocabulary.js');
  const tokenizer = await Tokenizer.load(join(model, TOKENIZER_FILE));
  const step = await exportGguf(model, out, {
    dtype,
    name: basename(resolve(model)),
    vocabulary: ggufVocabulary(tokenizer),
    files: { [TOKENIZER_FILE]: tokenizer.toJson(), ...(await textsAlong(model)) },
  });
  await report(options, { format: 'gguf', step, dtype }, `exported step ${step} in ${dtype}: ${out}`);
}

/** The model's tokenizer; undefined if its folder has none. */
async function tokenizerOf(model: string): Promise<Tokenizer | undefined> {
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const path = join(model, TOKENIZER_FILE);
  if (!existsSync(path)) return undefined;
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  return Tokenizer.load(path);
}

/** What a model needs besides its weights: how text becomes tokens, how records are written, when it is sure enough. */
async function filesAlong(): Promise<string[]> {
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  return [TOKENIZER_FILE, ...(await ownFiles())];
}

/** Those that no other program knows. Without them a model that comes back would read other prompts. */
async function ownFiles(): Promise<string[]> {
  const { FORMAT_FILE } = await import('../data/record-format.js');
  const { CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  return [FORMAT_FILE, CONFIDENCE_FILE];
}

async function textsAlong(model: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of await ownFiles()) {
    const path = join(model, name);
    if (existsSync(path)) texts[name] = await readFile(path, 'utf8');
  }
  return texts;
}
