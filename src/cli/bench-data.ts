import type { Command } from 'commander';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { wholeNumber } from './options.js';
import { note, printJson, printLine } from './output.js';

interface Options extends SourceOptions {
  samples: number;
  workers?: number;
  json?: true;
}

/** Adds `bench data`. */
export function registerBenchData(bench: Command): void {
  withSource(bench.command('data'))
    .description('how fast a corpus is made: samples/s a core, tokenizer MB/s, peak memory of a whole build')
    .option('--samples <records>', 'records of the whole build', wholeNumber(), 100_000)
    .option('--workers <threads>', 'of the whole build (default: the processors)', wholeNumber())
    .option('--json', 'print everything as JSON')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { benchData } = await import('../data/bench.js');
  const { defaultWorkers } = await import('../data/corpus/build/build.js');
  // `bench` has a --json of its own, and takes the one that stands behind `data`.
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const report = await benchData({
    source: await openSource(options),
    seed: options.seed,
    samples: options.samples,
    workers: options.workers ?? defaultWorkers(),
    folder: join(tmpdir(), `bench-data-${process.pid}`),
    onProgress: note,
  });
  if (json) return printJson(report);
  const { samplesPerSecond, tokenizerMegabytesPerSecond, build } = report;
  await printLine(
    `${samplesPerSecond.median.toFixed(0)} samples/s on one thread (${samplesPerSecond.perCpuSecond.toFixed(0)} a CPU second), ` +
      `tokenizer ${tokenizerMegabytesPerSecond.median.toFixed(1)} MB/s`,
  );
  await printLine(
    `${build.samples} records with ${build.workers} workers: ${build.seconds.toFixed(1)} s, ` +
      `peak ${build.peakRssMegabytes.toFixed(0)} MB, ${build.distinctQuestions} different questions`,
  );
}
