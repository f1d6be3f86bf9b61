import { readdir, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../../src/data/corpus/build/ordered.js';
import { Threads } from '../../../../src/data/corpus/build/threads.js';
import { BuiltCorpus } from '../../../../src/data/corpus/read/built-corpus.js';
import { buildCorpus } from '../../../../src/data/corpus/build/build.js';
import { normaliseQuestion } from '../../../../src/data/corpus/question/phrase.js';
import { DataError } from '../../../../src/data/errors.js';
import { openShards } from '../../../../src/data/shards/reader.js';
import { contents, smallBuild, temporaryFolder } from './small-build.js';

describe('buildCorpus', () => {
  test('any number of workers gives the same bytes', async () => {
    const folders = [];
    for (const [workers, block] of [
      [0, 1000],
      [1, 300],
      [2, 128],
    ]) {
      const folder = await temporaryFolder();
      await buildCorpus(smallBuild(folder, { workers: workers!, block: block! }));
      folders.push(await contents(folder));
    }
    expect(Object.keys(folders[0]!)).toEqual([
      'corpus-schemas.jsonl',
      'held-out-test-phrasing.jsonl',
      'held-out-test-schema.jsonl',
      'held-out-test-values.jsonl',
      'held-out-validation.jsonl',
      'index.json',
      'origins-00000.bin',
      'shard-00000.bin',
      'tokenizer.json',
    ]);
    for (const folder of folders.slice(1)) expect(folder).toEqual(folders[0]);
    const seed = await temporaryFolder();
    await buildCorpus(smallBuild(seed, { seed: 4 }));
    expect((await contents(seed))['shard-00000.bin']).not.toBe(folders[0]!['shard-00000.bin']);
  });

  test('writes exactly the requested records, and a longer corpus starts with the same ones', async () => {
    const [short, long] = [await temporaryFolder(), await temporaryFolder()];
    const { tokenizer } = await buildCorpus(smallBuild(short, { count: 400 }));
    await buildCorpus(smallBuild(long, { count: 401, tokenizer }));
    const [a, b] = [await openShards(short), await openShards(long)];
    expect([a.records, b.records]).toEqual([400, 401]);
    for (let i = 0; i < 400; i++) expect(b.read(i)).toEqual(a.read(i));
    a.close();
    b.close();
  });

  test('fills each held-out set with distinct questions about the right schemas', async () => {
    const folder = await temporaryFolder();
    await buildCorpus(smallBuild(folder));
    const corpus = await BuiltCorpus.open(folder);
    const sets = await corpus.heldOutSets();
    corpus.close();
    const questions = Object.values(sets)
      .flat()
      .map(({ record }) => normaliseQuestion(record.question));
    expect(Object.values(sets).map((set) => set.length)).toEqual([20, 20, 20, 20]);
    expect(new Set(questions).size).toBe(80);
    expect(new Set(sets['test-schema'].map(({ schemaName }) => schemaName))).toEqual(new Set(['other']));
    expect(new Set(sets['test-values'].map(({ schemaName }) => schemaName))).toEqual(new Set(['mini']));
  });

  test('stores knobs and split with the corpus', async () => {
    const folder = await temporaryFolder();
    const build = smallBuild(folder, { count: 50, heldOut: 0 });
    const { index } = await buildCorpus(build);
    expect(index.config).toMatchObject({ knobs: build.source.knobs, split: build.split });
    expect(index.heldOut).toBeUndefined();
  });

  test.each([0, 2])(
    'when stopped with %i workers, leaves nothing that looks like a corpus',
    async (workers) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'notes.txt'), 'not ours');
      const stop = new AbortController();
      const build = smallBuild(folder, {
        workers,
        count: 1_000_000,
        signal: stop.signal,
        onProgress: () => {
          writeFileSync(join(folder, 'shard-00000.bin'), 'the first of many');
          stop.abort();
        },
      });
      await expect(buildCorpus(build)).rejects.toMatchObject({ code: 'build-stopped', file: folder });
      expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'tokenizer.json']);
      await expect(openShards(folder)).rejects.toMatchObject({ code: 'corpus-not-found' });
    },
  );

  test.each<[string, Parameters<typeof smallBuild>[1], string, RegExp]>([
    [
      'a held-out schema that does not exist',
      { split: { ...smallBuild('').split, heldOutSchemas: ['nope'] } },
      'bad-split',
      /nope.*mini, other/,
    ],
    [
      'holding out every schema',
      { split: { ...smallBuild('').split, heldOutSchemas: ['mini', 'other'] } },
      'bad-split',
      /no schema is left/,
    ],
    [
      'a set that cannot be filled',
      { split: { ...smallBuild('').split, validation: 1e-9 }, heldOut: 2 },
      'few-held-out',
      /validation has 0/,
    ],
    [
      'holding out everything',
      { split: { ...smallBuild('').split, heldOutPhrasings: 1 }, heldOut: 0 },
      'no-training',
      /none of \d+ samples may be trained on/,
    ],
  ])('refuses %s', async (_, change, code, message) => {
    const folder = await temporaryFolder();
    const error = await buildCorpus(smallBuild(folder, change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

describe('inOrder', () => {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  test('yields results in order and keeps no more waiting than allowed', async () => {
    let started = 0;
    let taken = 0;
    const run = async (job: number): Promise<number> => {
      started++;
      await wait((job * 7) % 5);
      return job;
    };
    const results: number[] = [];
    for await (const result of inOrder(
      Array.from({ length: 40 }, (_, i) => i),
      run,
      4,
    )) {
      results.push(result);
      taken++;
      expect(started - taken).toBeLessThan(4);
    }
    expect(results).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });
});

describe('Threads', () => {
  const module = new URL('./failing-thread.ts', import.meta.url);

  test('a DataError keeps its class and fields across threads', async () => {
    const threads = new Threads(1, module, {});
    const error = await threads.run('data-error').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: 'planted', file: 'a.json', field: 'b' });
    expect(await threads.run('echo')).toBe('echo');
    await threads.close();
  });

  test.each([
    ['throws outside of a job', 'throw', /planted/],
    ['ends', 'exit', /exit code 3/],
  ])('a thread that %s fails all waiting and later jobs', async (_, job, message) => {
    const threads = new Threads(2, module, {});
    const jobs = [threads.run('wait'), threads.run(job), threads.run('wait')];
    for (const result of jobs) await expect(result).rejects.toThrow(message);
    await expect(threads.run('echo')).rejects.toThrow(message);
    await threads.close();
  });
});
