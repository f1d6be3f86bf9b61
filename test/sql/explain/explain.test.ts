import { describe, expect, test } from 'vitest';
import type { PlaceholderValue } from '../../../src/sql/values.js';
import { explain } from '../../../src/sql/explain/explain.js';
import { labelOf, rowNounOf } from '../../../src/sql/explain/names.js';
import { children, type Expression, type Statement } from '../../../src/tsql/ast.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { bundleIndex, BUNDLES, corpusSamples } from '../grammar/decoding.js';
import { clinic, placeholdersOf } from '../validator/clinic.js';
import { VALID } from '../validator/valid.js';
import { pluralise } from '../../../src/data/corpus/topics/words.js';
import type { SchemaIndex } from '../../../src/data/schema/schema-index.js';

const omop = bundleIndex('omop_cdm_5_4');

const value = (
  name: string,
  text: string,
  kind: string,
  type: PlaceholderValue['type'],
): PlaceholderValue => ({ name, text, kind, type });
const PATIENT = value('__ID_1__', '0048213', 'mrn', 'varchar');
const DAY = value('__DATE_1__', 'March 5, 2024', 'date', 'date');
const MONTH = { ...value('__DATE_1__', 'March 2024', 'month', 'date'), value: '2024-03' };
const AGE = value('__NUM_1__', '65', 'threshold', 'int');
const DRUG = value('__TEXT_1__', '"metformin"', 'quoted', 'varchar');

const GOLDEN: [sql: string, values: PlaceholderValue[], words: string][] = [
  [
    'SELECT COUNT(DISTINCT vo.person_id) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= __DATE_1__;',
    [DAY],
    'Counts the different values of the patient id, among visits where the visit date is on or after March 5, 2024.',
  ],
  [
    'SELECT COUNT(*) FROM person AS p WHERE p.person_source_value = __ID_1__ AND p.birth_datetime IS NOT NULL;',
    [PATIENT],
    'Counts patients where the mrn is ‘0048213’ and the birth date is recorded.',
  ],
  [
    'SELECT c.concept_name, COUNT(*) FROM condition_occurrence AS co INNER JOIN concept AS c ON co.condition_concept_id = c.concept_id GROUP BY c.concept_name ORDER BY COUNT(*) DESC;',
    [],
    'Gives the term’s name and the number of rows, over conditions, grouped by the term’s name. Each row belongs to a term where the condition’s condition is the term’s concept number; conditions without one are left out. Sorted by the number of rows, highest or latest first.',
  ],
  [
    'SELECT TOP (10) de.drug_source_value FROM drug_exposure AS de WHERE (de.drug_source_value LIKE __TEXT_1__ + \'%\' OR de.quantity > __NUM_1__) ORDER BY de.drug_exposure_start_date DESC;',
    [DRUG, AGE],
    'Lists the drug code of drugs where either the drug code begins with ‘metformin’ or the amount is more than 65. Sorted by the start date, highest or latest first. Only the first 10.',
  ],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= __DATE_1__ AND vo.visit_start_date < DATEADD(month, 1, __DATE_1__);',
    [MONTH],
    'Counts visits where the visit date is in March 2024.',
  ],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= __DATE_1__;',
    [MONTH],
    'Counts visits where the visit date is in or after March 2024.',
  ],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= DATEADD(month, 1, __DATE_1__);',
    [MONTH],
    'Counts visits where the visit date is after March 2024.',
  ],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date < DATEADD(month, 1, __DATE_1__);',
    [MONTH],
    'Counts visits where the visit date is in or before March 2024.',
  ],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= __DATE_1__ AND vo.visit_end_date < DATEADD(month, 1, __DATE_1__);',
    [MONTH],
    'Counts visits where the visit date is in or after March 2024 and the discharge date is in or before March 2024.',
  ],
  [
    'SELECT DISTINCT p.year_of_birth FROM person AS p LEFT JOIN visit_occurrence AS vo ON p.person_id = vo.person_id WHERE vo.visit_occurrence_id IS NULL;',
    [],
    'Lists the patient’s birth year of patients. Each result is shown once. Only patients without a visit where the patient’s patient id is the visit’s patient id (the visit’s visit id is missing).',
  ],
  [
    'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM death;',
    [],
    'Tells (1 for yes, 0 for no) whether there are deceased patients.',
  ],
  [
    'SELECT 100.0 * SUM(CASE WHEN p.year_of_birth > 1950 THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0), AVG(1.0 * p.year_of_birth) FROM person AS p;',
    [],
    'Gives the percentage of rows where the birth year is more than 1950 and the average of the birth year, over patients.',
  ],
]; // prettier-ignore

function explained(
  sql: string,
  index: SchemaIndex,
  values: readonly PlaceholderValue[],
): [string, Statement] {
  const map = new Map(values.map((entry) => [entry.name, entry]));
  const verdict = validate(sql, index, map);
  expect(verdict.errors, sql).toEqual([]);
  return [explain(verdict.statement!, index, map), verdict.statement!];
}

function* columnsIn(node: Expression): Generator<Expression & { kind: 'column' }> {
  if (node.kind === 'column') yield node;
  for (const child of children(node)) yield* columnsIn(child);
}

/** Checks that the explanation names every part of the statement. */
function expectComplete(
  text: string,
  statement: Statement,
  index: SchemaIndex,
  values: readonly PlaceholderValue[],
): void {
  const refs = [statement.from, ...statement.joins.map((join) => join.table)];
  const tables = refs.map((ref) => index.table(ref.table.text)!);
  tables.forEach((table, i) => {
    const noun = rowNounOf(table);
    expect(text, `table ${table.name}`).toContain(i === 0 ? pluralise(noun) : noun);
  });
  const expressions = [
    ...statement.items.flatMap((item) => (item.kind === 'star' ? [] : [item.expression])),
    ...statement.joins.map((join) => join.on),
    ...(statement.where ? [statement.where] : []),
    ...statement.groupBy,
    ...statement.orderBy.map((item) => item.expression),
  ];
  for (const column of expressions.flatMap((expression) => [...columnsIn(expression)])) {
    const at = refs.findIndex(
      (ref) => (ref.alias ?? ref.table).text.toLowerCase() === column.table?.text.toLowerCase(),
    );
    const owners = column.table ? [tables[at]!] : tables;
    const found = owners
      .map((table) => index.column(table.name, column.column.text))
      .find((ref) => ref !== undefined);
    expect(text, `column ${column.column.text}`).toContain(
      found ? labelOf(found.table, found.column) : column.column.text,
    );
  }
  for (const { name } of statement.placeholders) {
    const { text: shown } = values.find((entry) => entry.name === name)!;
    expect(text, name).toContain(/^__(ID|TEXT)/.test(name) ? shown.replace(/^["'“‘]|["'”’]$/gu, '') : shown);
  }
}

describe('an explanation', () => {
  test.each(GOLDEN)('of %s', (sql, values, words) => {
    expect(explained(sql, omop, values)[0]).toBe(words);
  });

  test.each(BUNDLES)('names every table, column and value of a corpus statement: %s', (bundle) => {
    const index = bundleIndex(bundle);
    for (const { record, values } of corpusSamples(index, 150, 61)) {
      const [text, statement] = explained(record.sql, index, values);
      expectComplete(text, statement, index, values);
      expect(text).toMatch(/^[A-Z].*\.$/s);
      expect(text).not.toMatch(/undefined|\[object|SELECT|FROM|JOIN|NULL/);
    }
  });

  test('covers the whole allowed shape', () => {
    for (const sql of Object.values(VALID).flat()) {
      const values = [...placeholdersOf(sql).values()].map((info) => ({
        ...info,
        text: `value of ${info.name}`,
      }));
      const [text, statement] = explained(sql, clinic, values);
      expectComplete(text, statement, clinic, values);
      expect(text).not.toMatch(/undefined|\[object/);
    }
  });
});
