import type { Attack } from './attacks.js';

/** Refused over the clinic schema: what the statement's own digits make fail in every row. */
export const CONSTANT_ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  'numbers that outgrow their type': [
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1;'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > -2147483647 - 2;'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year IN (1, 65536 * 65536);'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1 - 1;'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > 1 + (2 * (1073741823 + 1));'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > -(-2147483647 - 1);'],
    ['arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > (-2147483647 - 1) / -1;'],
    ['arithmetic_overflow', 'SELECT birth_year + (2000000000 + 2000000000) FROM patient;'],
    ['arithmetic_overflow', 'SELECT CAST(200 AS tinyint) + CAST(100 AS tinyint) FROM patient;'],
    ['arithmetic_overflow', 'SELECT CAST(9223372036854775807 AS bigint) + 1 FROM patient;'],
    ['arithmetic_overflow', `SELECT mrn FROM patient WHERE bmi > ${'9'.repeat(38)} + 1;`],
    ['arithmetic_overflow', `SELECT mrn FROM patient WHERE bmi > 1${'0'.repeat(20)} * 1${'0'.repeat(20)};`],
    ['arithmetic_overflow', 'SELECT CAST(1000 AS decimal(5,2)) FROM patient;'],
    ['arithmetic_overflow', 'SELECT DATEADD(day, 2147483647 + 1, birth_date) FROM patient;'],
    ['arithmetic_overflow', 'SELECT DATEADD(day, 3000000000 - 1, birth_date) FROM patient;'],
    ['small_overflow', 'SELECT CAST(100 * 3 AS tinyint) FROM patient;'],
    ['small_overflow', 'SELECT CAST(-CAST(5 AS tinyint) AS tinyint) FROM patient;'],
    ['negative_length', 'SELECT LEFT(mrn, 1 - 5) FROM patient;'],
    ['no_such_date', 'SELECT DATEFROMPARTS(2024, 6 + 7, 1) FROM patient;'],
  ],
  'zeros to divide by': [
    ['division_by_zero', 'SELECT 1 / 0 FROM patient;'],
    ['division_by_zero', 'SELECT 1 % 0 FROM patient;'],
    ['division_by_zero', 'SELECT birth_year / (2 - 2) FROM patient;'],
    ['division_by_zero', 'SELECT birth_year % (1 / 2) FROM patient;'],
    ['division_by_zero', 'SELECT birth_year / (4 % 2) FROM patient;'],
    ['division_by_zero', 'SELECT bmi / CAST(0 AS float) FROM patient;'],
    ['division_by_zero', 'SELECT birth_year / -CAST(1 - 1 AS decimal(5,2)) FROM patient;'],
    ['division_by_zero', 'SELECT birth_year / (3000000000 - 3000000000) FROM patient;'],
    ['division_by_zero', 'SELECT mrn FROM patient WHERE 5 / (2 - 2) < birth_year;'],
  ],
};
