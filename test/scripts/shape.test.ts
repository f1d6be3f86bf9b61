import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { withFunctions } from '../../scripts/shape.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { validate } from '../../src/sql/validator/validate.js';

const document = readFileSync('docs/shape.md', 'utf8');
const omop = new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'));

describe('docs/shape.md', () => {
  test('lists every function as the table of functions has it; npx tsx scripts/shape.ts writes it', () => {
    expect(document).toBe(withFunctions(document));
    expect(document).toContain('`DATEADD(part, a, b)`');
  });

  test.each(/```sql\n([^`]*)```/.exec(document)![1]!.trim().split('\n'))(
    'shows a statement that the validator accepts: %s',
    (sql) => {
      expect(validate(sql, omop, undefined, { sense: true }).errors).toEqual([]);
    },
  );

  test.each([
    ['HAVING', 'SELECT person_id FROM person GROUP BY person_id HAVING COUNT(*) > 1;'],
    ['a subquery', 'SELECT person_id FROM person WHERE person_id IN (SELECT person_id FROM death);'],
    ['EXISTS', 'SELECT person_id FROM person WHERE EXISTS (SELECT 1 FROM death);'],
    ['a window', 'SELECT ROW_NUMBER() OVER (ORDER BY person_id) FROM person;'],
    ['UNION', 'SELECT person_id FROM person UNION SELECT person_id FROM death;'],
    ['WITH', 'WITH x AS (SELECT person_id FROM person) SELECT person_id FROM x;'],
    ['APPLY', 'SELECT p.person_id FROM person AS p CROSS APPLY death AS d;'],
    ['a comma in FROM', 'SELECT p.person_id FROM person AS p, death AS d;'],
    ['CROSS JOIN', 'SELECT p.person_id FROM person AS p CROSS JOIN death AS d;'],
    ['a hint', 'SELECT person_id FROM person WITH (NOLOCK);'],
    ['a variable', 'SELECT person_id FROM person WHERE person_id = @x;'],
    ['INTO', 'SELECT person_id INTO x FROM person;'],
    ['a star beside an aggregate', 'SELECT *, COUNT(*) FROM person;'],
  ])('rightly says that %s is refused', (_, sql) => {
    expect(validate(sql, omop).ok).toBe(false);
  });

  test('rightly says that a star may stand beside other items', () => {
    expect(
      validate(
        'SELECT p.*, d.death_date FROM person AS p LEFT JOIN death AS d ON d.person_id = p.person_id;',
        omop,
      ).errors,
    ).toEqual([]);
    expect(
      validate(
        'SELECT COUNT(*) FROM person AS p RIGHT JOIN death AS d ON d.person_id = p.person_id WHERE d.death_date <= CURRENT_TIMESTAMP;',
        omop,
      ).errors,
    ).toEqual([]);
    expect(
      validate('SELECT COUNT(*) FROM person AS p FULL JOIN death AS d ON d.person_id = p.person_id;', omop)
        .errors,
    ).toEqual([]);
  });
});
