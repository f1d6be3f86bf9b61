import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../src/base/random.js';
import { finish, killed } from './parts.js';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const args = (...more: string[]): string[] => [
  ...[
    'data',
    'build',
    '--schema',
    'omop_cdm_5_4',
    '--knobs',
    'configs/corpus.demo.json',
    '--samples',
    '1200',
  ],
  ...['--held-out', '0', '--hold-out', 'statements', '--vocab-size', '400', '--workers', '1', ...more],
];
const build = (...more: string[]): string => finish(args(...more));

const bytesIn = (corpus: string): Map<string, string> =>
  new Map(
    readdirSync(corpus)
      .sort()
      .map((name) => [name, readFileSync(join(corpus, name), 'base64')]),
  );

test('processes that each make a part, in random order and killed at random, give the bytes of one build', async () => {
  const random = new Random(5, 0);
  const [whole, joined, parts] = ['whole', 'joined', 'parts'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const began = performance.now();
  build('--out', whole);
  const ms = performance.now() - began;
  for (const part of random.sample(['0/3', '1/3', '2/3'], 3)) {
    await killed(random.int(Math.ceil(ms)), args('--parts', parts, '--shard', part));
    expect(build('--parts', parts, '--shard', part)).toContain(`part ${part[0]} of 3`);
  }
  await killed(random.int(Math.ceil(ms)), args('--parts', parts, '--out', joined));
  rmSync(join(joined, 'index.json'), { force: true });
  build('--parts', parts, '--out', joined);
  const expected = bytesIn(whole);
  expect([...expected.keys()]).toContain('shard-00000.bin');
  for (const [name, bytes] of expected) expect(bytesIn(joined).get(name), name).toBe(bytes);
});
