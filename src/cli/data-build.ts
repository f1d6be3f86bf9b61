import type { Command } from 'commander';
import { join } from 'node:path';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { UsageError } from './errors.js';
import { collect, wholeNumber } from './options.js';
import { note, printLine } from './output.js';
import { countingProgress } from './progress.js';

/** Of the schemas that come with the program, the one that is kept for the questions about unseen schemas. */
const UNSEEN_SCHEMA = 'pcornet_4_1';

interface Options extends SourceOptions {
  out?: string;
  samples: number;
  workers?: number;
  heldOut: number;
  holdOut: 'pairs' | 'statements';
  holdOutSchema?: string[];
  vocabSize: number;
  tokenizer?: string;
}

export function registerBuild(data: Command): void {
  withSource(data.command('build'))
    .description('write questions and statements as shards of token ids, with tokenizer and held-out sets')
    .option('--out <folder>', 'where the corpus goes (default: corpora/SAMPLES-SEED)')
    .option('--samples <records>', 'training records', wholeNumber(), 10_000)
    .option('--workers <threads>', 'any number gives the same bytes (default: the processors)', wholeNumber())
    .option('--held-out <questions>', 'questions of each held-out set; 0 for none', wholeNumber(0), 500)
    .option('--hold-out <what>', 'pairs of phrasing and shape, or statements (small corpora)', 'pairs')
    .option('--hold-out-schema <name>', `never trained on (default: ${UNSEEN_SCHEMA} of schemas/)`, collect)
    .option('--vocab-size <tokens>', 'size of the tokenizer to be trained', wholeNumber(), 8192)
    .option('--tokenizer <file>', 'use this tokenizer.json instead')
    .action(build);
}

async function build(options: Options): Promise<void> {
  const { buildCorpus, CORPUS_SPLIT, defaultWorkers } = await import('../data/corpus/build/build.js');
  const { DEMO_SPLIT } = await import('../data/corpus/split/demo.js');
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  const splits = new Map([
    ['pairs', CORPUS_SPLIT],
    ['statements', DEMO_SPLIT],
  ]);
  const split = splits.get(options.holdOut);
  if (!split) throw new UsageError(`--hold-out is ${options.holdOut}: pairs or statements is meant`);
  const { samples, seed, vocabSize, heldOut } = options;
  const out = options.out ?? join('corpora', `${samples}-${seed}`);
  const heldOutSchemas = options.holdOutSchema ?? (options.schema === undefined ? [UNSEEN_SCHEMA] : []);
  const tokenizer =
    options.tokenizer === undefined
      ? { vocabSize, records: Math.min(samples, 20_000) }
      : await Tokenizer.load(options.tokenizer);
  const source = await openSource(options);
  const workers = options.workers ?? defaultWorkers();
  const progress = countingProgress(samples);
  const stop = new AbortController();
  // The first signal ends the build in order; the second, with its listener gone, kills as usual.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const { index } = await buildCorpus({
      folder: out,
      source,
      split: { ...split, heldOutSchemas },
      seed,
      count: samples,
      heldOut,
      tokenizer,
      workers,
      signal: stop.signal,
      onStage: (stage) => progress.stage(stage),
      onProgress: (done) => progress.done(done),
    });
    progress.stop();
    for (const { name, questions } of index.heldOut ?? []) note(`${name}: ${questions} questions`);
    await printLine(
      `${out}: ${index.records} records, ${index.tokens} tokens, vocabulary ${index.vocabSize}, ` +
        `longest record ${index.longest} tokens`,
    );
  } finally {
    progress.stop();
  }
}
