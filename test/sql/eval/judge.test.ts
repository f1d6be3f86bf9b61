import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Column } from '../../../src/data/schema/bundle.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { Judge } from '../../../src/sql/eval/judge.js';

const index = new SchemaIndex(loadBundle('synthea'));
let judge: Judge;
beforeAll(async () => {
  judge = await Judge.start();
});
afterAll(() => judge.close());

const CASES: [expected: string, equal: string[], other: string[]][] = [
  [
    "SELECT COUNT(*) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description = 'Hay fever' AND p.gender = 'F';",
    [
      "SELECT SUM(CASE WHEN p.gender = 'F' THEN 1 ELSE 0 END) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description = 'Hay fever';",
      "SELECT COUNT(c.patient) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description LIKE 'Hay fever' AND p.gender = 'F';",
    ],
    [
      "SELECT COUNT(DISTINCT p.id) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description = 'Hay fever' AND p.gender = 'F';",
      "SELECT COUNT(*) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description = 'Hay fever';",
      "SELECT COUNT(*) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE p.gender = 'F';",
      "SELECT COUNT(*) FROM conditions AS c JOIN patients AS p ON c.patient = p.id WHERE c.description LIKE '%Hay fever%' AND p.gender = 'F';",
    ],
  ],
  [
    "SELECT p.first FROM patients AS p WHERE p.birthdate >= '1950-03-05' AND p.birthdate < '1960-03-05';",
    ["SELECT p.first FROM patients AS p WHERE p.birthdate BETWEEN '1950-03-05' AND '1960-03-04';"],
    [
      "SELECT p.first FROM patients AS p WHERE p.birthdate > '1950-03-05' AND p.birthdate < '1960-03-05';",
      "SELECT p.first FROM patients AS p WHERE p.birthdate >= '1950-03-05' AND p.birthdate <= '1960-03-05';",
      "SELECT p.last FROM patients AS p WHERE p.birthdate >= '1950-03-05' AND p.birthdate < '1960-03-05';",
    ],
  ],
  [
    'SELECT COUNT(*) FROM encounters AS e WHERE YEAR(e.start) = YEAR(GETDATE()) - 1;',
    [
      "SELECT COUNT(*) FROM encounters AS e WHERE e.start >= '2023-01-01' AND e.start < '2024-01-01';",
      'SELECT COUNT(*) FROM encounters AS e WHERE DATEDIFF(year, e.start, GETDATE()) = 1;',
    ],
    ['SELECT COUNT(*) FROM encounters AS e WHERE e.start >= DATEADD(year, -1, GETDATE());'],
  ],
  [
    'SELECT COUNT(*) FROM patients AS p LEFT JOIN conditions AS c ON c.patient = p.id WHERE c.patient IS NULL;',
    [],
    ['SELECT COUNT(*) FROM patients AS p JOIN conditions AS c ON c.patient = p.id;'],
  ],
  [
    "SELECT COUNT(*) FROM encounters AS e WHERE e.provider = 'a81c2f10-2b6e-4c0b-9d52-0f1f6ad6a001';",
    [
      "SELECT COUNT(*) FROM encounters AS e JOIN providers AS p ON e.provider = p.id WHERE e.provider = 'a81c2f10-2b6e-4c0b-9d52-0f1f6ad6a001';",
    ],
    [
      "SELECT COUNT(*) FROM encounters AS e JOIN providers AS p ON e.organization = p.id WHERE e.provider = 'a81c2f10-2b6e-4c0b-9d52-0f1f6ad6a001';",
    ],
  ],
];

describe.each(CASES)('%s', (expected, equal, other) => {
  test.for(equal)('has the answer of %s', async (found) => {
    const judged = await judge.judge(expected, found, index);
    expect(judged).toMatchObject({ right: true, exact: false });
    expect(judged).toHaveProperty('decidedBy', 3);
  });
  test.for(other)('has another answer than %s', async (found) => {
    expect(await judge.judge(expected, found, index)).toMatchObject({ right: false });
  });
});

test('rows planted for one question are gone for the next', async () => {
  const sql = "SELECT COUNT(*) FROM patients AS p WHERE p.first = 'Zaphod';";
  const never = 'SELECT COUNT(*) FROM patients AS p WHERE 1 = 0;';
  expect(await judge.judge(sql, never, index)).toMatchObject({ right: false });
  expect(await judge.judge(never, sql, index)).toMatchObject({ right: false, decidedBy: 0 });
});

test('a statement that the database refuses is wrong, and the next one is judged as before', async () => {
  const sql = 'SELECT COUNT(*) FROM patients AS p;';
  expect(await judge.judge(sql, 'SELECT COUNT(*) FROM nowhere AS p;', index)).toMatchObject({
    error: 'fails',
  });
  expect(await judge.judge(sql, 'SELECT COUNT(p.id) FROM patients AS p;', index)).toMatchObject({
    right: true,
  });
});

test('an expected statement that does not run is a fault of the set', async () => {
  expect(
    await judge.judge('SELECT nothing FROM nowhere AS x;', 'SELECT COUNT(*) FROM patients AS p;', index),
  ).toHaveProperty('fault');
});

test('rows fit columns of one letter, however long the values of the columns beside them are', async () => {
  const column = (name: string, type: string): Column => ({ name, type, nullable: true, synonyms: [] });
  const wards = new SchemaIndex({
    ...loadBundle('synthea'),
    name: 'wards',
    joins: [],
    tables: [
      {
        name: 'ward',
        description: '',
        synonyms: [],
        primaryKey: ['code'],
        columns: [column('code', 'varchar(1)'), column('title', 'varchar(20)')],
        foreignKeys: [],
      },
      {
        name: 'stay',
        description: '',
        synonyms: [],
        primaryKey: ['stay_id'],
        columns: [column('stay_id', 'int'), column('ward_code', 'varchar(20)'), column('flag', 'char(1)')],
        foreignKeys: [{ columns: ['ward_code'], references: { table: 'ward', columns: ['code'] } }],
      },
    ],
  });
  const all = 'SELECT COUNT(*) FROM stay AS s;';
  for (const expected of [
    "SELECT COUNT(*) FROM stay AS s WHERE s.ward_code = 'surgery';",
    'SELECT COUNT(*) FROM stay AS s JOIN ward AS w ON s.flag = w.title;',
  ]) {
    expect(await judge.judge(expected, all, wards)).toMatchObject({ right: false, decidedBy: 1 });
  }
});
