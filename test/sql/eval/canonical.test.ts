import { expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { canonicalParts, canonicalText } from '../../../src/sql/eval/canonical.js';
import { errorKind } from '../../../src/sql/eval/error-kind.js';
import { parse } from '../../../src/tsql/parser.js';

const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const textOf = (sql: string): string => canonicalText(canonicalParts(parse(sql), index));

test.each([
  ['aliases', 'SELECT p.person_id FROM person AS p;', 'SELECT person.person_id FROM person;'],
  [
    'the order of inner joins',
    'SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON d.person_id = p.person_id;',
    'SELECT COUNT(*) FROM death AS x JOIN person AS y ON y.person_id = x.person_id;',
  ],
  [
    'the order of conditions and of their sides',
    'SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth > 1950 AND p.month_of_birth = 3;',
    'SELECT COUNT(*) FROM person WHERE 3 = month_of_birth AND 1950 < year_of_birth;',
  ],
  [
    'BETWEEN and two comparisons',
    'SELECT COUNT(*) FROM person WHERE year_of_birth BETWEEN 1950 AND 1960;',
    'SELECT COUNT(*) FROM person WHERE year_of_birth <= 1960 AND year_of_birth >= 1950;',
  ],
  [
    'a condition in ON or in WHERE of an inner join',
    'SELECT COUNT(*) FROM person AS p JOIN death AS d ON d.person_id = p.person_id AND p.year_of_birth = 1950;',
    'SELECT COUNT(*) FROM person AS p JOIN death AS d ON d.person_id = p.person_id WHERE p.year_of_birth = 1950;',
  ],
  [
    'an alias in ORDER BY',
    'SELECT p.gender_concept_id, COUNT(*) AS n FROM person AS p GROUP BY p.gender_concept_id ORDER BY n DESC;',
    'SELECT gender_concept_id, COUNT(*) FROM person GROUP BY gender_concept_id ORDER BY COUNT(*) DESC;',
  ],
  [
    'IN with one item',
    "SELECT COUNT(*) FROM person WHERE gender_source_value IN (N'F');",
    "SELECT COUNT(*) FROM person WHERE gender_source_value = 'F';",
  ],
])('%s make no difference', (_what, a, b) => {
  expect(textOf(a)).toBe(textOf(b));
});

test.each([
  ['SELECT COUNT(*) FROM person;', 'SELECT COUNT(*) FROM death;', 'tables'],
  [
    'SELECT COUNT(*) FROM person AS p JOIN death AS d ON d.person_id = p.person_id;',
    'SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON d.person_id = p.person_id;',
    'tables',
  ],
  [
    'SELECT COUNT(*) FROM person AS p JOIN visit_occurrence AS v ON v.person_id = p.person_id;',
    'SELECT COUNT(*) FROM person AS p JOIN visit_occurrence AS v ON v.provider_id = p.provider_id;',
    'joins',
  ],
  ['SELECT MIN(year_of_birth) FROM person;', 'SELECT MAX(year_of_birth) FROM person;', 'aggregate'],
  [
    'SELECT COUNT(*) FROM person WHERE year_of_birth = 1950;',
    'SELECT COUNT(*) FROM person WHERE year_of_birth = 1951;',
    'values',
  ],
  [
    'SELECT COUNT(*) FROM death WHERE YEAR(death_date) = 5;',
    'SELECT COUNT(*) FROM death WHERE MONTH(death_date) = 5;',
    'dates',
  ],
  [
    'SELECT COUNT(*) FROM person WHERE year_of_birth = 5;',
    'SELECT COUNT(*) FROM person WHERE month_of_birth = 5;',
    'columns',
  ],
  [
    'SELECT COUNT(*) FROM person WHERE year_of_birth = 5;',
    'SELECT COUNT(*) FROM person WHERE year_of_birth > 5;',
    'conditions',
  ],
  [
    'SELECT person_id FROM person ORDER BY year_of_birth;',
    'SELECT person_id FROM person ORDER BY year_of_birth DESC;',
    'order',
  ],
])('%s and %s differ first in their %s', (a, b, kind) => {
  expect(textOf(a)).not.toBe(textOf(b));
  expect(errorKind(parse(a), parse(b), index)).toBe(kind);
});
