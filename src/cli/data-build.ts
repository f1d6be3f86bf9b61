import type { Command } from 'commander';
import { join } from 'node:path';
import { UNSEEN_SCHEMA } from '../data/schema/shipped.js';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { UsageError } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { collect, parsePart, parseWholeNumber, type ShardPart } from './options.js';
import { note, printLine } from './output.js';
import { countingProgress } from './progress.js';

interface Options extends SourceOptions {
  out?: string;
  samples: number;
  workers?: number;
  heldOut: number;
  holdOut: 'pairs' | 'statements';
  holdOutSchema?: string[];
  vocabSize: number;
  tokenizer?: string;
  shard?: ShardPart;
  parts?: string;
}

export function dataBuildCommand(data: Command): void {
  withSource(data.command('build'))
    .description('write questions and statements as token shards, with a tokenizer and held-out sets')
    .option('--out <folder>', 'where the corpus goes (default: corpora/SAMPLES-SEED)')
    .option('--samples <records>', 'training records', parseWholeNumber(), 10_000)
    .option(
      '--workers <threads>',
      'worker threads; any number gives the same bytes (default: one per core)',
      parseWholeNumber(),
    )
    .option('--held-out <questions>', 'questions per held-out set; 0 for none', parseWholeNumber(0), 500)
    .option(
      '--hold-out <what>',
      'what training must not share with the held-out sets: pairs (of question and statement skeletons) or, in small corpora, statements',
      'pairs',
    )
    .option(
      '--hold-out-schema <name>',
      `schema that is never trained on; may be repeated (default: ${UNSEEN_SCHEMA}); the six invented held-out ones never are`,
      collect,
    )
    .option('--vocab-size <tokens>', 'vocabulary size of the tokenizer to train', parseWholeNumber(), 8192)
    .option('--tokenizer <file>', 'use this tokenizer.json instead of training one')
    .option(
      '--shard <i/n>',
      'make part I of N (0/8 to 7/8) of the records and write it to --parts; the same command without --shard joins them',
      parsePart,
    )
    .option(
      '--parts <folder>',
      'blocks of records: those that are there are taken, to the same bytes, and not made again',
    )
    .action(build);
}

async function build(options: Options): Promise<void> {
  const { buildCorpus, buildParts, CORPUS_SPLIT, defaultWorkers } =
    await import('../data/corpus/build/build.js');
  const { DEMO_SPLIT } = await import('../data/corpus/split/demo.js');
  const { HELD_OUT_INVENTED } = await import('../data/synthetic/schema.js');
  const { Tokenizer } = await import('../data/tokenizer/tokenizer.js');
  const splits = new Map([
    ['pairs', CORPUS_SPLIT],
    ['statements', DEMO_SPLIT],
  ]);
  const split = splits.get(options.holdOut);
  if (!split) throw new UsageError(`--hold-out is ${options.holdOut}; expected pairs or statements`);
  const { samples, seed, vocabSize, heldOut } = options;
  const out = options.out ?? join('corpora', `${samples}-${seed}`);
  const { holdOutSchema, schema } = options;
  const heldOutSchemas =
    schema === undefined
      ? [...(holdOutSchema ?? [UNSEEN_SCHEMA]), ...HELD_OUT_INVENTED]
      : (holdOutSchema ?? []);
  const tokenizer =
    options.tokenizer === undefined
      ? { vocabSize, records: Math.min(samples, 20_000) }
      : await Tokenizer.load(options.tokenizer);
  const source = await openSource(options);
  const workers = options.workers ?? defaultWorkers();
  const { shard, parts } = options;
  if (shard !== undefined && parts === undefined) throw new UsageError('--shard needs --parts FOLDER');
  const progress = countingProgress(shard === undefined ? samples : Math.ceil(samples / shard.of));
  const plan = {
    folder: out,
    source,
    split: { ...split, heldOutSchemas },
    seed,
    count: samples,
    heldOut,
    tokenizer,
    workers,
    signal: interruptSignal(),
    onStage: (stage: string) => progress.stage(stage),
    onProgress: (done: number) => progress.done(done),
  };
  try {
    if (shard !== undefined) {
      const { made, found } = await buildParts({ ...plan, parts: parts! }, shard);
      progress.stop();
      return await printLine(
        `${parts}: part ${shard.index} of ${shard.of}, ${made + found} blocks, ${found} of them were there`,
      );
    }
    const { index } = await buildCorpus({ ...plan, parts });
    progress.stop();
    for (const { name, questions } of index.heldOut ?? []) note(`${name}: ${questions} questions`);
    const { mendedPrompts: mended = 0 } = index;
    if (mended > 0) {
      const share = ((100 * mended) / index.records).toFixed(1);
      note(`${share}% of the prompts show something that a statement needs and the linker had missed`);
    }
    await printLine(
      `${out}: ${index.records} records, ${index.tokens} tokens, vocabulary ${index.vocabSize}, ` +
        `longest record ${index.longest} tokens`,
    );
  } finally {
    progress.stop();
  }
}
