import type { Command } from 'commander';
import type { BestScore } from '../engine/train/best.js';
import { formatCount, formatDuration } from './format.js';
import { printJson, printLine, printRows } from './output.js';

interface Options {
  json?: true;
}

export function runsCommand(command: Command): void {
  command
    .argument('[folder]', 'a run, or a folder of runs', 'runs')
    .option('--json', 'print JSON')
    .action(list);
}

async function list(folder: string, { json }: Options): Promise<void> {
  const { listRuns } = await import('../engine/train/runs.js');
  const runs = await listRuns(folder);
  if (json) return printJson(runs);
  if (runs.length === 0) return printLine(`${folder}: no run, nor in the folders in it`);
  for (const { name, parameters, steps, loss, checkpoints, best, training } of runs) {
    const state = training === undefined ? '' : `, training now (process ${training})`;
    const last = loss === undefined ? '' : `, loss ${loss.toFixed(4)}`;
    const of = steps.planned === undefined ? '' : ` of ${steps.planned}`;
    await printLine(`${name}: ${formatCount(parameters)} parameters, step ${steps.done}${of}${last}${state}`);
    await printRows(
      checkpoints.map(({ step, bytes, savedAt, problem }) => {
        const age = formatDuration((Date.now() - savedAt) / 1000);
        return [`  step ${step}`, problem ?? `${formatCount(bytes)}B, ${age} old`];
      }),
    );
    if (checkpoints.length === 0) await printLine('  no checkpoint: nothing to go on from');
    if (best) await printLine(`  best: ${describeBest(best)}, in ${name}/best`);
  }
}

/** `step 500, validation loss 0.4312, 6 of 8 answers right`. */
export function describeBest({ step, loss, right, asked }: BestScore): string {
  const parts = [`step ${step}`];
  if (loss !== undefined) parts.push(`validation loss ${loss.toFixed(4)}`);
  if (asked !== undefined) parts.push(`${right} of ${asked} answers right`);
  return parts.join(', ');
}
