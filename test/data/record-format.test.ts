import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatRecord, parseRecord } from '../../src/data/record.js';
import {
  FIRST_FORMAT,
  formatOfCorpus,
  loadRecordFormat,
  saveRecordFormat,
} from '../../src/data/record-format.js';
import { WORDS_FORMAT } from './formats.js';

const record = {
  schema: ' person: person id*,! birth date@\n! visit: visit id*, person id>',
  question: 'How many visits after __DATE_1__?',
  idMap: '__DATE_1__ date date',
  sql: 'SELECT 1;',
};

test.each(['schema-first', 'question-first'] as const)('a record can be read back: %s', (order) => {
  const text = formatRecord(record, order);
  expect(text.startsWith(order === 'schema-first' ? 'SCHEMA:' : 'QUESTION:')).toBe(true);
  expect(parseRecord(text)).toEqual(record);
  expect(parseRecord(formatRecord({ ...record, idMap: '' }, order))).toEqual({ ...record, idMap: '' });
});

test('a record has the statement as the model writes it', () => {
  const written = 'SELECT ta visit id FROM visit AS ta;';
  expect(parseRecord(formatRecord({ ...record, written }))?.sql).toBe(written);
});

describe("a model's folder", () => {
  const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'openward-format-'));

  test('keeps its format', async () => {
    const there = await folder();
    await saveRecordFormat(there, WORDS_FORMAT);
    expect(await loadRecordFormat(there)).toEqual(WORDS_FORMAT);
  });

  test('without a format has the first one', async () => {
    expect(await loadRecordFormat(await folder())).toEqual(FIRST_FORMAT);
  });

  test.each([
    ['broken JSON', '{'],
    ['an unknown field', JSON.stringify({ ...WORDS_FORMAT, more: 1 })],
    ['a missing field', JSON.stringify({ ...WORDS_FORMAT, order: undefined })],
  ])('with %s is refused, naming the file', async (_, text) => {
    const there = await folder();
    await writeFile(join(there, 'format.json'), text);
    await expect(loadRecordFormat(there)).rejects.toMatchObject({
      code: 'bad-format',
      details: { file: join(there, 'format.json') },
    });
  });
});

test('a corpus names its format among its knobs', () => {
  expect(formatOfCorpus({ knobs: { format: WORDS_FORMAT } })).toEqual(WORDS_FORMAT);
  expect(formatOfCorpus({ knobs: {} })).toEqual(FIRST_FORMAT);
  expect(formatOfCorpus(null)).toEqual(FIRST_FORMAT);
});
