import type { Command } from 'commander';
import { join } from 'node:path';
import { packageRoot } from '../engine/paths.js';
import { UsageError } from './errors.js';
import { collect, wholeNumber } from './options.js';
import { note, printJson, printLine } from './output.js';

interface SourceOptions {
  schema: string[];
  knobs: string;
  seed: number;
}

interface BuildOptions extends SourceOptions {
  out: string;
  count: number;
  holdOut: 'pairs' | 'statements';
  vocabSize: number;
  tokenizer?: string;
}

export function register(program: Command): void {
  const data = program.command('data').description('build and look at training corpora');
  const withSource = (command: Command): Command =>
    command
      .requiredOption('--schema <file>', 'schema bundle; may be given several times', collect)
      .option('--knobs <file>', 'what to ask and how often', join(packageRoot, 'configs', 'corpus.json'))
      .option('--seed <number>', 'the same seed gives the same corpus', wholeNumber(0), 1);

  withSource(data.command('build'))
    .description('write questions and statements as shards of token ids, with their tokenizer')
    .requiredOption('--out <folder>', 'where the corpus goes')
    .option('--count <records>', 'records of the corpus', wholeNumber(), 10_000)
    .option('--hold-out <what>', 'pairs of phrasing and shape, or statements (small corpora)', 'pairs')
    .option('--vocab-size <tokens>', 'size of the tokenizer to be trained', wholeNumber(), 4096)
    .option('--tokenizer <file>', 'use this tokenizer.json instead')
    .action(build);
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

async function openSource({ schema, knobs }: SourceOptions) {
  const { loadKnobs } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const indexes = schema.map((file) => new SchemaIndex(loadBundle(file)));
  return new SampleSource(indexes, loadKnobs(knobs));
}

async function build(options: BuildOptions): Promise<void> {
  const { buildCorpus, CORPUS_SPLIT } = await import('../data/corpus-build.js');
  const { DEMO_SPLIT } = await import('../data/corpus/demo.js');
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  const splits = new Map([
    ['pairs', CORPUS_SPLIT],
    ['statements', DEMO_SPLIT],
  ]);
  const split = splits.get(options.holdOut);
  if (!split) throw new UsageError(`--hold-out is ${options.holdOut}: pairs or statements is meant`);
  const { out, count, seed, vocabSize } = options;
  const tokenizer =
    options.tokenizer === undefined
      ? { vocabSize, records: Math.min(count, 20_000) }
      : await Tokenizer.load(options.tokenizer);
  const { index } = await buildCorpus({
    folder: out,
    source: await openSource(options),
    split,
    seed,
    count,
    tokenizer,
    onProgress: (done) => {
      if (done % 10_000 === 0) note(`${done} of ${count} records`);
    },
  });
  await printLine(
    `${out}: ${index.records} records, ${index.tokens} tokens, vocabulary ${index.vocabSize}, ` +
      `longest record ${index.longest} tokens`,
  );
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
