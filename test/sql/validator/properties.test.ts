import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { render } from '../../../src/sql/renderer/render.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { picksFrom } from './choices.js';
import { clinic, INFOS } from './clinic.js';
import { generateStatement } from './generate.js';
import { MUTATIONS, scramble } from './mutate.js';
import { forbiddenConstruct } from './oracle.js';
import { VALID } from './valid.js';

const omop = new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'));
const SCHEMAS: [string, SchemaIndex][] = [
  ['clinic', clinic],
  ['omop', omop],
];

const seeds = fc.array(fc.nat({ max: 0xffff }), { minLength: 40, maxLength: 120, size: 'max' });

describe.each(SCHEMAS)('over %s', (_, index) => {
  test('every generated statement is accepted, and the oracle finds no forbidden construct in it', () => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const { sql, values } = generateStatement(picksFrom(numbers), index);
        expect({ sql, errors: validate(sql, index, values).errors }).toEqual({ sql, errors: [] });
        expect({ sql, found: forbiddenConstruct(sql, values.keys(), index) }).toEqual({
          sql,
          found: undefined,
        });
      }),
      { numRuns: 400 },
    );
  });

  test('every generated statement can be rendered, and the result is accepted without placeholders', () => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const { sql, values } = generateStatement(picksFrom(numbers), index);
        const rendered = render(sql, index, values);
        expect(rendered.sql).not.toMatch(/__(ID|DATE|TEXT|NUM)_/);
        expect(validate(rendered.sql, index).errors).toEqual([]);
        expect(forbiddenConstruct(rendered.sql, [], index)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(MUTATIONS))('a statement with %s is refused', (_, mutate) => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const pick = picksFrom(numbers);
        const { sql, values } = generateStatement(pick, index);
        const mutant = mutate(pick, { sql, placeholders: values });
        fc.pre(mutant !== undefined);
        expect({ ...mutant, ok: validate(mutant.sql, index, mutant.placeholders).ok }).toEqual({
          ...mutant,
          ok: false,
        });
      }),
      { numRuns: 40 },
    );
  });

  test('a scrambled statement is never accepted with a forbidden construct', () => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const pick = picksFrom(numbers);
        const { sql, values } = generateStatement(pick, index);
        const text = scramble(pick, sql);
        if (!validate(text, index, values).ok) return;
        expect({ text, found: forbiddenConstruct(text, values.keys(), index) }).toEqual({
          text,
          found: undefined,
        });
      }),
      { numRuns: 400 },
    );
  });
});

describe('any text', () => {
  const pieces = Object.values(VALID)
    .flat()
    .flatMap((sql) => sql.match(/\w+|\s+|[^\w\s]/g) ?? []);
  const known = new Map(INFOS.map((info) => [info.name, info]));
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.constantFrom(...new Set(pieces)), { maxLength: 60 }).map((parts) => parts.join('')),
  );

  test('gets a result: nothing is thrown, and ok means no errors', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, hasValues) => {
        const verdict = validate(text, clinic, hasValues ? known : undefined);
        expect(verdict.ok).toBe(verdict.errors.length === 0);
        for (const { at } of verdict.errors) {
          expect(at.offset).toBeGreaterThanOrEqual(0);
          expect(at.offset).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('gets the same result twice', () => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const pick = picksFrom(numbers);
        const { sql, values } = generateStatement(pick, clinic);
        const text = scramble(pick, sql);
        expect(validate(text, clinic, values)).toEqual(validate(text, clinic, values));
      }),
      { numRuns: 200 },
    );
  });
});
