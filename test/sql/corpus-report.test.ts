import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKnobs, withoutSynthetic, type CorpusKnobs } from '../../src/data/corpus/knobs.js';
import { SampleSource } from '../../src/data/corpus/sample.js';
import { formatRecord } from '../../src/data/record.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { trainTokenizer } from '../../src/data/tokenizer/train.js';
import { packageRoot } from '../../src/base/paths.js';
import { promptSizes, shareWithin } from '../../src/sql/corpus-report.js';

describe('prompts of training and of inference', () => {
  const schemas = ['omop_cdm_5_4', 'mimic_iv', 'synthea', 'i2b2'].map(
    (name) => new SchemaIndex(loadBundle(join(packageRoot, 'schemas', `${name}.json`))),
  );
  const knobs = withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json')));
  const sizesWith = (change: Partial<CorpusKnobs>): ReturnType<typeof promptSizes> => {
    const source = new SampleSource(schemas, { ...knobs, ...change });
    // With fewer samples, too few prompts are in the largest hundredth.
    const samples = Array.from({ length: 800 }, (_, i) => source.sample(1, i));
    const tokenizer = trainTokenizer(
      samples.map(({ record }) => formatRecord(record)),
      { vocabSize: 1024 },
    );
    return promptSizes(source, samples, tokenizer, 1024);
  };

  test('what the linker shows is no larger than what the corpus trains on', () => {
    const { trained, linked } = sizesWith({});
    expect(shareWithin(linked.tables, trained.tables)).toBe(1);
    expect(shareWithin(linked.tokens, trained.tokens)).toBeGreaterThan(0.95);
  });

  test('what the linker shows is larger than drawn prompts that are never filled', () => {
    const { trained, linked } = sizesWith({ format: undefined, filledShare: 0 });
    expect(shareWithin(linked.tokens, trained.tokens)).toBeLessThan(0.2);
  });

  test('the largest hundredth of the known sizes is ignored', () => {
    const known = Array.from({ length: 101 }, (_, i) => i);
    expect(shareWithin([99, 100, 101, 1000], known)).toBe(0.25);
  });
});
