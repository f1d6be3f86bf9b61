import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { Judge } from '../../../src/sql/eval/judge.js';
import { agreeOnMoments } from '../../../src/sql/eval/same-moment.js';

const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));
let judge: Judge;
beforeAll(async () => {
  judge = await Judge.start();
});
afterAll(() => judge.close());

/** Statements that ask the same of a database whose dates and times agree, and others. */
const CASES: [expected: string, equal: string[], other: string[]][] = [
  [
    "SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime >= '19900101';",
    ["SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth >= YEAR(CAST('19900101' AS date));"],
    [
      "SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth > YEAR(CAST('19900101' AS date));",
      "SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime >= '19900701';",
    ],
  ],
  [
    'SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth BETWEEN 1950 AND 1960;',
    [
      "SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime >= '19500101' AND p.birth_datetime < '19610101';",
    ],
    [
      "SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime >= '19500101' AND p.birth_datetime < '19600101';",
    ],
  ],
  [
    'SELECT DATEPART(weekday, t.procedure_datetime), COUNT(*) FROM procedure_occurrence AS t GROUP BY DATEPART(weekday, t.procedure_datetime);',
    [
      'SELECT DATEPART(weekday, t.procedure_date), COUNT(*) FROM procedure_occurrence AS t GROUP BY DATEPART(weekday, t.procedure_date);',
    ],
    [
      'SELECT DATEPART(weekday, t.procedure_end_date), COUNT(*) FROM procedure_occurrence AS t GROUP BY DATEPART(weekday, t.procedure_end_date);',
    ],
  ],
];

describe('columns that say one moment', () => {
  test.each(CASES)('are the same to the judge: %s', async (expected, equal, other) => {
    for (const sql of equal)
      expect(await judge.judge(expected, sql, index), sql).toMatchObject({ right: true });
    for (const sql of other)
      expect(await judge.judge(expected, sql, index), sql).toMatchObject({ right: false });
  });

  test('follow the one whose value was chosen', () => {
    const person = index.table('person')!;
    const names = person.columns.map(({ name }) => name);
    const row = person.columns.map(() => null as string | null);
    row[names.indexOf('year_of_birth')] = '1971';
    row[names.indexOf('month_of_birth')] = '2';
    row[names.indexOf('birth_datetime')] = "'1950-08-31T10:20:00'";
    agreeOnMoments(person, [row], new Set(['year_of_birth']));
    const cell = (name: string): string | null => row[names.indexOf(name)]!;
    expect(cell('birth_datetime')).toBe("'1971-08-28T10:20:00'");
    expect([cell('year_of_birth'), cell('month_of_birth'), cell('day_of_birth')]).toEqual([
      '1971',
      '8',
      '28',
    ]);
  });
});
