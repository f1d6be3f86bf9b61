import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from './errors.js';
import { note, printJson, printLine } from './output.js';

interface Options {
  parts?: string;
  hf?: string;
  gguf?: string;
  model: string;
  json?: true;
}

export function importCommand(command: Command): void {
  command
    .option('--parts <folder>', 'folder with all parts of one export')
    .option('--hf <folder>', 'folder of a StableLM for transformers, with its tokenizer.json')
    .option('--gguf <file>', 'GGUF file that engine export wrote, in f32, f16 or q8_0')
    .requiredOption('--model <folder>', 'the model folder to make')
    .option('--json', 'print what was imported as JSON')
    .action(run);
}

async function run({ parts, hf, gguf, model, json }: Options): Promise<void> {
  if ([parts, hf, gguf].filter((given) => given !== undefined).length !== 1)
    throw new UsageError('give one of --parts, --hf and --gguf');
  let step = 0;
  if (parts !== undefined) {
    const { importParts } = await import('../engine/nn/export-parts.js');
    const imported = await importParts(parts, model);
    step = imported.step;
    if (imported.momentsLost)
      note('the moments of the optimizer were not exported: training continues with moments of zero');
  } else if (hf !== undefined) await fromTransformers(hf, model);
  else await fromGguf(gguf!, model);
  if (json) await printJson({ model, step });
  else await printLine(`imported step ${step}: ${model}`);
}

async function fromTransformers(folder: string, model: string): Promise<void> {
  const { openStableLm } = await import('../engine/nn/hugging-face.js');
  const { importModel } = await import('../engine/nn/import-model.js');
  const texts: Record<string, string> = {};
  for (const name of await filesBeside()) {
    const path = join(folder, name);
    if (existsSync(path)) texts[name] = await readFile(path, 'utf8');
  }
  const files = await checkedFiles(texts, folder);
  const foreign = await openStableLm(folder);
  try {
    await importModel(foreign, model, files);
  } finally {
    await foreign.close();
  }
}

async function fromGguf(path: string, model: string): Promise<void> {
  const { openGguf, importModel } = await import('../engine/nn/import-model.js');
  const foreign = await openGguf(path);
  try {
    const known = await filesBeside();
    const texts = Object.fromEntries(Object.entries(foreign.files).filter(([name]) => known.includes(name)));
    await importModel(foreign, model, await checkedFiles(texts, path));
  } finally {
    await foreign.close();
  }
}

async function filesBeside(): Promise<string[]> {
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const { FORMAT_FILE } = await import('../data/record-format.js');
  const { CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  return [TOKENIZER_FILE, FORMAT_FILE, CONFIDENCE_FILE];
}

/** @throws DataError `tokenizer-format` for a tokenizer that is not ours: its model could not be asked */
async function checkedFiles(files: Record<string, string>, from: string): Promise<Record<string, string>> {
  const { TOKENIZER_FILE } = await import('../data/corpus/files.js');
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  const tokenizer = files[TOKENIZER_FILE];
  if (tokenizer === undefined) note(`${from} has no tokenizer: the model continues token ids alone`);
  else Tokenizer.fromJson(tokenizer, join(from, TOKENIZER_FILE));
  return files;
}
