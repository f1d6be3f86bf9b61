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
  [102, 'illegal_character', 'SELECT mrn FROM patient WHERE gender = ?;'],
  [102, 'bad_number', 'SELECT 1.2.3 FROM patient;'],
  [102, 'syntax', 'SELECT mrn FROM patient WHERE (birth_year = 1;'],
  [102, 'not_a_value', 'SELECT birth_year > 1990 FROM patient;'],
  [103, 'identifier_too_long', `SELECT [${'a'.repeat(129)}] FROM patient;`],
  [105, 'unterminated_string', "SELECT mrn FROM patient WHERE gender = 'F;"],
  [105, 'unterminated_identifier', 'SELECT [mrn FROM patient;'],
  [106, 'too_many_tables', `SELECT p.mrn FROM patient AS p ${tables};`],
  [107, 'unbound_star', 'SELECT x.* FROM patient AS p;'],
  [108, 'order_by_position', 'SELECT mrn FROM patient ORDER BY 2;'],
  [125, 'case_too_deep', `SELECT ${deep('CASE WHEN 1 = 1 THEN ', 11, '1', ' END')} FROM patient;`],
  [127, 'top_negative', 'SELECT TOP (-1) mrn FROM patient;'],
  [130, 'nested_aggregate', 'SELECT SUM(COUNT(*)) FROM visit;'],
  [131, 'type_length', 'SELECT CAST(mrn AS varchar(9000)) FROM patient;'],
  [131, 'type_length', 'SELECT CAST(mrn AS nvarchar(4001)) FROM patient;'],
  [144, 'aggregate_in_group_by', 'SELECT COUNT(*) FROM visit GROUP BY SUM(cost);'],
  [145, 'order_by_distinct', 'SELECT DISTINCT mrn FROM patient ORDER BY birth_date;'],
  [147, 'aggregate_in_where', 'SELECT ward FROM visit WHERE COUNT(*) > 5;'],
  [155, 'unknown_datepart', 'SELECT DATEADD(fortnight, 1, birth_date) FROM patient;'],
  [156, 'reserved_word', 'SELECT mrn FROM patient GROUP BY mrn WHERE birth_year = 1;'],
  [156, 'predicate_as_value', "SELECT mrn LIKE 'A%' FROM patient;"],
  [164, 'group_by_constant', 'SELECT COUNT(*) FROM visit GROUP BY 1;'],
  [168, 'number_out_of_float', 'SELECT mrn FROM patient WHERE bmi > 1e999;'],
  [169, 'order_by_twice', 'SELECT mrn FROM patient ORDER BY mrn, mrn DESC;'],
  [174, 'wrong_arity', 'SELECT LEN(mrn, 1) FROM patient;'],
  [189, 'arity_range', 'SELECT ROUND(bmi) FROM patient;'],
  [192, 'type_scale', 'SELECT CAST(bmi AS decimal(2,3)) FROM patient;'],
  [206, 'operand_type_clash', 'SELECT mrn FROM patient WHERE birth_date = birth_year;'],
  [207, 'unknown_column', 'SELECT password FROM patient;'],
  [208, 'unknown_table', 'SELECT mrn FROM patients;'],
  [209, 'ambiguous_column', 'SELECT visit_id FROM visit v JOIN diagnosis d ON d.visit_id = v.visit_id;'],
  [220, 'small_overflow', 'SELECT CAST(300 AS tinyint) FROM patient;'],
  [235, 'money_conversion_failed', "SELECT ward FROM visit WHERE cost = 'free';"],
  [235, 'money_conversion_failed', 'SELECT sample_id FROM sample s JOIN visit v ON v.ward = s.price;'],
  [241, 'date_conversion_failed', "SELECT mrn FROM patient WHERE birth_date = '20240230';"],
  [241, 'date_conversion_failed', "SELECT mrn FROM patient WHERE birth_date = 'soon';"],
  [242, 'date_out_of_range', "SELECT ward FROM visit WHERE admitted = '17521231';"],
  [242, 'date_out_of_range', "SELECT ward FROM visit WHERE admitted = '20230229';"],
  [242, 'date_out_of_range', "SELECT ward FROM visit WHERE admitted = '9999-12-31T23:59:59.999';"],
  [242, 'date_out_of_range', "SELECT ward FROM visit WHERE admitted < CAST('17521231' AS date);"],
  [243, 'unknown_type', 'SELECT CAST(mrn AS string) FROM patient;'],
  [244, 'small_number_out_of_range', "SELECT code FROM diagnosis WHERE rank = '32768';"],
  [245, 'conversion_failed', "SELECT mrn FROM patient WHERE patient_id = 'abc';"],
  [245, 'conversion_failed', 'SELECT mrn FROM patient WHERE mrn = 123;'],
  [248, 'number_out_of_range', "SELECT mrn FROM patient WHERE patient_id = '99999999999';"],
  [249, 'spatial_not_sortable', 'SELECT sample_id FROM sample ORDER BY site;'],
  [281, 'convert_style', 'SELECT CONVERT(varchar(10), birth_date, 999) FROM patient;'],
  [289, 'no_such_date', 'SELECT DATEFROMPARTS(2024, 13, 1) FROM patient;'],
  [291, 'type_attributes', 'SELECT CAST(birth_year AS int(4)) FROM patient;'],
  [295, 'smalldatetime_conversion_failed', "SELECT sample_id FROM sample WHERE drawn = 'soon';"],
  [
    295,
    'smalldatetime_conversion_failed',
    "SELECT sample_id FROM sample WHERE drawn = '2024-03-05T10:00:00.1234567';",
  ],
  [296, 'smalldatetime_out_of_range', "SELECT sample_id FROM sample WHERE drawn = '18991231';"],
  [296, 'smalldatetime_out_of_range', "SELECT sample_id FROM sample WHERE drawn = '2079-06-06T23:59:30';"],
  [305, 'xml_not_comparable', 'SELECT mrn FROM patient ORDER BY extra;'],
  [305, 'xml_not_comparable', 'SELECT mrn FROM patient WHERE extra = extra;'],
  [306, 'not_comparable', 'SELECT mrn FROM patient ORDER BY history;'],
  [402, 'incompatible_types', 'SELECT mrn FROM patient WHERE birth_date = wake_time;'],
  [402, 'incompatible_types', "SELECT mrn FROM patient WHERE history = 'x';"],
  [402, 'incompatible_types', 'SELECT mrn FROM patient WHERE history = __TEXT_1__;'],
  [402, 'incompatible_types', 'SELECT mrn + birth_date FROM patient;'],
  [403, 'invalid_operator', 'SELECT sample_id FROM sample WHERE site = site;'],
  [408, 'order_by_constant', "SELECT mrn FROM patient ORDER BY 'mrn';"],
  [421, 'not_distinct', 'SELECT DISTINCT history FROM patient;'],
  [506, 'escape_length', "SELECT mrn FROM patient WHERE mrn LIKE 'a' ESCAPE 'ab';"],
  [
    517,
    'date_overflow',
    "SELECT ward FROM visit WHERE start_date > DATEADD(day, 1, CAST('99991231' AS date));",
  ],
  [529, 'explicit_conversion', 'SELECT CAST(birth_date AS int) FROM patient;'],
  [536, 'negative_length', 'SELECT LEFT(mrn, -1) FROM patient;'],
  [1001, 'type_length_zero', 'SELECT CAST(mrn AS varchar(0)) FROM patient;'],
  [1002, 'type_fraction', 'SELECT CAST(created_at AS datetime2(8)) FROM patient;'],
  [1007, 'type_precision', `SELECT mrn FROM patient WHERE birth_year = ${'9'.repeat(39)};`],
  [1011, 'duplicate_alias', 'SELECT p.mrn FROM patient p JOIN visit p ON p.patient_id = p.patient_id;'],
  [
    1012,
    'alias_equals_table',
    'SELECT visit.mrn FROM patient visit JOIN visit ON visit.patient_id = visit.cost;',
  ],
  [1013, 'duplicate_table', 'SELECT visit.ward FROM visit JOIN visit ON visit.visit_id = visit.cost;'],
  [1015, 'aggregate_in_on', 'SELECT p.mrn FROM patient p JOIN visit v ON v.patient_id = MAX(p.patient_id);'],
  [1023, 'datepart_not_a_word', "SELECT DATEADD('day', 1, birth_date) FROM patient;"],
  [1056, 'too_many_columns', `SELECT ${'1,'.repeat(5000)} 1 FROM patient;`],
  [1056, 'too_many_columns', `SELECT ${'*,'.repeat(500)} * FROM patient;`],
  [1060, 'top_not_integer', 'SELECT TOP (1.5) mrn FROM patient;'],
  [2717, 'type_size', 'SELECT CAST(bmi AS decimal(40,2)) FROM patient;'],
  [4104, 'unbound_alias', 'SELECT x.mrn FROM patient AS p;'],
  [4115, 'column_in_top', 'SELECT TOP (birth_year) mrn FROM patient;'],
  [4127, 'null_arguments_only', 'SELECT COALESCE(NULL, NULL) FROM patient;'],
  [4145, 'not_a_condition', 'SELECT mrn FROM patient WHERE is_active;'],
  [4151, 'null_first_argument', 'SELECT NULLIF(NULL, 1) FROM patient;'],
  [8114, 'conversion_error', "SELECT mrn FROM patient WHERE weight_kg = 'heavy';"],
  [8114, 'conversion_error', 'SELECT ward FROM visit WHERE ward = visit_id;'],
  [8115, 'arithmetic_overflow', 'SELECT DATEADD(day, 99999999999, birth_date) FROM patient;'],
  [8115, 'arithmetic_overflow', 'SELECT mrn FROM patient WHERE birth_year > 2147483647 + 1;'],
  [8116, 'invalid_argument_type', 'SELECT SUBSTRING(patient_id, 1, 2) FROM patient;'],
  [8117, 'invalid_operand_type', 'SELECT SUM(mrn) FROM patient;'],
  [8120, 'not_grouped', 'SELECT ward, COUNT(*) FROM visit;'],
  [8127, 'order_not_grouped', 'SELECT ward, COUNT(*) FROM visit GROUP BY ward ORDER BY cost;'],
  [8133, 'null_results_only', 'SELECT CASE WHEN mrn IS NULL THEN NULL END FROM patient;'],
  [8134, 'division_by_zero', 'SELECT birth_year / 0 FROM patient;'],
  [8134, 'division_by_zero', 'SELECT birth_year % (2 - 2) FROM patient;'],
  [8169, 'uuid_conversion_failed', "SELECT mrn FROM patient WHERE guid = 'abc';"],
  [8169, 'uuid_conversion_failed', 'SELECT mrn FROM patient WHERE guid = mrn;'],
  [9806, 'datepart_for_function', 'SELECT DATEDIFF(iso_week, birth_date, birth_date) FROM patient;'],
  [9810, 'datepart_for_type', 'SELECT DATEADD(hour, 1, birth_date) FROM patient;'],
];

/** Statements that SQL Server would run and this project refuses: their codes have no number. */
const UNNUMBERED: readonly (readonly [code: Code, sql: string])[] = [
  ['too_deep', `SELECT mrn FROM patient WHERE birth_year = ${deep('(', 40, '1', ')')};`],
  ['name_parts', 'SELECT dbo.patient.mrn FROM patient;'],
  ['words_run_together', 'SELECT 1mrn FROM patient;'],
  ['outside_of_shape', 'SELECT COUNT(ALL mrn) FROM patient;'],
  ['outside_of_shape', 'SELECT sample_id FROM sample WHERE tag = tag;'],
  ['date_spelling', "SELECT mrn FROM patient WHERE birth_date = '03/05/2024';"],
  ['date_spelling', "SELECT ward FROM visit WHERE admitted = '';"],
  ['implicit_conversion', 'SELECT ward FROM visit WHERE admitted > 1990;'],
  ['implicit_conversion', 'SELECT admitted + 1 FROM visit;'],
  ['implicit_conversion', 'SELECT admitted - admitted FROM visit;'],
  ['implicit_conversion', 'SELECT YEAR(birth_year) FROM patient;'],
  ['implicit_conversion', 'SELECT UPPER(birth_date) FROM patient;'],
  ['implicit_conversion', "SELECT mrn FROM patient WHERE photo = 'a';"],
  ['null_comparison', 'SELECT ISNULL(NULL, NULL) FROM patient;'],
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
