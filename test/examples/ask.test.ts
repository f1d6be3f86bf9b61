import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { validate } from '../../src/sql/index.js';
import { tokenizerOf } from '../sql/grammar/decoding.js';
import { indexOf, samplesOf, saveUntrainedModel } from '../sql/untrained.js';

const index = indexOf('omop_cdm_5_4');
const [node, program] = process.argv;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ask-'));
  await saveUntrainedModel(folder, tokenizerOf(samplesOf(index, 300, 1)));
});

afterAll(async () => {
  process.argv = [node!, program!];
  await rm(folder, { recursive: true });
});

test('ask.ts prints a statement that validates, and what it does', async () => {
  process.argv = [node!, program!, folder];
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/ask.js');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines).toHaveLength(2);
  expect(validate(lines[0]!, index)).toMatchObject({ ok: true, errors: [] });
  expect(lines[0]).toContain('0048213');
  expect(lines[1]).toMatch(/\S/);
});
