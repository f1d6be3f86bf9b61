import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { EmbeddedServer, type Cell, type EmbeddedDatabase } from '../../../src/sql/embedded/index.js';
import { likeRegex } from '../../../src/sql/embedded/like.js';

const column = (name: string, type: string, nullable = true) => ({ name, type, nullable });

/** Two tables with every type that matters to the translation. */
const ward: SchemaBundle = {
  name: 'ward',
  title: 'Ward',
  version: '1',
  source: 'tests',
  licence: 'MIT',
  tables: [
    {
      name: 'Patient',
      description: 'A person.',
      primaryKey: ['Id'],
      columns: [
        column('Id', 'int', false),
        column('Name', 'nvarchar(40)'),
        column('BirthDate', 'date'),
        column('IsActive', 'bit'),
        column('Weight', 'decimal(6,2)'),
        column('Code', 'char(4)'),
      ],
      foreignKeys: [],
    },
    {
      name: 'Stay',
      description: 'A stay.',
      primaryKey: ['Id'],
      columns: [
        column('Id', 'int', false),
        column('PatientId', 'int'),
        column('StartTime', 'datetime2'),
        column('EndTime', 'datetime'),
        column('Beds', 'tinyint'),
        column('Score', 'float'),
        column('At', 'time'),
      ],
      foreignKeys: [{ columns: ['PatientId'], references: { table: 'Patient', columns: ['Id'] } }],
    },
  ],
};

let server: EmbeddedServer;
let db: EmbeddedDatabase;

beforeAll(async () => {
  server = await EmbeddedServer.start();
  db = await server.load(ward, { rows: 0 });
  await db.execute(`
    INSERT INTO patient VALUES
      (1, 'Anna Smith', '1980-02-29', 1, 61.25, 'A'), (2, 'bob smith', '1990-12-31', 0, 80.5, 'B '),
      (3, 'Carl_50%', NULL, NULL, NULL, NULL), (4, 'Dora', '2000-01-01', 1, 70, '[x]');
    INSERT INTO stay VALUES
      (1, 1, '2023-12-31T23:59:00', '2024-01-01T00:01:00', 1, 1.5, '08:30'),
      (2, 1, '2024-01-31T10:00:00', '2024-02-03T09:00:00', 2, 2.5, '23:59:59'),
      (3, 2, '2024-01-06T10:00:00', '2024-01-07T10:00:00', 2, NULL, NULL),
      (4, NULL, NULL, NULL, 4, 10, NULL)`);
});
afterAll(() => server.close());

async function rows(sql: string): Promise<Cell[][]> {
  const outcome = await db.run(sql);
  if (!outcome.ok) throw new Error(`${outcome.code} ${outcome.message}\n${sql}\n${outcome.postgres}`);
  return outcome.rows;
}

const one = async (expression: string): Promise<Cell> =>
  (await rows(`SELECT ${expression} FROM Patient AS p WHERE p.Id = 1;`))[0]![0]!;

describe('a translated statement', () => {
  test.each<[string, Cell]>([
    // DATEDIFF counts boundaries: two minutes over New Year are a year, a quarter and a month.
    ["DATEDIFF(year, '2023-12-31T23:59:59', '2024-01-01T00:00:00')", 1],
    ["DATEDIFF(year, '20230101', '20231231')", 0],
    ["DATEDIFF(quarter, '20240331', '20240401')", 1],
    ["DATEDIFF(month, '20240131', '20240201')", 1],
    ["DATEDIFF(week, '20240106', '20240107')", 1],
    ["DATEDIFF(week, '20240107', '20240113')", 0],
    ["DATEDIFF(day, '2024-01-01T23:59:59', '2024-01-02T00:00:00')", 1],
    ["DATEDIFF(day, '20240301', '20240228')", -2],
    ["DATEDIFF(hour, '2024-01-01T00:59:59', '2024-01-01T01:00:00')", 1],
    ["DATEDIFF(minute, '2024-01-01T00:00:00', '2024-01-01T00:59:59')", 59],
    ['DATEDIFF(year, p.BirthDate, GETDATE())', 44],
    ["DATEADD(month, 1, CAST('20240131' AS date))", '2024-02-29'],
    ['DATEADD(year, 1, p.BirthDate)', '1981-02-28'],
    ["DATEADD(quarter, -1, '20240531')", '2024-02-29T00:00:00'],
    ["DATEADD(hour, 25, '20240531')", '2024-06-01T01:00:00'],
    ["DATEPART(weekday, '20240107')", 1],
    ["DATEPART(week, '20240106')", 1],
    ["DATEPART(week, '20240107')", 2],
    ["DATEPART(iso_week, '20240107')", 1],
    ["DATEPART(quarter, '20241001')", 4],
    ["YEAR('20240305') * 100 + MONTH('20240305')", 202403],
    ["EOMONTH('20240131', 1)", '2024-02-29'],
    ['DATEFROMPARTS(2024, 2, 29)', '2024-02-29'],
    ['GETDATE()', '2024-06-15T12:00:00'],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7 % 3', 1],
    ['CAST(7.9 AS int)', 7],
    ['CAST(-7.9 AS int)', -7],
    ['ROUND(p.Weight, 1)', 61.3],
    ['ROUND(p.Weight, 1, 1)', 61.2],
    ['FLOOR(p.Weight)', 61],
    ["LEN('ab  ')", 2],
    ["LEN(' ab')", 3],
    ["p.Name + ' (' + N'é' + ')'", 'Anna Smith (é)'],
    ["CONCAT(p.Id, NULL, '-', p.BirthDate)", '1-1980-02-29'],
    ["ISNULL(NULL, 'none')", 'none'],
    ["COALESCE(p.Name, 'none')", 'Anna Smith'],
    ['ISNULL(p.IsActive, 0)', 1],
    ["NULLIF(p.Code, 'A')", null],
    ["SUBSTRING('abcdef', 2, 3)", 'bcd'],
    ["LEFT('abc', 2)", 'ab'],
    ["RIGHT('abc', 2)", 'bc'],
    ["UPPER(LTRIM(RTRIM('  ab ')))", 'AB'],
    ["CONVERT(varchar(10), CAST('20240305' AS date), 120)", '2024-03-05'],
    ["CASE p.Name WHEN 'ANNA SMITH' THEN 1 ELSE 0 END", 1],
    ["CASE WHEN p.Weight > 60 THEN 'heavy' END", 'heavy'],
  ])('%s is %j', async (expression, value) => {
    expect(await one(expression)).toEqual(value);
  });

  test.each<[string, Cell[][]]>([
    ['SELECT COUNT(*) FROM Patient;', [[4]]],
    // Whole numbers stay whole: 1, 2, 2, 4 have the mean 2.25.
    ['SELECT AVG(s.Beds), SUM(s.Beds), AVG(s.Score) FROM Stay AS s;', [[2, 9, 14 / 3]]],
    ['SELECT AVG(CAST(s.Beds AS decimal(10,2))) FROM Stay AS s;', [[2.25]]],
    ['SELECT AVG(p.Weight) FROM Patient AS p;', [[70.583333]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name = 'ANNA smith';", [[1]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name LIKE '%SMITH' ORDER BY p.Id;", [[1], [2]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name LIKE '%[_]50[%]';", [[3]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name LIKE '%' + '!%' + '' ESCAPE '!';", [[3]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name LIKE '[ab]%' ORDER BY p.Id;", [[1], [2]]],
    ["SELECT p.Id FROM Patient AS p WHERE p.Name NOT LIKE '[^d]%';", [[4]]],
    ['SELECT p.Id FROM Patient AS p WHERE p.IsActive = 1 ORDER BY p.Id DESC;', [[4], [1]]],
    // NULL sorts first, and <> is not true of it.
    ['SELECT TOP (2) p.Id FROM Patient AS p ORDER BY p.BirthDate;', [[3], [1]]],
    ['SELECT TOP (1) p.Id FROM Patient AS p ORDER BY p.BirthDate DESC;', [[4]]],
    ['SELECT COUNT(*) FROM Patient AS p WHERE p.IsActive <> 1;', [[1]]],
    [
      "SELECT p.Id FROM Patient AS p WHERE p.BirthDate BETWEEN '19800229' AND '19901231' ORDER BY 1;",
      [[1], [2]],
    ],
    ['SELECT p.Id FROM Patient AS p WHERE p.Id NOT IN (1, 2, 3);', [[4]]],
    ['SELECT p.Id FROM Patient AS p WHERE NOT (p.Id > 1);', [[1]]],
    [
      'SELECT p.Name, COUNT(s.Id) AS n FROM Patient AS p LEFT JOIN Stay AS s ON s.PatientId = p.Id GROUP BY p.Name ORDER BY n DESC, p.Name;',
      [
        ['Anna Smith', 2],
        ['bob smith', 1],
        ['Carl_50%', 0],
        ['Dora', 0],
      ],
    ],
    [
      'SELECT YEAR(s.StartTime), COUNT(*) FROM Stay AS s GROUP BY YEAR(s.StartTime) ORDER BY YEAR(s.StartTime);',
      [
        [null, 1],
        [2023, 1],
        [2024, 2],
      ],
    ],
    [
      'SELECT s.PatientId, SUM(CASE WHEN s.Beds >= 2 THEN 1 ELSE 0 END) FROM Stay AS s WHERE s.PatientId IS NOT NULL GROUP BY s.PatientId ORDER BY COUNT(*) DESC;',
      [
        [1, 1],
        [2, 1],
      ],
    ],
    ['SELECT AVG(DATEDIFF(day, s.StartTime, s.EndTime)) FROM Stay AS s;', [[1]]],
    ["SELECT s.Id FROM Stay AS s WHERE s.StartTime >= '2024-01-31T10:00:00';", [[2]]],
    ['SELECT COUNT(DISTINCT s.PatientId) FROM Stay AS s;', [[2]]],
    [
      'select distinct S.PATIENTID from STAY as S where s.patientid is not null order by s.PatientId;',
      [[1], [2]],
    ],
    [
      "SELECT DATEPART(hour, s.At), DATEDIFF(minute, s.At, CAST('10:00' AS time)) FROM Stay AS s WHERE s.Id = 1;",
      [[8, 90]],
    ],
    [
      'SELECT b.Id FROM Stay AS a INNER JOIN Stay AS b ON b.PatientId = a.PatientId WHERE a.Id = 1 AND b.Id <> a.Id;',
      [[2]],
    ],
  ])('%s', async (sql, expected) => {
    expect(await rows(sql)).toEqual(expected);
  });

  test('names its columns as SQL Server would', async () => {
    const named = await db.run(
      'SELECT p.Name, COUNT(*) AS Total, MAX(p.Id) FROM Patient AS p GROUP BY p.Name;',
    );
    expect(named).toMatchObject({ ok: true, columns: ['Name', 'Total', ''] });
  });
});

describe('a wrong statement', () => {
  test.each([
    ['42803', 'SELECT p.Name, COUNT(*) FROM Patient AS p;'],
    // The key determines the name, but SQL Server does not use that.
    ['42803', 'SELECT p.Name, COUNT(*) FROM Patient AS p GROUP BY p.Id;'],
    ['42702', 'SELECT Id FROM Patient AS p INNER JOIN Stay AS s ON s.PatientId = p.Id;'],
    ['42703', 'SELECT p.Nmae FROM Patient AS p;'],
    ['42P01', 'SELECT x.Name FROM Patient AS p;'],
    ['42P01', 'SELECT x.Name FROM Patients AS x;'],
    ['42703', 'SELECT p.Name AS n, COUNT(*) FROM Patient AS p GROUP BY n;'],
    ['42883', 'SELECT p.Id FROM Patient AS p WHERE p.Name = 5;'],
    ['22012', 'SELECT 1 / (p.Id - p.Id) FROM Patient AS p;'],
    ['syntax', 'DROP TABLE Patient;'],
    ['placeholder', 'SELECT p.Id FROM Patient AS p WHERE p.Id = __ID_1__;'],
  ])('gives %s: %s', async (code, sql) => {
    expect(await db.run(sql)).toMatchObject({ ok: false, code });
  });
});

describe('generated rows', () => {
  // Composite keys, undeclared joins, uuids. The corpus report loads every bundle.
  const bundles = ['mimic_iv.json', 'i2b2.json', 'synthea.json'];

  test.each(bundles)(
    'honour types, keys and foreign keys: %s',
    async (file) => {
      const bundle = loadBundle(`schemas/${file}`);
      // PostgreSQL checks the keys when they are added after the rows.
      const loaded = await server.load(bundle, { seed: 3, rows: 12 });
      for (const table of bundle.tables.slice(0, 5)) {
        expect(await loaded.run(`SELECT COUNT(*) FROM [${table.name}];`)).toMatchObject({ rows: [[12]] });
      }
    },
    300_000,
  );

  test('are the same for one seed, and different for another', async () => {
    const [a, b, c] = [
      await server.load(ward, { seed: 1 }),
      await server.load(ward, { seed: 1 }),
      await server.load(ward, { seed: 2 }),
    ];
    const sql = 'SELECT * FROM Patient AS p ORDER BY p.Id;';
    expect(await a.run(sql)).toEqual(await b.run(sql));
    expect(await a.run(sql)).not.toEqual(await c.run(sql));
  });
});

describe('LIKE', () => {
  test('matches a text that was escaped for it, and no other', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (text, other) => {
        const pattern = text.replace(/[%_[]/g, '[$&]');
        const regex = new RegExp(likeRegex(pattern), 's');
        expect(regex.test(text)).toBe(true);
        expect(regex.test(other)).toBe(other === text);
      }),
    );
  });
});
