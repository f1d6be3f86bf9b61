import { describe, expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { syntheticSchema } from '../../../src/data/synthetic/schema.js';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { bundleIndex, BUNDLES, corpusSamples, selectionOf, tokenizerOf, walk } from './decoding.js';

/** Statements per schema. */
const SAMPLES = Number(process.env['GRAMMAR_SAMPLES'] ?? 120);

describe('statements of the corpus', () => {
  test.each(BUNDLES)('are allowed token by token: %s', (bundle) => {
    const index = bundleIndex(bundle);
    const samples = corpusSamples(index, SAMPLES, 11);
    const tokenizer = tokenizerOf(samples);
    const grammar = createGrammar(index, tokenizer);
    for (const sample of samples) {
      const { sql } = sample.record;
      const mask = grammar.start(sample.values, { selection: selectionOf(index, sample), maxTokens: 400 });
      expect(`${walk(mask, tokenizer, sql)} ${sql}`).toBe(`complete ${sql}`);
    }
  });

  test.each([3, 8, 21])('are allowed token by token: synthetic schema %i', (number) => {
    const index = new SchemaIndex(syntheticSchema(number));
    const samples = corpusSamples(index, Math.ceil(SAMPLES / 2), 11);
    const tokenizer = tokenizerOf(samples);
    const grammar = createGrammar(index, tokenizer);
    for (const sample of samples) {
      const { sql } = sample.record;
      const mask = grammar.start(sample.values, { selection: selectionOf(index, sample), maxTokens: 400 });
      expect(`${walk(mask, tokenizer, sql)} ${sql}`).toBe(`complete ${sql}`);
    }
  });

  test('are allowed if the whole schema may be named', () => {
    const index = bundleIndex('omop_cdm_5_4');
    const samples = [...corpusSamples(index, 60, 12), ...corpusSamples(index, 100, 12, 'corpus.demo')];
    const tokenizer = tokenizerOf(samples);
    const grammar = createGrammar(index, tokenizer);
    for (const { record, values } of samples) {
      expect(`${walk(grammar.start(values), tokenizer, record.sql)} ${record.sql}`).toBe(
        `complete ${record.sql}`,
      );
    }
  });
});
