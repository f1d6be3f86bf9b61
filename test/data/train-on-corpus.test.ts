import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import { BatchReader, type BatchReaderState } from '../../src/data/shards/batch-reader.js';
import { openShards } from '../../src/data/shards/reader.js';
import { FIRST_FORMAT } from '../../src/data/record-format.js';
import { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import { parseSettings, trainOnCorpus, type CorpusTraining } from '../../src/data/train-on-corpus.js';
import { exportWeights } from '../../src/engine/nn/weights-only.js';
import { train, type BatchSource, type TrainStart } from '../../src/engine/train/trainer.js';
import { metricsOf } from '../engine/run-files.js';
import { testGpu } from '../engine/test-gpu.js';
import { TINY, TRAINING } from '../engine/tiny-model.js';
import { smallBuild } from './corpus/build/small-build.js';
import { numberedRecords, temporaryFolder, writeCorpus } from './shards/corpus.js';

describe('records longer than the context', () => {
  const corpusOf = async (): Promise<string> => {
    const folder = await temporaryFolder();
    await buildCorpus(
      smallBuild(folder, { count: 80, heldOut: 0, tokenizer: { vocabSize: 600, records: 80 } }),
    );
    return folder;
  };
  const run = async (
    corpus: string,
    settings: Record<string, unknown>,
    more: Partial<CorpusTraining> = {},
  ) => {
    const folder = join(await temporaryFolder(), 'model');
    const full = parseSettings({ batchSize: 2, steps: 2, warmupSteps: 0, ...settings });
    const done = trainOnCorpus(await testGpu(), { corpus, folder, settings: full, ...more });
    return { folder, done };
  };

  test('beyond 1% are refused, saying how many, the longest, and the contexts that hold them', async () => {
    const corpus = await corpusOf();
    const shards = await openShards(corpus);
    const lengths = Array.from({ length: 80 }, (_, i) => shards.length(i) - 1).sort((a, b) => a - b);
    shards.close();
    const [context, longest] = [lengths[40]!, lengths[79]!];
    const long = lengths.filter((length) => length > context).length;
    const { folder, done } = await run(corpus, { context });
    await expect(done).rejects.toThrow(
      `${corpus}: context: ${long} of 80 records (${((100 * long) / 80).toFixed(1)}%) are longer than ${context} tokens; ` +
        `the longest has ${longest}; --context ${longest} holds 99% of them and --context ${longest} all; ` +
        '--drop-long trains without them',
    );
    expect(existsSync(folder)).toBe(false);
    // With the longest record's length nothing is left out; one position less leaves out 1 of 80, which is over 1%.
    const tight = await run(corpus, { context: longest - 1 });
    await expect(tight.done).rejects.toThrow(/records .* are longer than/);
  });

  test('do not arise without a context: rows are then as long as 99% of the records need', async () => {
    const corpus = await corpusOf();
    const shards = await openShards(corpus);
    const longest = Math.max(...Array.from({ length: 80 }, (_, i) => shards.length(i) - 1));
    shards.close();
    expect(longest).toBeGreaterThan(256); // tiny's own context
    const starts: TrainStart[] = [];
    const { done } = await run(corpus, { batchSize: 1, steps: 1 }, { onStart: (info) => starts.push(info) });
    expect(await done).toMatchObject({ step: 1 });
    expect(starts[0]!.positions).toBe(Math.ceil(longest / 64) * 64);
  });

  test('are left out and counted if asked for; the metrics count tokens and learned tokens', async () => {
    const corpus = await corpusOf();
    const shards = await openShards(corpus);
    const context = Math.round(shards.index.longest * 0.8);
    const own = new BatchReader(shards, { batchSize: 2, context, padId: 0, seed: 1 });
    const batches = [own.next(), own.next()];
    shards.close();
    const dropped: number[] = [];
    const starts: TrainStart[] = [];
    const { folder, done } = await run(
      corpus,
      { context, dropLong: true, promptWeight: 0, schemaWeight: 0 },
      { onDropped: (...counts) => dropped.push(...counts), onStart: (info) => starts.push(info) },
    );
    expect(await done).toEqual({ step: 2, finished: true });
    expect(dropped).toEqual([own.dropped, 80]);
    expect(starts).toEqual([{ resumedFrom: 0, secondsBefore: 0, positions: 2 * context, warnings: [] }]);
    const metrics = metricsOf(folder);
    expect(metrics.map(({ tokens, lossTokens }) => ({ tokens, lossTokens }))).toEqual(
      batches.map(({ tokens, lossTokens }) => ({ tokens, lossTokens })),
    );
    expect(metrics[0]!.lossTokens).toBeLessThan(metrics[0]!.tokens / 2);
  });
});

describe('a run that begins with the weights of a model', () => {
  const build = async (seed: number, tokenizer?: Tokenizer): Promise<string> => {
    const folder = await temporaryFolder();
    const from = tokenizer ?? { vocabSize: 600, records: 80 };
    await buildCorpus(smallBuild(folder, { seed, count: 80, heldOut: 0, tokenizer: from }));
    return folder;
  };
  const trained = async (corpus: string, steps: number, initFrom?: string): Promise<string> => {
    const folder = join(await temporaryFolder(), 'model');
    const settings = parseSettings({ batchSize: 2, steps, warmupSteps: 0, learningRate: 1e-2 });
    await trainOnCorpus(await testGpu(), { corpus, folder, settings, initFrom });
    return folder;
  };

  test('goes on from them, whole or exported, on a corpus of the same tokenizer', async () => {
    const corpus = await build(3);
    const model = await trained(corpus, 3);
    const next = await build(4, await Tokenizer.load(join(model, 'tokenizer.json')));
    const exported = join(await temporaryFolder(), 'exported');
    await exportWeights(model, exported, { dtype: 'f32', files: ['tokenizer.json', 'format.json'] });
    const firstLoss = async (initFrom: string): Promise<number> =>
      metricsOf(await trained(next, 1, initFrom))[0]!.loss;
    const further = await firstLoss(model);
    expect(further).toBeLessThan(metricsOf(model)[0]!.loss - 0.3);
    expect(await firstLoss(exported)).toBe(further);
  });

  test('is refused on a corpus of another tokenizer or another record format', async () => {
    const model = await trained(await build(3), 1);
    await expect(trained(await build(5), 1, model)).rejects.toThrow(
      /tokenizer\.json: .* another tokenizer than the model .*; build it with --tokenizer/,
    );
    const same = await build(4, await Tokenizer.load(join(model, 'tokenizer.json')));
    writeFileSync(join(model, 'format.json'), JSON.stringify(FIRST_FORMAT));
    await expect(trained(same, 1, model)).rejects.toThrow(/another format than those of the model/);
    await expect(trained(same, 1, join(model, 'nothing'))).rejects.toThrow(
      /nothing: there is no such folder/,
    );
  });
});

describe('a run on packed rows', () => {
  const config = { ...TINY, vocabSize: 1000 };
  const options = { ...TRAINING, batchSize: 2, steps: 14, checkpointEvery: 5, packed: true, learnedRows: 24 };

  async function source(corpus: string): Promise<{ source: BatchSource; reader: BatchReader }> {
    const shards = await openShards(corpus);
    const reader = new BatchReader(shards, { batchSize: 2, context: 12, padId: 999, seed: 5 });
    expect(reader.learnedRows).toBe(options.learnedRows);
    return {
      reader,
      source: {
        next: () => reader.next(),
        state: () => reader.state(),
        restore: (state) => reader.restore(state as BatchReaderState),
      },
    };
  }

  test('continues to the bit after an interruption, also past the end of an epoch', async () => {
    const corpus = await temporaryFolder();
    await writeCorpus(corpus, numberedRecords(23));
    const gpu = await testGpu();
    const whole = join(await temporaryFolder(), 'whole');
    const unbroken = await source(corpus);
    await train(gpu, { config, options, source: unbroken.source, folder: whole });
    expect(unbroken.reader.state().epoch).toBeGreaterThanOrEqual(2);

    const cut = join(await temporaryFolder(), 'cut');
    for (const stopAfter of [3, 4, 6, 14]) {
      const stop = new AbortController();
      const part = await source(corpus);
      const watched = {
        ...part.source,
        next: () => {
          if (--left === 0) stop.abort();
          return part.source.next();
        },
      };
      let left = stopAfter;
      await train(gpu, { config, options, source: watched, folder: cut, signal: stop.signal });
    }
    expect(metricsOf(cut)).toEqual(metricsOf(whole));
    const weights = (folder: string): Buffer =>
      readFileSync(join(folder, 'checkpoints', 'checkpoint-00000014.safetensors'));
    expect(weights(cut).equals(weights(whole))).toBe(true);
  });

  test('does not continue a run of rows with one record each', async () => {
    const corpus = await temporaryFolder();
    await writeCorpus(corpus, numberedRecords(23));
    const gpu = await testGpu();
    const folder = join(await temporaryFolder(), 'old');
    const { source: first } = await source(corpus);
    await train(gpu, { config, options: { ...options, steps: 1 }, source: first, folder });
    const file = join(folder, 'checkpoints', 'checkpoint-00000001.json');
    interface Saved {
      meta: { options: Record<string, unknown>; source: Record<string, unknown> };
    }
    const resume = async (change: (saved: Saved) => void): Promise<void> => {
      const saved = JSON.parse(readFileSync(file, 'utf8')) as Saved;
      change(saved);
      writeFileSync(file, JSON.stringify(saved));
      const { source: next } = await source(corpus);
      await train(gpu, { config, options: { ...options, steps: 1 }, source: next, folder });
    };
    await resume(() => {});
    await expect(
      resume(({ meta }) => {
        delete meta.source['version'];
        delete meta.source['pending'];
      }),
    ).rejects.toThrow(/version: the state was saved before rows were packed.*; train into another folder/);
    await expect(
      resume(({ meta }) => {
        delete meta.options['packed'];
      }),
    ).rejects.toThrow(/was saved by an older version, without options\.packed, .*train into another folder/);
  });
});
