import { describe, expect, test } from 'vitest';
import { loadKnobs, withoutSynthetic } from '../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../src/data/corpus/sample.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { render } from '../../../src/sql/renderer/render.js';
import { validate } from '../../../src/sql/validator/validate.js';

describe('the corpus', () => {
  const index = new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'));
  const source = new SampleSource([index], withoutSynthetic(loadKnobs('configs/corpus.json')));

  test('has only statements that are accepted and can be rendered with their values', () => {
    for (let i = 0; i < 1000; i++) {
      const { record, values } = source.sample(17, i);
      const byName = new Map(values.map((value) => [value.name, value]));
      const { errors } = validate(record.sql, index, byName);
      expect({ sql: record.sql, errors }).toEqual({ sql: record.sql, errors: [] });
      expect(validate(render(record.sql, index, byName).sql, index).ok).toBe(true);
    }
  });
});
