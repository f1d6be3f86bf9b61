import { describe, expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import type { Problem } from '../../../src/sql/validator/problems.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { clinic, clinicBundle, placeholdersOf } from './clinic.js';

// Each test notices a planted fault that no other test did (test/mutants/sql.ts).

function errorsOf(sql: string, sense = false): Problem[] {
  return validate(sql, clinic, placeholdersOf(sql), { sense }).errors;
}

const codesOf = (sql: string): string[] => errorsOf(sql).map(({ code }) => code);

describe('a fault', () => {
  test.each([
    ['of a name', 'SELECT CAST(nosuch AS int) FROM patient;', ['unknown-column']],
    ['of two values without a column', 'SELECT mrn FROM patient WHERE NOT (__NUM_1__ = 1);', ['placeholder-idle']],
    ['of each of two', 'SELECT mrn FROM patient WHERE __NUM_1__ = 1 AND __NUM_1__ = 2;', ['placeholder-idle', 'placeholder-idle']],
    ['of a value changed in a branch of CASE', 'SELECT CASE WHEN mrn = LTRIM(__ID_1__) THEN 1 ELSE 0 END FROM patient;', ['placeholder-altered']],
    ['of text that is subtracted in a pattern', "SELECT mrn FROM patient WHERE mrn LIKE 'a' - 'b';", ['invalid-operand-type']],
    ['of two bits added up', 'SELECT is_active + is_active FROM patient;', ['incompatible-types']],
    ['of NULL added to NULL', 'SELECT NULL + NULL FROM patient;', ['invalid-operand-type']],
    ['of an order by what never changes', 'SELECT mrn FROM patient ORDER BY GETDATE();', ['order-by-constant']],
  ] as const)('%s is reported as often as it is made', (_, sql, codes) => {
    expect(codesOf(sql)).toEqual(codes);
  }); // prettier-ignore

  test.each([
    'SELECT is_active + 1, 1 + NULL FROM patient;',
    'SELECT gender FROM patient GROUP BY gender ORDER BY COUNT_BIG(*);',
    'SELECT gender FROM patient GROUP BY gender ORDER BY COUNT(1), COUNT(*) + 1;',
  ])('is not found in %s', (sql) => {
    expect(codesOf(sql)).toEqual([]);
  });

  test('of a table that is joined later says so', () => {
    const [fault] = errorsOf(
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS v ON v.visit_id = d.visit_id INNER JOIN diagnosis AS d ON d.visit_id = v.visit_id;',
    );
    expect(fault).toMatchObject({ code: 'unbound-alias', message: expect.stringContaining('joined later') });
  });

  test('of a value beyond its range names the range', () => {
    const [fault] = errorsOf('SELECT ward FROM visit WHERE LEN(note) < 0;', true);
    expect(fault!.message).toContain('at least 0');
    const [other] = errorsOf('SELECT mrn FROM patient WHERE MONTH(birth_date) = 13;', true);
    expect(other!.message).toContain('from 1 to 12');
  });
});

describe('the first and the last day', () => {
  test.each([
    ['00010101', true],
    ['99991231', true],
    ['00001231', false],
    ['20240001', false],
    ['20241301', false],
    ['20240100', false],
    ['20240132', false],
  ])('%s beside a date: %s', (day, isDay) => {
    expect(codesOf(`SELECT mrn FROM patient WHERE birth_date = '${day}';`).length === 0).toBe(isDay);
  });
});

test('a moment keeps its offset beside a datetimeoffset, and has none beside a datetime2', () => {
  const column = { name: 'taken', type: 'datetimeoffset', nullable: true };
  const [patient, ...others] = clinicBundle.tables;
  const index = new SchemaIndex({
    ...clinicBundle,
    tables: [{ ...patient!, columns: [...patient!.columns, column] }, ...others],
  });
  const isAccepted = (name: string): boolean =>
    validate(`SELECT mrn FROM patient WHERE ${name} >= '2024-03-05T10:00:00+02:00';`, index).ok;
  expect(isAccepted('taken')).toBe(true);
  expect(isAccepted('created_at')).toBe(false);
});

test('a year that meets no column is a number, and a month is its first day', () => {
  const typeOf = (name: string): string => {
    const sql = `SELECT CONCAT(mrn, ${name}) FROM patient;`;
    return validate(sql, clinic, placeholdersOf(sql)).uses[0]!.type.base;
  };
  expect([typeOf('__DATE_2__'), typeOf('__DATE_3__')]).toEqual(['int', 'date']);
});
