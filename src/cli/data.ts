import type { Command } from 'commander';
import { registerBuild } from './data-build.js';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { countingProgress } from './progress.js';
import { wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';

export function register(program: Command): void {
  const data = program.command('data').description('build and look at training corpora');
  registerBuild(data);
  data
    .command('check')
    .description('read a corpus back and prove that training holds nothing of the held-out sets')
    .argument('<folder>', 'a corpus')
    .option('--json', 'print the report as JSON')
    .action(check);
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

async function check(folder: string, { json }: { json?: true }): Promise<void> {
  const { BuiltCorpus } = await import('../data/built-corpus.js');
  const { checkCorpus, leakError } = await import('../data/corpus-check.js');
  const corpus = await BuiltCorpus.open(folder);
  const progress = countingProgress(corpus.index.records);
  try {
    progress.stage('checking');
    const report = await checkCorpus(corpus, (done) => progress.done(done));
    progress.stop();
    const sets = Object.entries(report.heldOut).map(([name, questions]) => `${name} ${questions}`);
    if (json) await printJson(report);
    else
      await printLine(
        `${folder}: ${report.records} records against ${sets.join(', ')}: ${report.leaks} leaks`,
      );
    const error = leakError(folder, report);
    if (error !== undefined) throw error;
  } finally {
    progress.stop();
    corpus.close();
  }
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
