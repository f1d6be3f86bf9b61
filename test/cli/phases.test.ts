import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import { smallBuild } from '../data/corpus/build/small-build.js';
import { finish } from '../parts.js';

const root = mkdtempSync(join(tmpdir(), 'phases-'));
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 2;
const SHAPE = ['nLayer=1', 'nHead=1', 'width=16', 'mlpWidth=32', 'context=512'];

/** A phase as docs/operations.md runs it, but for a shape and a number of steps that a processor can take. */
function phase(name: string, model: string, ...more: string[]): string {
  return finish([
    ...['train', '--config', `configs/phase-${name}.jsonc`, '--corpus', join(root, 'corpus')],
    ...['--model', join(root, model), '--adapter', process.env.TEST_ADAPTER ?? 'software'],
    ...['--steps', String(STEPS), '--warmup-steps', '1', '--batch-size', '1', '--micro-batches', '2'],
    ...['--context', '512', '--drop-long', ...more],
  ]);
}

const shape = SHAPE.flatMap((field) => ['--set', `model.${field}`]);
const settingsOf = (model: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, model, 'settings.json'), 'utf8')) as Record<string, unknown>;

test('the three phases follow one another from the command line', async () => {
  const corpus = join(root, 'corpus');
  await buildCorpus(
    smallBuild(corpus, { count: 60, heldOut: 4, tokenizer: { vocabSize: 600, records: 60 } }),
  );
  const pairs = join(root, 'pairs.jsonl');
  const pair = { question: 'How many care sites are there?', sql: 'SELECT COUNT(*) FROM care_site' };
  writeFileSync(pairs, JSON.stringify(pair) + '\n');

  expect(phase('0-sanity', 'sanity', ...shape)).toContain(`trained ${STEPS} steps`);
  expect(settingsOf('sanity')).toMatchObject({ learningRate: 6e-4, validateEvery: 100, steps: STEPS });

  const drive = join(root, 'drive');
  const sessions = ['--max-time', '115m', '--mirror', drive];
  expect(phase('1-main', 'main', ...shape, '--vram', '900MB', ...sessions)).toContain(
    `trained ${STEPS} steps`,
  );
  expect(settingsOf('main')).toMatchObject({ schedule: 'wsd', batchSize: 2, microBatches: 1 });
  expect(existsSync(join(drive, 'manifest.json'))).toBe(true);
  const best = join(root, 'main', 'best');

  const own = ['--pairs', pairs, '--schema', 'omop_cdm_5_4'];
  expect(phase('2-quality', 'quality', '--init-from', best, ...own)).toContain(`trained ${STEPS} steps`);
  expect(settingsOf('quality')).toMatchObject({ promptWeight: 0.1, schemaWeight: 0, pairsShare: 0.3 });
  const model = (name: string): string => readFileSync(join(root, name, 'model.json'), 'utf8');
  expect(model('quality')).toBe(model('main'));
});
