import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { Tokenizer } from '../../../src/data/tokenizer/tokenizer.js';
import { finish, killed } from '../../parts.js';
import { saveUntrainedModel } from '../untrained.js';

const root = mkdtempSync(join(tmpdir(), 'eval-parts-'));
afterAll(() => rmSync(root, { recursive: true }));

const [model, set, parts] = ['model', 'set.jsonl', 'parts'].map((name) => join(root, name)) as [
  string,
  string,
  string,
];
const args = (...more: string[]): string[] => [
  ...[
    'eval',
    '--model',
    model,
    '--set',
    set,
    '--schema',
    'omop_cdm_5_4',
    '--batch',
    '2',
    '--questions',
    '10',
  ],
  ...['--adapter', process.env.TEST_ADAPTER ?? 'software', ...more],
];

beforeAll(async () => {
  await saveUntrainedModel(model, await Tokenizer.load('models/omop/tokenizer.json'));
  const line = (_: unknown, i: number): string =>
    JSON.stringify(
      i % 4 === 3
        ? { question: 'What is the best recipe for bread?' }
        : {
            question: `How many patients were born after ${1930 + i}?`,
            sql: `SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth > ${1930 + i}`,
          },
    ) + '\n';
  writeFileSync(set, Array.from({ length: 10 }, line).join(''));
});

/** A report without what depends on the clock. */
function figuresIn(file: string): string {
  const times = new Set(['seconds', 'latency', 'milliseconds']);
  const drop = (key: string, value: unknown): unknown => (times.has(key) ? undefined : value);
  return JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), drop);
}

test('processes that each ask a part, in random order and killed at random, give the figures of one evaluation', async () => {
  const random = new Random(7, 0);
  const [whole, joined] = ['whole.json', 'joined.json'].map((name) => join(root, name)) as [string, string];
  const began = performance.now();
  finish(args('--out', whole));
  const ms = performance.now() - began;
  for (const part of random.sample(['0/3', '1/3', '2/3'], 3)) {
    const own = args('--parts', parts, '--shard', part);
    await killed(random.int(Math.ceil(ms / 2)), own);
    expect(finish(own)).toMatch(
      new RegExp(`: part ${part[0]} of 3: 1 blocks of questions, [01] of them were there`),
    );
  }
  const names = readdirSync(parts).filter((name) => !name.endsWith('.tmp'));
  expect(names.sort()).toEqual([
    'answers-00000000-4.json',
    'answers-00000004-4.json',
    'answers-00000008-2.json',
  ]);
  // The join answers what is missing.
  rmSync(join(parts, names[2]!));
  finish(args('--parts', parts, '--out', joined));
  expect(figuresIn(joined)).toBe(figuresIn(whole));
  const { summary, devices } = JSON.parse(readFileSync(joined, 'utf8')) as {
    summary: { questions: number; refusedRightly: { count: number } };
    devices: string[];
  };
  expect(summary).toMatchObject({ questions: 10, refusedRightly: { count: 2 } });
  expect(devices).toHaveLength(1);
});
