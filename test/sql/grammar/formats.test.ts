import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { generateSamples, type Sample } from '../../../src/data/corpus/sample.js';
import { formatRecord } from '../../../src/data/record.js';
import type { RecordFormat } from '../../../src/data/record-format.js';
import { namesOf } from '../../../src/data/schema/names.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { syntheticSchema } from '../../../src/data/synthetic/schema.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { Sampler } from '../../../src/engine/decode/sampler.js';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { NUMBERED_FORMAT, WORDS_FORMAT } from '../../data/formats.js';
import { bundleIndex, faultOf, selectionOf, walk } from './decoding.js';

const ROOM = 240;
const INDEXES: [string, SchemaIndex][] = [
  ...['omop_cdm_5_4', 'pcornet_4_1', 'openmrs_2_8'].map((name): [string, SchemaIndex] => [
    name,
    bundleIndex(name),
  ]),
  ['synthetic', new SchemaIndex(syntheticSchema(8))],
];

function samplesOf(index: SchemaIndex, format: RecordFormat, count: number): Sample[] {
  const knobs = { ...loadKnobs('configs/corpus.json'), syntheticShare: 0, format };
  return [...generateSamples({ schemas: [index], knobs, seed: 5, count })];
}

describe.each([
  ['names as words', WORDS_FORMAT],
  ['numbered aliases', NUMBERED_FORMAT],
])('with %s', (_, format) => {
  test.each(INDEXES)('statements of the corpus are allowed token by token: %s', (_name, index) => {
    const samples = samplesOf(index, format, 60);
    const tokenizer = trainTokenizer(
      samples.map(({ record }) => formatRecord(record, format.order)),
      { vocabSize: 1500 },
    );
    const grammar = createGrammar(index, tokenizer, { format });
    for (const sample of samples) {
      const { sql, written = sql } = sample.record;
      const mask = grammar.start(sample.values, { selection: selectionOf(index, sample), maxTokens: 400 });
      expect(`${walk(mask, tokenizer, written)} ${written}`).toBe(`complete ${written}`);
    }
  });

  test.each(INDEXES)('random tokens make statements that the validator accepts: %s', (_name, index) => {
    const samples = samplesOf(index, format, 120);
    const tokenizer = trainTokenizer(
      samples.map(({ record }) => formatRecord(record, format.order)),
      { vocabSize: 900 },
    );
    const grammar = createGrammar(index, tokenizer, { format });
    const names = namesOf(index, format.names);
    const random = new Random(31, 0);
    for (const sample of samples.slice(0, 12)) {
      const mask = grammar.start(sample.values, { selection: selectionOf(index, sample), maxTokens: ROOM });
      const sampler = new Sampler({ temperature: 1, seed: random.int(1 << 30) });
      const tokens: number[] = [];
      while (tokens.at(-1) !== tokenizer.endId) {
        const logits = Float32Array.from({ length: tokenizer.vocabSize }, () => random.int(1000) / 100);
        const { token } = sampler.sample(logits, mask.allowed());
        mask.advance(token);
        tokens.push(token);
        expect(tokens.length).toBeLessThanOrEqual(ROOM);
      }
      const sql = names.toSql(tokenizer.decode(tokens.slice(0, -1)).trim());
      expect(faultOf(sql, index, sample.values)).toBeUndefined();
    }
  });
});
