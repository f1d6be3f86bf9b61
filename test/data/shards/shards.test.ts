import { copyFile, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/base/files.js';
import { formatRecord } from '../../../src/data/record.js';
import { openShards } from '../../../src/data/shards/reader.js';
import { encodeRecord } from '../../../src/data/shards/record-tokens.js';
import { ShardBuilder, ShardWriter, writeShard, writeShardIndex } from '../../../src/data/shards/writer.js';
import { MARKERS } from '../../../src/data/record.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { description, numberedRecords, temporaryFolder, writeCorpus, type PlainRecord } from './corpus.js';

async function readBack(folder: string): Promise<PlainRecord[]> {
  const shards = await openShards(folder);
  try {
    return Array.from({ length: shards.records }, (_, i) => {
      const { tokens, lossStart } = shards.read(i);
      return { tokens: [...tokens], lossStart };
    });
  } finally {
    shards.close();
  }
}

const anyRecord = fc
  .array(fc.integer({ min: 0, max: 99_999 }), { minLength: 2, maxLength: 40 })
  .chain((tokens) =>
    fc.record({ tokens: fc.constant(tokens), lossStart: fc.integer({ min: 1, max: tokens.length - 1 }) }),
  );

describe('shards', () => {
  test.each([1000, 65_536, 65_537, 100_000])(
    'with a vocabulary of %i, records read back as written',
    async (vocabSize) => {
      const small = fc.array(
        anyRecord.map((record) => ({ ...record, tokens: record.tokens.map((id) => id % vocabSize) })),
        { maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(small, fc.integer({ min: 1, max: 8 }), async (records, perShard) => {
          const folder = await temporaryFolder();
          const index = await writeCorpus(folder, records, perShard, { ...description, vocabSize });
          expect(index.tokenDtype).toBe(vocabSize > 65_536 ? 'uint32' : 'uint16');
          expect(index.records).toBe(records.length);
          expect(index.longest).toBe(Math.max(0, ...records.map(({ tokens }) => tokens.length)));
          expect(await readBack(folder)).toEqual(records);
        }),
        { numRuns: 10 },
      );
    },
  );

  test('a shard has the documented bytes', async () => {
    const folder = await temporaryFolder();
    await writeCorpus(folder, [
      { tokens: [1, 2, 3], lossStart: 2 },
      { tokens: [0x102, 5], lossStart: 1 },
    ]);
    const bytes = await readFile(join(folder, 'shard-00000.bin'));
    expect(bytes.toString('hex')).toBe(
      '0100020003000201' + '05000000' + '0300000002000000' + '0200000001000000',
    );
  });

  test('equal records give equal bytes, whether written by one writer or by several', async () => {
    const records = numberedRecords(20);
    const [one, two, shared] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await writeCorpus(one, records, 7);
    await writeCorpus(two, records, 7);
    const written = await Promise.all(
      [2, 1, 0].map((shard) => {
        const builder = new ShardBuilder(description.vocabSize);
        for (const { tokens, lossStart } of records.slice(7 * shard, 7 * shard + 7))
          builder.add(tokens, lossStart);
        return writeShard(shared, shard, builder);
      }),
    );
    await writeShardIndex(shared, description, written.reverse());
    const names = (await readdir(one)).sort();
    expect(names).toEqual(['index.json', 'shard-00000.bin', 'shard-00001.bin', 'shard-00002.bin']);
    for (const folder of [two, shared]) {
      expect((await readdir(folder)).sort()).toEqual(names);
      for (const name of names) {
        expect((await readFile(join(folder, name))).equals(await readFile(join(one, name)))).toBe(true);
      }
    }
  });

  test('a corpus without an index does not count, and the next build starts afresh', async () => {
    const folder = await temporaryFolder();
    const writer = await ShardWriter.create(folder, description, 2);
    for (const { tokens, lossStart } of numberedRecords(5)) await writer.add(tokens, lossStart);
    expect(await readdir(folder)).toHaveLength(2);
    await expect(openShards(folder)).rejects.toMatchObject({ code: 'corpus-not-found' });

    await writeCorpus(folder, numberedRecords(1));
    expect((await readdir(folder)).sort()).toEqual(['index.json', 'shard-00000.bin']);
    await expect(ShardWriter.create(folder, description)).rejects.toMatchObject({ code: 'corpus-exists' });
  });

  test.each<[string, number[], number, string]>([
    ['no token to learn', [1, 2], 2, 'lossStart'],
    ['nothing before the first token to learn', [1, 2], 0, 'lossStart'],
    ['an empty record', [], 0, 'lossStart'],
    ['an id outside the vocabulary', [1, 1000], 1, 'tokens[1]'],
    ['no number at all', [NaN, 1], 1, 'tokens[0]'],
  ])('%s is rejected, and the shard stays unchanged', async (_, tokens, lossStart, field) => {
    const builder = new ShardBuilder(1000);
    builder.add([1, 2, 3], 1);
    const before = builder.toBytes();
    expect(() => builder.add(tokens, lossStart)).toThrow(
      expect.objectContaining({ code: 'shard-record', field }),
    );
    expect(builder.toBytes()).toEqual(before);
  });
});

describe('openShards', () => {
  async function damagedCorpus(damage: (folder: string) => Promise<unknown>): Promise<string> {
    const folder = await temporaryFolder();
    await writeCorpus(folder, numberedRecords(20), 7);
    await damage(folder);
    return folder;
  }
  const shard = (folder: string): string => join(folder, 'shard-00001.bin');

  async function editIndex(folder: string, edit: (index: Record<string, unknown>) => void): Promise<void> {
    const path = join(folder, 'index.json');
    const index = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    edit(index);
    await writeFile(path, JSON.stringify(index));
  }

  test.each<[string, string, string, (folder: string) => Promise<unknown>]>([
    ['a shard cut short', 'shard-damaged', 'shard-00001.bin', (folder) => truncate(shard(folder), 20)],
    ['a shard missing', 'shard-damaged', 'shard-00001.bin', (folder) => rm(shard(folder))],
    [
      'two swapped shards',
      'shard-damaged',
      'shard-00001.bin',
      (folder) => copyFile(join(folder, 'shard-00000.bin'), shard(folder)),
    ],
    [
      'one flipped bit',
      'shard-damaged',
      'shard-00001.bin',
      async (folder) => {
        const bytes = await readFile(shard(folder));
        bytes[3]! ^= 1;
        await writeFile(shard(folder), bytes);
      },
    ],
    [
      'a record table that does not add up, though its checksum is right',
      'shard-damaged',
      'shard-00001.bin',
      async (folder) => {
        const bytes = await readFile(shard(folder));
        bytes.writeUInt32LE(bytes.readUInt32LE(bytes.length - 8) + 1, bytes.length - 8);
        await writeFile(shard(folder), bytes);
        await editIndex(folder, (index) => {
          (index['shards'] as { sha256: string }[])[1]!.sha256 = sha256(bytes);
        });
      },
    ],
    [
      'an index that is not JSON',
      'corpus-index',
      'index.json',
      (folder) => truncate(join(folder, 'index.json'), 50),
    ],
    [
      'an index of another version',
      'corpus-index',
      'version',
      (folder) => editIndex(folder, (i) => (i['version'] = 2)),
    ],
    ['a wrong total', 'corpus-index', 'records', (folder) => editIndex(folder, (i) => (i['records'] = 21))],
    [
      'a shard outside the folder',
      'corpus-index',
      'shards.1.file',
      (folder) =>
        editIndex(folder, (i) => ((i['shards'] as { file: string }[])[1]!.file = '../shard-00001.bin')),
    ],
  ])('rejects %s and names the place', async (_, code, place, damage) => {
    const folder = await damagedCorpus(damage);
    await expect(openShards(folder)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(place) as string,
    });
  });
});

test('encodeRecord gives the record and an end token, and marks the statement as learned', () => {
  const record = {
    schema: 'person(person_id int pk)',
    question: 'Who wrote SQL: first, __ID_1__?',
    idMap: '__ID_1__ patient int',
    sql: 'SELECT p.person_id FROM person AS p WHERE p.person_id = __ID_1__;',
  };
  const tokenizer = trainTokenizer([formatRecord(record)], { vocabSize: 400 });
  const { tokens, lossStart } = encodeRecord(tokenizer, record);
  expect(tokens[tokens.length - 1]).toBe(tokenizer.endId);
  expect(tokens.slice(0, -1)).toEqual(tokenizer.encode(formatRecord(record)));
  expect(tokenizer.decode([tokens[lossStart - 1]!])).toBe(MARKERS.sql);
  expect(tokenizer.decode(tokens.slice(lossStart))).toBe(` ${record.sql}<|end|>`);
});
