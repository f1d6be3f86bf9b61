import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import { MixedRecords, ListedRecords } from '../../src/data/shards/record-source.js';
import { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import { FeedbackFile } from '../../src/serve/feedback.js';
import { readPairs, type ReadPairs } from '../../src/sql/own-pairs.js';
import { smallBuild } from '../data/corpus/build/small-build.js';

const root = mkdtempSync(join(tmpdir(), 'pairs-'));
afterAll(() => rmSync(root, { recursive: true }));

const corpus = join(root, 'corpus');
let tokenizer: Tokenizer;
beforeAll(async () => {
  await buildCorpus(
    smallBuild(corpus, { count: 60, heldOut: 0, tokenizer: { vocabSize: 700, records: 60 } }),
  );
  tokenizer = await Tokenizer.load(join(corpus, 'tokenizer.json'));
});

async function read(
  ...lines: (string | { question: string; sql: string; schema?: string })[]
): Promise<ReadPairs> {
  const file = join(root, 'pairs.jsonl');
  writeFileSync(
    file,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return readPairs(file, { corpus, schema: 'omop_cdm_5_4' });
}

/** The part of the first record after a mark. */
async function part(mark: string, question: string, sql: string): Promise<string> {
  const { records } = await read({ question, sql });
  const text = tokenizer.decode(records.read(0).tokens.subarray(0, -1));
  return new RegExp(`^${mark} ?(.*)$`, 'm').exec(text)![1]!;
}

describe('a pair becomes a record', () => {
  test('with placeholders for its values, on both sides', async () => {
    const pair = [
      'How many drug exposures does patient 98765 have?',
      'select count(*)\nfrom drug_exposure d where d.person_id = 98765',
    ] as const;
    expect(await part('QUESTION:', ...pair)).toBe('How many drug exposures does patient __ID_1__ have?');
    expect(await part('ID_MAP:', ...pair)).toBe('__ID_1__ patient int');
    expect(await part('SQL:', ...pair)).toBe(
      'SELECT COUNT(*) FROM drug exposure AS ta WHERE ta person id = __ID_1__;',
    );
  });

  test('in which a year is an interval, a top is a count, and a coded meaning is the column’s', async () => {
    expect(
      await part(
        'SQL:',
        'How many visits started in 2017?',
        'SELECT COUNT(*) FROM visit_occurrence WHERE YEAR(visit_start_date) = 2017',
      ),
    ).toBe(
      'SELECT COUNT(*) FROM visit occurrence AS ta WHERE ta visit start date >= __DATE_1__ AND ta visit start date < DATEADD(year, 1, __DATE_1__);',
    );
    expect(
      await part(
        'SQL:',
        'Show the top 7 providers by name',
        'SELECT TOP 7 provider_name FROM provider ORDER BY provider_name',
      ),
    ).toMatch(
      /^SELECT TOP \(__NUM_1__\) ta provider name FROM provider AS ta ORDER BY ta provider name ASC;$/,
    );
    expect(
      await part(
        'SQL:',
        'How many women are there?',
        'SELECT COUNT(*) FROM person WHERE gender_concept_id = 8532',
      ),
    ).toMatch(/WHERE ta gender concept id = __TEXT_1__;$/);
    expect(
      await part(
        'SQL:',
        'How many patients were born before April 9, 1961?',
        "SELECT COUNT(*) FROM person WHERE birth_datetime < '1961-04-09'",
      ),
    ).toMatch(/WHERE ta birth datetime < __DATE_1__;$/);
  });
});

test('lines that cannot be trained on are named by number, and no value of theirs is shown', async () => {
  const good = { question: 'How many care sites are there?', sql: 'SELECT COUNT(*) FROM care_site' };
  const { refused, read: count } = await read(
    good,
    'no json 4711',
    '',
    { question: 'Remove patient 4711', sql: 'DELETE FROM person WHERE person_id = 4711' },
    { question: 'How many visits of patient 4711?', sql: 'SELECT COUNT(*) FROM visit_occurrence' },
    {
      question: 'How many providers are there?',
      sql: "SELECT COUNT(*) FROM provider WHERE provider_name = 'Zyx 4711'",
    },
    { question: 'How many patients are there?', sql: 'SELECT COUNT(*) FROM persons' },
  );
  expect(count).toBe(1);
  expect(refused.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7]);
  expect(refused.map(({ reason }) => reason).join('\n')).not.toMatch(/4711|Zyx/);
  expect(refused[0]!.reason).toBe('it is not JSON');
  expect(refused[1]!.reason).toMatch(/no safe SELECT \(/);
  expect(refused[2]!.reason).toMatch(/no value for __ID_1__/);
  expect(refused[3]!.reason).toMatch(/a text that the question does not have/);
  expect(refused[4]!.reason).toMatch(/the validator refuses the statement \(unknown-table\)/);
  await expect(read('nothing')).rejects.toThrow(
    /pairs\.jsonl: no line can be trained on; line 1: it is not JSON/,
  );
});

test('lines of another schema are counted and left out, also when they could not be read', async () => {
  const [question, sql] = ['How many care sites are there?', 'SELECT COUNT(*) FROM care_site'];
  const own = { question, sql, schema: 'omop_cdm_5_4' };
  const other = {
    question: 'Admissions of patient 4711?',
    sql: 'SELECT COUNT(*) FROM admissions',
    schema: 'mimic_iv',
  };
  const found = await read(own, other, { question, sql }, other);
  expect(found).toMatchObject({ read: 2, elsewhere: 2, refused: [] });
  await expect(read(other)).rejects.toThrow(
    /pairs\.jsonl: has no line for omop_cdm_5_4; 1 are for another schema/,
  );
});

test('the feedback that the server keeps is read', async () => {
  const file = new FeedbackFile(join(root, 'feedback.jsonl'));
  await file.keepPair({
    question: 'How many visits has patient 98765?',
    sql: 'SELECT COUNT(*) FROM visit_occurrence AS v WHERE v.person_id = 98765;',
    schema: 'omop_cdm_5_4',
  });
  await file.keepPair({ question: 'How many beds?', sql: 'SELECT 1', schema: 'beds' });
  await file.keepRejection({ question: 'How many beds?', rejected: 'SELECT 2', schema: 'omop_cdm_5_4' });
  const found = await readPairs(file.path, { corpus, schema: 'omop_cdm_5_4' });
  expect(found).toMatchObject({ read: 1, elsewhere: 1, refused: [] });
});

test('pairs are repeated until they are the share of all records that was asked for', () => {
  const record = (id: number) => ({ tokens: Uint32Array.of(id, 1, 2), lossStart: 1 });
  const own = new ListedRecords([record(7), record(8)]);
  const many = new ListedRecords(Array.from({ length: 30 }, () => record(0)));
  const mixed = new MixedRecords(many, own, 0.25);
  expect(mixed.records).toBe(40);
  const drawn = Array.from({ length: 40 }, (_, i) => mixed.read(i).tokens[0]);
  expect(drawn.filter((id) => id === 7)).toHaveLength(5);
  expect(drawn.filter((id) => id === 8)).toHaveLength(5);
  expect(mixed.length(39)).toBe(3);
  expect(new MixedRecords(many, own, 0.5).fingerprint).not.toBe(mixed.fingerprint);
  // However small the share, each pair is read.
  expect(new MixedRecords(many, own, 0.001).records).toBe(32);
});
