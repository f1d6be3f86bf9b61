import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { validate } from '../../src/sql/validator/validate.js';
import { clinic } from '../sql/validator/clinic.js';
import { FOUND, FOUND_WALKS } from './found.js';
import { fuzz } from './fuzz.js';
import { grammarTarget } from './grammar-target.js';
import { validatorTarget } from './validator-target.js';
import { vaultTarget } from './vault-target.js';

// A small part of `npm run test:fuzz`.
describe('fuzzing', () => {
  test.each([
    [3000, validatorTarget()],
    [3000, vaultTarget()],
    [2000, grammarTarget()],
  ] as const)('finds nothing in %i cases of $name', (cases, target) => {
    expect(fuzz(target, { cases, seed: 1 })).toEqual([]);
  });
});

describe('a case that fuzzing once found', () => {
  test.each(FOUND)('$why', ({ sql, schema, values, code }) => {
    const index = schema === 'clinic' ? clinic : new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'));
    const verdict = validate(sql, index, new Map(values?.map((info) => [info.name, info])));
    expect(verdict.errors[0]?.code).toBe(code);
  });

  test.each(FOUND_WALKS)('of the grammar: $why', ({ seed }) => {
    expect(grammarTarget().runCase(seed)).toBeUndefined();
  });
});
