import type { Command } from 'commander';
import { registerBuild } from './data-build.js';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';

export function register(program: Command): void {
  const data = program.command('data').description('build and look at training corpora');
  registerBuild(data);
  withSource(data.command('show'))
    .description('print training records')
    .option('--count <records>', 'how many', wholeNumber(), 3)
    .option('--json', 'one JSON object a line')
    .action(show);
  withSource(data.command('stats'))
    .description('count what a corpus would hold')
    .option('--count <records>', 'samples to look at', wholeNumber(), 2000)
    .action(stats);
}

async function show(options: SourceOptions & { count: number; json?: true }): Promise<void> {
  const { formatRecord } = await import('../data/record.js');
  const source = await openSource(options);
  for (let i = 0; i < options.count; i++) {
    const { record, family, rawQuestion } = source.sample(options.seed, i);
    if (options.json) await printLine(JSON.stringify({ family, rawQuestion, ...record }));
    else await printLine(`${formatRecord(record)}\n`);
  }
}

async function stats(options: SourceOptions & { count: number }): Promise<void> {
  const { buildStatistics } = await import('../data/corpus/statistics.js');
  const source = await openSource(options);
  const samples = Array.from({ length: options.count }, (_, i) => source.sample(options.seed, i));
  await printJson(buildStatistics(samples));
}
