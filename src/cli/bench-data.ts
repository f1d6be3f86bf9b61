import type { Command } from 'commander';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { parseWholeNumber } from './options.js';
import { note, printJson, printLine } from './output.js';

interface Options extends SourceOptions {
  samples: number;
  workers?: number;
  json?: true;
}

export function benchDataCommand(bench: Command): void {
  withSource(bench.command('data'))
    .description('measure corpus building: samples/s per core, tokenizer MB/s, peak memory of a whole build')
    .option('--samples <records>', 'records of the build', parseWholeNumber(), 100_000)
    .option('--workers <threads>', 'worker threads of the build (default: one per core)', parseWholeNumber())
    .option('--json', 'print everything as JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { benchData } = await import('../data/bench.js');
  const { defaultWorkers } = await import('../data/corpus/build/build.js');
  const report = await benchData({
    source: await openSource(options),
    seed: options.seed,
    samples: options.samples,
    workers: options.workers ?? defaultWorkers(),
    folder: join(tmpdir(), `bench-data-${process.pid}`),
    onProgress: note,
  });
  if (options.json) return printJson(report);
  const { samplesPerSecond, tokenizerMegabytesPerSecond, build } = report;
  await printLine(
    `${samplesPerSecond.median.toFixed(0)} samples/s on one thread (${samplesPerSecond.perCpuSecond.toFixed(0)} per CPU second), ` +
      `tokenizer ${tokenizerMegabytesPerSecond.median.toFixed(1)} MB/s`,
  );
  await printLine(
    `${build.samples} records with ${build.workers} workers: ${build.seconds.toFixed(1)} s, ` +
      `peak ${build.peakRssMegabytes.toFixed(0)} MB, ${build.distinctQuestions} distinct questions`,
  );
}
