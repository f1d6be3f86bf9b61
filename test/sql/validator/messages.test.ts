import { describe, expect, test } from 'vitest';
import { CODES, type Code } from '../../../src/sql/validator/codes.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { clinic, placeholdersOf } from './clinic.js';

/**
 * SQL Server's message numbers, written here a second time by hand, each with a statement that causes it. Source:
 * https://learn.microsoft.com/sql/relational-databases/errors-events/.
 */
const deep = (unit: string, times: number, core: string, end: string): string =>
  unit.repeat(times) + core + end.repeat(times);
const tables = Array.from({ length: 300 }, (_, i) => `JOIN visit v${i} ON v${i}.cost = p.bmi`).join(' ');

const MESSAGES: readonly (readonly [number: number, code: Code, sql: string])[] = [
  [102, 'illegal-character', 'SELECT mrn FROM patient WHERE gender = ?;'],
  [102, 'bad-number', 'SELECT 1.2.3 FROM patient;'],
  [102, 'syntax', 'SELECT mrn FROM patient WHERE (birth_year = 1;'],
  [102, 'not-a-value', 'SELECT birth_year > 1990 FROM patient;'],
  [103, 'identifier-too-long', `SELECT [${'a'.repeat(129)}] FROM patient;`],
  [105, 'unterminated-string', "SELECT mrn FROM patient WHERE gender = 'F;"],
  [105, 'unterminated-identifier', 'SELECT [mrn FROM patient;'],
  [106, 'too-many-tables', `SELECT p.mrn FROM patient AS p ${tables};`],
  [107, 'unbound-star', 'SELECT x.* FROM patient AS p;'],
  [108, 'order-by-position', 'SELECT mrn FROM patient ORDER BY 2;'],
  [125, 'case-too-deep', `SELECT ${deep('CASE WHEN 1 = 1 THEN ', 11, '1', ' END')} FROM patient;`],
  [127, 'top-negative', 'SELECT TOP (-1) mrn FROM patient;'],
  [130, 'nested-aggregate', 'SELECT SUM(COUNT(*)) FROM visit;'],
  [131, 'type-length', 'SELECT CAST(mrn AS varchar(9000)) FROM patient;'],
  [131, 'type-length', 'SELECT CAST(mrn AS nvarchar(4001)) FROM patient;'],
  [144, 'aggregate-in-group-by', 'SELECT COUNT(*) FROM visit GROUP BY SUM(cost);'],
  [145, 'order-by-distinct', 'SELECT DISTINCT mrn FROM patient ORDER BY birth_date;'],
  [147, 'aggregate-in-where', 'SELECT ward FROM visit WHERE COUNT(*) > 5;'],
  [155, 'unknown-datepart', 'SELECT DATEADD(fortnight, 1, birth_date) FROM patient;'],
  [156, 'reserved-word', 'SELECT mrn FROM patient GROUP BY mrn WHERE birth_year = 1;'],
  [156, 'predicate-as-value', "SELECT mrn LIKE 'A%' FROM patient;"],
  [164, 'group-by-constant', 'SELECT COUNT(*) FROM visit GROUP BY 1;'],
  [168, 'number-out-of-float', 'SELECT mrn FROM patient WHERE bmi > 1e999;'],
  [169, 'order-by-twice', 'SELECT mrn FROM patient ORDER BY mrn, mrn DESC;'],
  [174, 'wrong-arity', 'SELECT LEN(mrn, 1) FROM patient;'],
  [189, 'arity-range', 'SELECT ROUND(bmi) FROM patient;'],
  [535, 'datediff-overflow', "SELECT DATEDIFF(second, '19000101', '20200101') FROM patient;"],
  [1062, 'ties-without-order', 'SELECT TOP (3) WITH TIES mrn FROM patient;'],
  [192, 'type-scale', 'SELECT CAST(bmi AS decimal(2,3)) FROM patient;'],
  [206, 'operand-type-clash', 'SELECT mrn FROM patient WHERE birth_date = birth_year;'],
  [207, 'unknown-column', 'SELECT password FROM patient;'],
  [208, 'unknown-table', 'SELECT mrn FROM patients;'],
  [209, 'ambiguous-column', 'SELECT visit_id FROM visit v JOIN diagnosis d ON d.visit_id = v.visit_id;'],
  [220, 'small-overflow', 'SELECT CAST(300 AS tinyint) FROM patient;'],
  [235, 'money-conversion-failed', "SELECT ward FROM visit WHERE cost = 'free';"],
  [235, 'money-conversion-failed', 'SELECT sample_id FROM sample s JOIN visit v ON v.ward = s.price;'],
  [241, 'date-conversion-failed', "SELECT mrn FROM patient WHERE birth_date = '20240230';"],
  [241, 'date-conversion-failed', "SELECT mrn FROM patient WHERE birth_date = 'soon';"],
  [242, 'date-out-of-range', "SELECT ward FROM visit WHERE admitted = '17521231';"],
  [242, 'date-out-of-range', "SELECT ward FROM visit WHERE admitted = '20230229';"],
  [242, 'date-out-of-range', "SELECT ward FROM visit WHERE admitted = '9999-12-31T23:59:59.999';"],
  [242, 'date-out-of-range', "SELECT ward FROM visit WHERE admitted < CAST('17521231' AS date);"],
  [243, 'unknown-type', 'SELECT CAST(mrn AS string) FROM patient;'],
  [244, 'small-number-out-of-range', "SELECT code FROM diagnosis WHERE rank = '32768';"],
  [245, 'conversion-failed', "SELECT mrn FROM patient WHERE patient_id = 'abc';"],
  [245, 'conversion-failed', 'SELECT mrn FROM patient WHERE mrn = 123;'],
  [248, 'number-out-of-range', "SELECT mrn FROM patient WHERE patient_id = '99999999999';"],
  [249, 'spatial-not-sortable', 'SELECT sample_id FROM sample ORDER BY site;'],
  [281, 'convert-style', 'SELECT CONVERT(varchar(10), birth_date, 999) FROM patient;'],
  [289, 'no-such-date', 'SELECT DATEFROMPARTS(2024, 13, 1) FROM patient;'],
  [291, 'type-attributes', 'SELECT CAST(birth_year AS int(4)) FROM patient;'],
  [295, 'smalldatetime-conversion-failed', "SELECT sample_id FROM sample WHERE drawn = 'soon';"],
  [
    295,
    'smalldatetime-conversion-failed',
    "SELECT sample_id FROM sample WHERE drawn = '2024-03-05T10:00:00.1234567';",
  ],
  [296, 'smalldatetime-out-of-range', "SELECT sample_id FROM sample WHERE drawn = '18991231';"],
  [296, 'smalldatetime-out-of-range', "SELECT sample_id FROM sample WHERE drawn = '2079-06-06T23:59:30';"],
  [305, 'xml-not-comparable', 'SELECT mrn FROM patient ORDER BY extra;'],
  [305, 'xml-not-comparable', 'SELECT mrn FROM patient WHERE extra = extra;'],
  [306, 'not-comparable', 'SELECT mrn FROM patient ORDER BY history;'],
  [402, 'incompatible-types', 'SELECT mrn FROM patient WHERE birth_date = wake_time;'],
  [402, 'incompatible-types', "SELECT mrn FROM patient WHERE history = 'x';"],
  [402, 'incompatible-types', 'SELECT mrn FROM patient WHERE history = __TEXT_1__;'],
  [402, 'incompatible-types', 'SELECT mrn + birth_date FROM patient;'],
  [403, 'invalid-operator', 'SELECT sample_id FROM sample WHERE site = site;'],
  [408, 'order-by-constant', "SELECT mrn FROM patient ORDER BY 'mrn';"],
  [421, 'not-distinct', 'SELECT DISTINCT history FROM patient;'],
  [506, 'escape-length', "SELECT mrn FROM patient WHERE mrn LIKE 'a' ESCAPE 'ab';"],
  [
    517,
    'date-overflow',
    "SELECT ward FROM visit WHERE start_date > DATEADD(day, 1, CAST('99991231' AS date));",
  ],
  [529, 'explicit-conversion', 'SELECT CAST(birth_date AS int) FROM patient;'],
  [536, 'negative-length', 'SELECT LEFT(mrn, -1) FROM patient;'],
  [1001, 'type-length-zero', 'SELECT CAST(mrn AS varchar(0)) FROM patient;'],
  [1002, 'type-fraction', 'SELECT CAST(created_at AS datetime2(8)) FROM patient;'],
  [1007, 'type-precision', `SELECT mrn FROM patient WHERE birth_year = ${'9'.repeat(39)};`],
  [1011, 'duplicate-alias', 'SELECT p.mrn FROM patient p JOIN visit p ON p.patient_id = p.patient_id;'],
  [
    1012,
    'alias-equals-table',
    'SELECT visit.mrn FROM patient visit JOIN visit ON visit.patient_id = visit.cost;',
  ],
  [1013, 'duplicate-table', 'SELECT visit.ward FROM visit JOIN visit ON visit.visit_id = visit.cost;'],
  [1015, 'aggregate-in-on', 'SELECT p.mrn FROM patient p JOIN visit v ON v.patient_id = MAX(p.patient_id);'],
  [1023, 'datepart-not-a-word', "SELECT DATEADD('day', 1, birth_date) FROM patient;"],
  [1056, 'too-many-columns', `SELECT ${'1,'.repeat(5000)} 1 FROM patient;`],
  [1056, 'too-many-columns', `SELECT ${'*,'.repeat(500)} * FROM patient;`],
  [1060, 'top-not-integer', 'SELECT TOP (1.5) mrn FROM patient;'],
  [2717, 'type-size', 'SELECT CAST(bmi AS decimal(40,2)) FROM patient;'],
  [4104, 'unbound-alias', 'SELECT x.mrn FROM patient AS p;'],
  [4115, 'column-in-top', 'SELECT TOP (birth_year) mrn FROM patient;'],
  [4127, 'null-arguments-only', 'SELECT COALESCE(NULL, NULL) FROM patient;'],
  [4145, 'not-a-condition', 'SELECT mrn FROM patient WHERE is_active;'],
  [4151, 'null-first-argument', 'SELECT NULLIF(NULL, 1) FROM patient;'],
  [8114, 'conversion-error', "SELECT mrn FROM patient WHERE weight_kg = 'heavy';"],
  [8114, 'conversion-error', 'SELECT ward FROM visit WHERE ward = visit_id;'],
  [8115, 'arithmetic-overflow', 'SELECT DATEADD(day, 99999999999, birth_date) FROM patient;'],
  [8115, 'arithmetic-overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1;'],
  [8116, 'invalid-argument-type', 'SELECT SUBSTRING(patient_id, 1, 2) FROM patient;'],
  [8117, 'invalid-operand-type', 'SELECT SUM(mrn) FROM patient;'],
  [8120, 'not-grouped', 'SELECT ward, COUNT(*) FROM visit;'],
  [8127, 'order-not-grouped', 'SELECT ward, COUNT(*) FROM visit GROUP BY ward ORDER BY cost;'],
  [8133, 'null-results-only', 'SELECT CASE WHEN mrn IS NULL THEN NULL END FROM patient;'],
  [8134, 'division-by-zero', 'SELECT birth_year / 0 FROM patient;'],
  [8134, 'division-by-zero', 'SELECT birth_year % (2 - 2) FROM patient;'],
  [8169, 'uuid-conversion-failed', "SELECT mrn FROM patient WHERE guid = 'abc';"],
  [8169, 'uuid-conversion-failed', 'SELECT mrn FROM patient WHERE guid = mrn;'],
  [9806, 'datepart-for-function', 'SELECT DATEDIFF(iso_week, birth_date, birth_date) FROM patient;'],
  [9810, 'datepart-for-type', 'SELECT DATEADD(hour, 1, birth_date) FROM patient;'],
];

/** Statements that SQL Server would run and this project refuses: their codes have no number. */
const UNNUMBERED: readonly (readonly [code: Code, sql: string])[] = [
  ['too-deep', `SELECT mrn FROM patient WHERE birth_year = ${deep('(', 40, '1', ')')};`],
  ['name-parts', 'SELECT dbo.patient.mrn FROM patient;'],
  ['words-run-together', 'SELECT 1mrn FROM patient;'],
  ['outside-of-shape', 'SELECT COUNT(ALL mrn) FROM patient;'],
  ['outside-of-shape', 'SELECT sample_id FROM sample WHERE tag = tag;'],
  ['date-spelling', "SELECT mrn FROM patient WHERE birth_date = '03/05/2024';"],
  ['date-spelling', "SELECT ward FROM visit WHERE admitted = '';"],
  ['implicit-conversion', 'SELECT ward FROM visit WHERE admitted > 1990;'],
  ['implicit-conversion', 'SELECT admitted + 1 FROM visit;'],
  ['implicit-conversion', 'SELECT admitted - admitted FROM visit;'],
  ['implicit-conversion', 'SELECT YEAR(birth_year) FROM patient;'],
  ['implicit-conversion', 'SELECT UPPER(birth_date) FROM patient;'],
  ['implicit-conversion', "SELECT mrn FROM patient WHERE photo = 'a';"],
  ['null-comparison', 'SELECT ISNULL(NULL, NULL) FROM patient;'],
];

describe('a message number', () => {
  test.each(MESSAGES)('%i belongs to %s: %s', (number, code, sql) => {
    const [first] = validate(sql, clinic, placeholdersOf(sql)).errors;
    expect({ code: first?.code, number: first?.number }).toEqual({ code, number });
  });

  test.each(UNNUMBERED)('is not claimed for %s: %s', (code, sql) => {
    const [first] = validate(sql, clinic, placeholdersOf(sql)).errors;
    expect({ code: first?.code, number: first?.number }).toEqual({ code, number: undefined });
  });

  test('has a row for every code with a number', () => {
    const shown = new Set<string>(MESSAGES.map(([, code]) => code));
    const numbered = Object.entries(CODES).flatMap(([code, number]) => (number === 0 ? [] : [code]));
    expect(numbered.filter((code) => !shown.has(code))).toEqual([]);
  });
});

describe('messages', () => {
  test.each([
    ['Petrovska', "SELECT mrn FROM patient WHERE full_name LIKE '%a%' ESCAPE 'Petrovska';"],
    ['40417733', 'SELECT patient_id FROM patient WHERE mrn = 40417733;'],
    ['40417733', 'SELECT mrn FROM patient WHERE patient_id = 40417733Q;'],
    ['40417733', 'SELECT CAST(40417733 AS smallint) FROM patient;'],
    ['40417733', 'SELECT DATEADD(day, 40417733404, birth_date) FROM patient;'],
    ['40417733', 'SELECT TOP (40417733.5) mrn FROM patient;'],
    ['40417733', 'SELECT mrn FROM 40417733;'],
    ['40417733', 'SELECT mrn 40417733 FROM patient;'],
    ['40417733', '40417733 SELECT mrn FROM patient;'],
    ['Petrovska', "'Petrovska' as a patient;"],
    ['Petrovska', 'Petrovska had which visits;'],
  ])('do not show the value %s of %s', (value, sql) => {
    const { errors } = validate(sql, clinic);
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message).not.toContain(value);
  });

  test('are right English for one column', () => {
    const { errors } = validate('SELECT mrn FROM patient ORDER BY 7;', clinic);
    expect(errors[0]?.message).toBe('the SELECT list has 1 column, not 7');
  });

  test.each([
    ['SELECT SUM(DATEPART(hour, admitted)) FROM visit;', 'this is an hour: its SUM means nothing'],
    [
      'SELECT ward FROM visit WHERE cost > visit_id;',
      'visit.cost and visit.visit_id are an amount and a key',
    ],
  ])('name things in their order: %s', (sql, message) => {
    expect(validate(sql, clinic, undefined, { sense: true }).errors[0]?.message).toBe(message);
  });
});

describe('a message', () => {
  test.each([
    ["SELECT mrn FROM patient WHERE birth_date > 'soon';", [], 'no date'],
    ["SELECT COUNT(*) FROM patient WHERE CAST('2024-03-05T10:00:00+15:00' AS datetime2) > created_at;", [], 'same way'],
    ['SELECT mrn FROM patient WHERE birth_year = __ID_1__;', ['__ID_1__'], 'or has more than the 38 digits of any number'],
  ])('of %s says why', (sql, names, part) => {
    const [error] = validate(sql, clinic, placeholdersOf(sql, names)).errors;
    expect(error?.message).toContain(part);
  }); // prettier-ignore
});
