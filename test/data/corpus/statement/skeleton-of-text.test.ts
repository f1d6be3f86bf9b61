import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadKnobs } from '../../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../../src/data/corpus/sample.js';
import { skeletonOfText } from '../../../../src/data/corpus/statement/skeleton-of-text.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';

const schemas = readdirSync('schemas')
  .filter((name) => name.endsWith('.json') && name !== 'bundle.schema.json')
  .map((name) => new SchemaIndex(loadBundle(join('schemas', name))));

describe('the skeleton of a statement text', () => {
  test.each(['always', 'joins'] as const)('equals that of its program, with aliases: %s', (aliases) => {
    const source = new SampleSource(schemas, { ...loadKnobs('configs/corpus.json'), aliases });
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, index) => {
        const { record, sqlSkeleton } = source.sample(seed, index);
        expect(skeletonOfText(record.sql)).toBe(sqlSkeleton);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    [
      'SELECT v.visit_id FROM visit AS v INNER JOIN person AS p ON v.person_id = p.person_id WHERE p.[order] = __ID_1__;',
      'SELECT s1.c1 FROM T1 AS s1 INNER JOIN T2 AS s2 ON s1.c2 = s2.c3 WHERE s2.c4 = __ID_1__;',
    ],
    [
      'SELECT TOP (5) day, COUNT(*) FROM [order] WHERE DATEDIFF(day, day, GETDATE()) > __NUM_1__ GROUP BY day;',
      'SELECT TOP (5) s1.c1, COUNT(*) FROM T1 AS s1 WHERE DATEDIFF(day, s1.c1, GETDATE()) > __NUM_1__ GROUP BY s1.c1;',
    ],
    [
      'SELECT t1.id FROM cdm.visit AS t1 INNER JOIN [my cdm].person AS t2 ON t1.person_id = t2.id;',
      'SELECT s1.c1 FROM T1 AS s1 INNER JOIN T2 AS s2 ON s1.c2 = s2.c3;',
    ],
  ])('%s', (sql, skeleton) => expect(skeletonOfText(sql)).toBe(skeleton));
});
