import type { Attack } from './attacks.js';

/** Refused over the clinic schema: constants that make every row fail. */
export const CONSTANT_ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  'numbers that outgrow their type': [
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1;'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > -2147483647 - 2;'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year IN (1, 65536 * 65536);'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1 - 1;'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > 1 + (2 * (1073741823 + 1));'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > -(-2147483647 - 1);'],
    ['arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > (-2147483647 - 1) / -1;'],
    ['arithmetic-overflow', 'SELECT birth_year + (2000000000 + 2000000000) FROM patient;'],
    ['arithmetic-overflow', 'SELECT CAST(200 AS tinyint) + CAST(100 AS tinyint) FROM patient;'],
    ['arithmetic-overflow', 'SELECT CAST(9223372036854775807 AS bigint) + 1 FROM patient;'],
    ['arithmetic-overflow', `SELECT mrn FROM patient WHERE bmi > ${'9'.repeat(38)} + 1;`],
    ['arithmetic-overflow', `SELECT mrn FROM patient WHERE bmi > 1${'0'.repeat(20)} * 1${'0'.repeat(20)};`],
    ['arithmetic-overflow', 'SELECT CAST(1000 AS decimal(5,2)) FROM patient;'],
    ['arithmetic-overflow', 'SELECT DATEADD(day, 2147483647 + 1, birth_date) FROM patient;'],
    ['arithmetic-overflow', 'SELECT DATEADD(day, 3000000000 - 1, birth_date) FROM patient;'],
    ['small-overflow', 'SELECT CAST(100 * 3 AS tinyint) FROM patient;'],
    ['small-overflow', 'SELECT CAST(-CAST(5 AS tinyint) AS tinyint) FROM patient;'],
    ['negative-length', 'SELECT LEFT(mrn, 1 - 5) FROM patient;'],
    ['no-such-date', 'SELECT DATEFROMPARTS(2024, 6 + 7, 1) FROM patient;'],
  ],
  'days that leave the years of their type': [
    ['date-overflow', "SELECT ward FROM visit WHERE admitted < DATEADD(day, 1, '99991231');"],
    ['date-overflow', "SELECT ward FROM visit WHERE admitted > DATEADD(day, -1, '17530101');"],
    [
      'date-overflow',
      "SELECT ward FROM visit WHERE start_date < DATEADD(year, 1, CAST('99990301' AS date));",
    ],
    [
      'date-overflow',
      "SELECT ward FROM visit WHERE start_date > DATEADD(day, -1, CAST('00010101' AS date));",
    ],
    [
      'date-overflow',
      "SELECT ward FROM visit WHERE start_date > DATEADD(quarter, -4 * 2024, CAST('20240305' AS date));",
    ],
    [
      'date-overflow',
      "SELECT ward FROM visit WHERE start_date > DATEADD(week, 2147483647, CAST('20240305' AS date));",
    ],
    [
      'date-overflow',
      "SELECT ward FROM visit WHERE start_date > DATEADD(year, 8000, DATEADD(day, 1, '20240305'));",
    ],
    ['date-overflow', "SELECT ward FROM visit WHERE start_date > EOMONTH('99991201', 1);"],
    ['date-overflow', 'SELECT ward FROM visit WHERE start_date > DATEADD(year, 8100, GETDATE());'],
    ['date-overflow', 'SELECT ward FROM visit WHERE start_date > DATEADD(month, -4000, GETDATE());'],
    [
      'datediff-overflow',
      "SELECT DATEDIFF(second, CAST('18000101' AS date), CAST('20000101' AS date)) FROM visit;",
    ],
    ['datediff-overflow', "SELECT DATEDIFF(millisecond, '20100101', GETDATE()) FROM visit;"],
    ['date-overflow', 'SELECT DATEADD(month, 1, DATEFROMPARTS(9999, 12, 1)) FROM visit;'],
    ['date-overflow', "SELECT DATEADD(day, 1, CAST('20790606' AS smalldatetime)) FROM visit;"],
    ['date-out-of-range', "SELECT ward FROM visit WHERE admitted < CAST('17521231' AS date);"],
    ['date-out-of-range', "SELECT ward FROM visit WHERE CAST('17521231' AS date) > admitted;"],
    [
      'date-out-of-range',
      "SELECT ward FROM visit WHERE admitted < DATEADD(day, 1, CAST('17521230' AS date));",
    ],
    ['date-out-of-range', 'SELECT ward FROM visit WHERE admitted > DATEFROMPARTS(1700, 1, 1);'],
    [
      'date-out-of-range',
      "SELECT ward FROM visit WHERE admitted IN (GETDATE(), EOMONTH(CAST('17520101' AS date)));",
    ],
    [
      'date-out-of-range',
      "SELECT ward FROM visit WHERE admitted BETWEEN CAST('17000101' AS date) AND GETDATE();",
    ],
    ['date-out-of-range', "SELECT COALESCE(CAST('17000101' AS date), admitted) FROM visit;"],
    ['date-out-of-range', "SELECT ISNULL(admitted, CAST('17000101' AS date)) FROM visit;"],
    [
      'date-out-of-range',
      "SELECT CASE WHEN cost > 1 THEN CAST('17000101' AS date) ELSE admitted END FROM visit;",
    ],
    ['date-out-of-range', 'SELECT CAST(DATEFROMPARTS(1700, 1, 1) AS datetime) FROM visit;'],
    ['date-out-of-range', "SELECT sample_id FROM sample WHERE drawn > CAST('20790607' AS date);"],
  ],
  'zeros to divide by': [
    ['division-by-zero', 'SELECT 1 / 0 FROM patient;'],
    ['division-by-zero', 'SELECT 1 % 0 FROM patient;'],
    ['division-by-zero', 'SELECT birth_year / (2 - 2) FROM patient;'],
    ['division-by-zero', 'SELECT birth_year % (1 / 2) FROM patient;'],
    ['division-by-zero', 'SELECT birth_year / (4 % 2) FROM patient;'],
    ['division-by-zero', 'SELECT bmi / CAST(0 AS float) FROM patient;'],
    ['division-by-zero', 'SELECT birth_year / -CAST(1 - 1 AS decimal(5,2)) FROM patient;'],
    ['division-by-zero', 'SELECT birth_year / (3000000000 - 3000000000) FROM patient;'],
    ['division-by-zero', 'SELECT mrn FROM patient WHERE 5 / (2 - 2) < birth_year;'],
  ],
};
