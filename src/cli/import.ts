import type { Command } from 'commander';
import { note, printLine } from './output.js';

interface Options {
  parts: string;
  model: string;
}

export function importCommand(command: Command): void {
  command
    .requiredOption('--parts <folder>', 'folder with all parts of one export')
    .requiredOption('--model <folder>', 'the model folder to make')
    .action(run);
}

async function run({ parts, model }: Options): Promise<void> {
  const { importParts } = await import('../engine/nn/export-parts.js');
  const { step, momentsLost } = await importParts(parts, model);
  if (momentsLost)
    note('the moments of the optimizer were not exported: training continues with moments of zero');
  await printLine(`imported step ${step}: ${model}`);
}
