import { join } from 'node:path';
import type { Command } from 'commander';
import { printLine } from './output.js';
import { fileToWrite } from './paths.js';

export function reportCommand(command: Command): void {
  command
    .argument('<run>', 'folder of the run: what engine train --model was given')
    .option(
      '--out <file>',
      'where the page goes (default: report.html in the folder of the run)',
      fileToWrite('--out'),
    )
    .action(report);
}

async function report(
  run: string,
  { out = join(run, 'report.html') }: { out?: string | undefined },
): Promise<void> {
  const { readRun } = await import('../engine/report/view.js');
  const { runPage } = await import('../engine/report/page.js');
  const { writeFileAtomic } = await import('../base/files.js');
  const { view } = await readRun(run);
  await writeFileAtomic(out, runPage(view).html);
  const { curves } = view;
  await printLine(`${out}: ${curves.totals.step} steps, ${curves.validations.length} validations`);
}
