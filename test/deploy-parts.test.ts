import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../src/base/paths.js';
import { Random } from '../src/base/random.js';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const args = (...more: string[]): string[] => [
  ...['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), 'data', 'build', '--schema', 'omop_cdm_5_4'],
  ...[
    '--knobs',
    'configs/corpus.demo.json',
    '--samples',
    '1200',
    '--held-out',
    '0',
    '--hold-out',
    'statements',
  ],
  ...['--vocab-size', '400', '--workers', '1', ...more],
];

function build(...more: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args(...more), {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

async function killed(ms: number, ...more: string[]): Promise<void> {
  const child = spawn(process.execPath, args(...more), { cwd: packageRoot, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await Promise.race([ended, sleep(ms)]);
  child.kill('SIGKILL');
  await ended;
}

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
    await killed(random.int(Math.ceil(ms)), '--parts', parts, '--shard', part);
    expect(build('--parts', parts, '--shard', part)).toContain(`part ${part[0]} of 3`);
  }
  await killed(random.int(Math.ceil(ms)), '--parts', parts, '--out', joined);
  rmSync(join(joined, 'index.json'), { force: true });
  build('--parts', parts, '--out', joined);
  const expected = bytesIn(whole);
  expect([...expected.keys()]).toContain('shard-00000.bin');
  for (const [name, bytes] of expected) expect(bytesIn(joined).get(name), name).toBe(bytes);
});
