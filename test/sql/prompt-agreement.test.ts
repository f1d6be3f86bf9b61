import { expect, test } from 'vitest';
import { loadKnobs } from '../../src/data/corpus/knobs.js';
import { SampleSource } from '../../src/data/corpus/sample.js';
import { formatPrompt, formatRecord } from '../../src/data/record.js';
import { linkSchema } from '../../src/data/schema/link/link.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { renderSchema } from '../../src/data/schema/render.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { shippedNames } from '../../src/data/schema/shipped.js';
import { trainTokenizer } from '../../src/data/tokenizer/train.js';
import type { LanguageModel } from '../../src/sql/language-model.js';
import { buildPrompt } from '../../src/sql/prompt.js';
import { linkLimits } from '../../src/sql/room.js';
import { extract, knowledgeOf } from '../../src/sql/vault/index.js';

const QUESTIONS = 500;

test('prompts of training and of inference are alike in size, and mostly the same text', () => {
  const indexes = shippedNames().map((name) => new SchemaIndex(loadBundle(name)));
  const knobs = loadKnobs('configs/corpus.json');
  const source = new SampleSource(indexes, knobs);
  const { format } = knobs;
  const samples = Array.from({ length: QUESTIONS }, (_, i) => source.sample(9, i));
  const texts = samples.map(({ record }) => formatRecord(record, format?.order));
  const tokenizer = trainTokenizer(texts, { vocabSize: 2048 });
  const model: LanguageModel = {
    tokenizer,
    context: 1024,
    format,
    complete: () => Promise.resolve([]),
  };
  const trained: number[] = [];
  const asked: number[] = [];
  let same = 0;
  for (const { record, rawQuestion, schemaName } of samples) {
    const index = source.schemaNamed(schemaName)!;
    const vault = extract(rawQuestion, { knowledge: knowledgeOf(index.bundle) });
    const { question, placeholders } = vault;
    const selection = linkSchema(question, index, linkLimits(vault, { model, index }));
    const schema = renderSchema(selection, { format, question, placeholders });
    const prompt = buildPrompt(question, placeholders, schema, { index, format });
    const training = formatPrompt(record, format?.order);
    if (prompt === training) same++;
    trained.push(tokenizer.encode(training).length);
    asked.push(tokenizer.encode(prompt).length);
  }
  const mean = (sizes: number[]): number => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const tenth = (sizes: number[]): number => sizes.sort((a, b) => b - a)[Math.floor(sizes.length / 10)]!;
  expect(Math.abs(mean(asked) / mean(trained) - 1)).toBeLessThan(0.1);
  expect(Math.abs(tenth(asked) / tenth(trained) - 1)).toBeLessThan(0.1);
  expect(same / QUESTIONS).toBeGreaterThan(0.5);
});
