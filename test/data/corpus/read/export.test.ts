import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCorpus } from '../../../../src/data/corpus/read/built-corpus.js';
import { buildCorpus } from '../../../../src/data/corpus/build/build.js';
import { statisticsOfCorpus } from '../../../../src/data/corpus/read/statistics.js';
import { exportJsonl } from '../../../../src/data/corpus/read/export/jsonl.js';
import { exportParquet } from '../../../../src/data/corpus/read/export/parquet.js';
import { exportRows, type ExportRow } from '../../../../src/data/corpus/read/export/rows.js';
import { corpusFacts, statisticsPage } from '../../../../src/data/corpus/read/export/statistics-html.js';
import { smallBuild, temporaryFolder } from '../build/small-build.js';

let corpus: BuiltCorpus;
let folder: string;
const train: ExportRow[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
  await buildCorpus(smallBuild(folder));
  corpus = await BuiltCorpus.open(folder);
  for await (const { record, origin } of corpus.records()) {
    const { schema, question, idMap, sql } = record;
    const { family, phrasing } = origin;
    const about = { split: 'train', schema_name: origin.schema, family, phrasing } as const;
    train.push({ ...about, schema, question, id_map: idMap, sql });
  }
});
afterAll(() => corpus.close());

test('the corpus reads back all of its records', () => {
  const { source, seed } = smallBuild('');
  const drawn = new Set(Array.from({ length: 4000 }, (_, i) => source.sample(seed, i).record.question));
  expect(train).toHaveLength(600);
  expect(train.every(({ sql }) => /^SELECT .*;$/.test(sql))).toBe(true);
  expect(drawn.size).toBeGreaterThan(600);
});

test('an independent reader gets the same rows from Parquet', async () => {
  const file = join(folder, 'out.parquet');
  expect(await exportParquet(file, exportRows(corpus, 'train'))).toBe(600);
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(file) })).toEqual(train);
});

test('Parquet files may have several row groups or no rows', async () => {
  const many = join(folder, 'many.parquet');
  async function* repeated(): AsyncGenerator<ExportRow> {
    for (let i = 0; i < 9000; i++) yield { ...train[i % train.length]!, family: `family ${i}` };
  }
  await exportParquet(many, repeated());
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(many) });
  expect(rows).toHaveLength(9000);
  expect(rows[8999]).toEqual({ ...train[8999 % train.length]!, family: 'family 8999' });
  const none = join(folder, 'none.parquet');
  await exportParquet(none, (async function* () {})());
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(none) })).toEqual([]);
});

test('JSON lines have one row per line, for training and held-out sets', async () => {
  const file = join(folder, 'out.jsonl');
  expect(await exportJsonl(file, exportRows(corpus, 'train'))).toBe(600);
  const read = async (): Promise<unknown[]> =>
    (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  expect(await read()).toEqual(train);
  expect(await exportJsonl(file, exportRows(corpus, 'test-schema'))).toBe(20);
  expect((await read())[0]).toMatchObject({ split: 'test-schema', schema_name: 'other' });
});

test('the statistics page is self-contained and shows the numbers', async () => {
  const statistics = await statisticsOfCorpus(corpus);
  expect(statistics.samples).toBe(600);
  expect(statistics.tokens.bins.reduce((sum, count) => sum + count, 0)).toBe(600);
  const page = statisticsPage(statistics, corpusFacts('<corpus>', corpus.index));
  expect(page).not.toMatch(/https?:|src=|@import|url\(|<script|<link/);
  expect(page).toContain('Corpus &lt;corpus&gt;');
  expect(page).toContain(`<dd>${statistics.distinctQuestions}</dd>`);
  for (const family of Object.keys(statistics.perFamily)) expect(page).toContain(`>${family}<`);
});
