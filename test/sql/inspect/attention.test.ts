import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatRecord } from '../../../src/data/record.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { attentionPage, averageShares } from '../../../src/sql/inspect/attention-page.js';
import { traceAttention } from '../../../src/sql/inspect/trace-attention.js';
import type { LanguageModel } from '../../../src/sql/language-model.js';
import { saveRandomModel } from '../../engine/nn/random-model.js';

const root = mkdtempSync(join(tmpdir(), 'attention-'));
afterAll(() => rmSync(root, { recursive: true }));

const tokenizer = trainTokenizer(
  [formatRecord({ schema: 'person(person_id int pk)', question: 'How many?', idMap: '', sql: 'SELECT 1;' })],
  { vocabSize: 400 },
);
const folder = join(root, 'model');
const context = 900;
await saveRandomModel(folder, {
  vocabSize: 400,
  context,
  nLayer: 2,
  nHead: 2,
  width: 16,
  mlpWidth: 8,
  tiedHead: true,
});

/** Writes the same statement whatever is asked. */
const writer = (sql: string): LanguageModel => ({
  tokenizer,
  context,
  complete: () => Promise.resolve([{ tokens: tokenizer.encode(` ${sql}`), logProb: -1, leastLogProb: -1 }]),
});

const QUESTION = 'How many patients have the id 4812345?';
const traced = (sql: string) =>
  traceAttention(QUESTION, folder, {
    model: writer(sql),
    schema: 'omop_cdm_5_4',
    constrain: false,
    refuse: false,
    sense: false,
    maxTables: 1,
  });

const SQL = 'SELECT COUNT(*) FROM person AS p WHERE p.person_source_value = __ID_1__;';

test('every token of the statement has shares of what was written before it, which sum to 1', async () => {
  const trace = await traced(SQL);
  const { tokens, promptTokens, nLayer, nHead, attention, statement, accepted } = trace;
  expect(statement).toBe(SQL);
  expect(accepted).toBe(true);
  expect(tokens.map(({ text }) => text).join('')).toMatch(/SQL: SELECT COUNT\(\*\)/);
  expect(tokens.map(({ text }) => text).join('')).not.toContain('4812345');
  expect(tokens[promptTokens]).toMatchObject({ part: 'statement' });
  expect(new Set(tokens.map(({ part }) => part))).toEqual(
    new Set(['schema', 'question', 'values', 'statement']),
  );
  const T = tokens.length - 1;
  const rows = tokens.length - promptTokens;
  expect(attention).toHaveLength(nLayer * nHead * rows * T);
  for (let at = 0; at < nLayer * nHead * rows; at++) {
    const row = attention.subarray(at * T, (at + 1) * T);
    expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
    const written = promptTokens + (at % rows);
    expect(row[written - 1]).toBeGreaterThan(0);
    expect(row.subarray(written).every((share) => share === 0)).toBe(true);
  }
  for (const shares of averageShares(trace))
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
});

test('a refused statement can be looked into, and is called refused', async () => {
  const trace = await traced('SELECT nothing;');
  expect(trace.accepted).toBe(false);
  expect(attentionPage(trace)).toContain('Statement (refused)');
});

test('the page contacts nobody, and shows text of the question as text', async () => {
  const trace = await traced(SQL);
  const script = '</script><script>alert(1)</script>';
  const [first, ...rest] = trace.tokens;
  const page = attentionPage({
    ...trace,
    question: `${trace.question}${script}`,
    tokens: [{ ...first!, text: script }, ...rest],
  });
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/https?:|src=|href=|@import|url\(/);
  expect(page).not.toContain('<script>alert');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toContain('4812345');
  const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(page)![1]!) as {
    attention: string;
    tokens: unknown[];
    promptTokens: number;
  };
  const { tokens, promptTokens } = data;
  const bytes = Buffer.from(data.attention, 'base64');
  expect(bytes).toHaveLength(4 * (tokens.length - promptTokens) * (tokens.length - 1));
});
