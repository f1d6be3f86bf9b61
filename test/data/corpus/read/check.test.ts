import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BuiltCorpus } from '../../../../src/data/corpus/read/built-corpus.js';
import { buildCorpus } from '../../../../src/data/corpus/build/build.js';
import { heldOutFile, SCHEMAS_FILE, TOKENIZER_FILE } from '../../../../src/data/corpus/files.js';
import { checkCorpus, leakError } from '../../../../src/data/corpus/read/check.js';
import { hash48 } from '../../../../src/base/hash.js';
import { HELD_OUT_NAMES, type HeldOutSets } from '../../../../src/data/corpus/split/held-out.js';
import type { TrainingRecord } from '../../../../src/data/record.js';
import { OriginWriter, type RecordOrigin } from '../../../../src/data/shards/origins.js';
import { encodeRecord } from '../../../../src/data/shards/record-tokens.js';
import { ShardWriter } from '../../../../src/data/shards/writer.js';
import { smallBuild, temporaryFolder } from '../build/small-build.js';

type Planted = { record: TrainingRecord; origin: RecordOrigin };

let clean: string;
let sets: HeldOutSets;
let first: Planted;
beforeAll(async () => {
  clean = await temporaryFolder();
  await buildCorpus(smallBuild(clean));
  const corpus = await BuiltCorpus.open(clean);
  sets = await corpus.heldOutSets();
  for await (const { record, origin } of corpus.records()) {
    first = { record, origin };
    break;
  }
  corpus.close();
});

/** The clean corpus plus one record, as if built without a training gate. */
async function withRecord({ record, origin }: Planted): Promise<string> {
  const folder = await temporaryFolder();
  const corpus = await BuiltCorpus.open(clean);
  const { index, tokenizer } = corpus;
  const { vocabSize, seed, config, heldOut, schemas } = index;
  const writer = await ShardWriter.create(folder, { vocabSize, tokenizer: tokenizer.hash, seed, config });
  const origins = new OriginWriter(folder);
  const add = async (planted: Planted): Promise<void> => {
    const { tokens, lossStart } = encodeRecord(tokenizer, planted.record);
    await writer.add(tokens, lossStart);
    await origins.add(planted.origin);
  };
  for await (const built of corpus.records()) await add(built);
  await add({ record, origin });
  corpus.close();
  for (const name of HELD_OUT_NAMES)
    await cp(join(clean, heldOutFile(name)), join(folder, heldOutFile(name)));
  for (const file of [TOKENIZER_FILE, SCHEMAS_FILE]) await cp(join(clean, file), join(folder, file));
  await writer.finish({ origins: await origins.finish(), heldOut: heldOut!, schemas: schemas! });
  return folder;
}

async function check(folder: string): ReturnType<typeof checkCorpus> {
  const corpus = await BuiltCorpus.open(folder);
  try {
    return await checkCorpus(corpus);
  } finally {
    corpus.close();
  }
}

describe('checkCorpus', () => {
  test('finds no leak in a freshly built corpus', async () => {
    const report = await check(clean);
    expect(report).toMatchObject({ records: 600, leaks: 0, found: [] });
    expect(Object.values(report.heldOut)).toEqual([20, 20, 20, 20]);
    expect(leakError(clean, report)).toBeUndefined();
  });

  test.each(HELD_OUT_NAMES)('finds a question of %s planted in training', async (set) => {
    const { question } = sets[set][7]!.record;
    const typed = question.replace(/^\w/, (letter) => letter.toLowerCase()).replace(/[?.]$/, '');
    const planted = { ...first, record: { ...first.record, question: typed } };
    const folder = await withRecord(planted);
    const report = await check(folder);
    expect(report).toMatchObject({ records: 601, leaks: 1 });
    expect(report.found[0]).toMatchObject({ set, shared: 'question', record: 600 });
    expect(leakError(folder, report)).toMatchObject({
      code: 'corpus-leak',
      field: 'record 600',
      message: expect.stringContaining(planted.record.question) as string,
    });
  });

  test.each(HELD_OUT_NAMES)('finds a skeleton pair of %s under another question', async (set) => {
    const held = sets[set][3]!;
    const origin: RecordOrigin = {
      ...first.origin,
      questionSkeleton: hash48(held.questionSkeleton),
      sqlSkeleton: hash48(held.sqlSkeleton),
    };
    const record = { ...held.record, question: 'How many of another sort are there?' };
    const report = await check(await withRecord({ record, origin }));
    expect(report.leaks).toBe(1);
    expect(report.found[0]).toMatchObject({
      set,
      shared: 'pair',
      text: `${held.questionSkeleton}\n${held.sqlSkeleton}`,
      sql: held.record.sql,
    });
  });

  test('rejects origins that do not match the records', async () => {
    const folder = await withRecord({ ...first, origin: { ...first.origin, sqlSkeleton: 5 } });
    await expect(check(folder)).rejects.toMatchObject({ code: 'corpus-damaged', field: 'record 600' });
  });
});
