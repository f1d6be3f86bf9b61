import { describe, expect, test } from 'vitest';
import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { createGrammar, GrammarError, type StartOptions } from '../../../src/sql/grammar/index.js';
import { bundleIndex, corpusSamples, faultOf, tokenizerOf, walk } from './decoding.js';

const index = bundleIndex('omop_cdm_5_4');
const tokenizer = tokenizerOf(corpusSamples(index, 400, 1));
const grammar = createGrammar(index, tokenizer);

const ID: PlaceholderInfo = { name: '__ID_1__', kind: 'patient', type: 'int' };
const CODE: PlaceholderInfo = { name: '__ID_1__', kind: 'mrn', type: 'varchar' };
const ICD: PlaceholderInfo = { name: '__ID_1__', kind: 'icd10', type: 'varchar' };
const RECORD: PlaceholderInfo = {
  ...{ name: '__ID_1__', kind: 'patient', type: 'varchar' },
  columns: ['person.person_source_value'],
};
const DAY: PlaceholderInfo = { name: '__DATE_1__', kind: 'date', type: 'date' };
const MONTH: PlaceholderInfo = { name: '__DATE_1__', kind: 'month', type: 'date' };
const YEAR: PlaceholderInfo = { name: '__DATE_1__', kind: 'year', type: 'date' };
const LATER: PlaceholderInfo = { name: '__DATE_2__', kind: 'date', type: 'date' };
const NUMBER: PlaceholderInfo = { name: '__NUM_1__', kind: 'threshold', type: 'decimal' };
const TEXT: PlaceholderInfo = { name: '__TEXT_1__', kind: 'quoted', type: 'varchar' };
const MENTION: PlaceholderInfo = { name: '__TEXT_1__', kind: 'mention', type: 'varchar' };
const VALUE: PlaceholderInfo = {
  name: '__TEXT_1__',
  kind: 'value',
  type: 'varchar',
  columns: ['concept.concept_name'],
};
const COUNT: PlaceholderInfo = { name: '__NUM_1__', kind: 'count', type: 'int' };
const AGE: PlaceholderInfo = { name: '__NUM_1__', kind: 'age', type: 'int' };
const OTHER_AGE: PlaceholderInfo = { name: '__NUM_2__', kind: 'age', type: 'int' };

function try_(sql: string, placeholders: PlaceholderInfo[] = [], options?: StartOptions): string {
  return walk(grammar.start(placeholders, options), tokenizer, sql);
}

const ACCEPTED: [string, PlaceholderInfo[]][] = [
  ['SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL AND p.birth_datetime < GETDATE();', []],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) > 6 AND MONTH(death_date) < 12;', []],
  ['SELECT COUNT(*) FROM condition_occurrence WHERE condition_source_value = __ID_1__;', [ICD]],
  ["SELECT COUNT(*) FROM note WHERE note_text LIKE '%' + __ID_1__;", [ICD]],
  ['SELECT p.* FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL;', []],
  ['SELECT p.person_id FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL ORDER BY p.person_id ASC;', []],
  ['SELECT n.note_date FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_title IS NULL ORDER BY n.note_date ASC;', []],
  ['SELECT COUNT(*) FROM measurement WHERE value_as_number <> __NUM_1__ AND value_as_number <= __NUM_1__;', [NUMBER]],
  ['SELECT COUNT(*) FROM death WHERE (MONTH(death_date) < 3 OR MONTH(death_date) > 10);', []],
  ['SELECT COUNT(*) FROM visit_occurrence AS vo INNER JOIN visit_occurrence AS vo2 ON vo.preceding_visit_occurrence_id = vo2.visit_occurrence_id WHERE vo.visit_occurrence_id <> vo2.visit_occurrence_id;', []],
  ['SELECT COUNT(*) FROM person;', []],
  ['SELECT * FROM person;', []],
  ['SELECT p.* FROM person AS p;', []],
  ['SELECT COUNT(*) FROM person WHERE person_id = __ID_1__;', [ID]],
  ['SELECT p.person_id FROM person AS p WHERE p.person_source_value = __ID_1__;', [CODE]],
  ['SELECT p.person_id FROM person AS p WHERE p.person_source_value = __ID_1__;', [RECORD]],
  ['SELECT AVG(1.0 * year_of_birth), COUNT(*), COUNT(DISTINCT year_of_birth) FROM person;', []],
  ['SELECT DISTINCT p.gender_concept_id FROM person AS p ORDER BY p.gender_concept_id ASC;', []],
  ['SELECT TOP (1) p.person_id FROM person AS p ORDER BY p.birth_datetime DESC, p.person_id ASC;', []],
  ['SELECT COUNT(DISTINCT vo.person_id) FROM visit_occurrence AS vo;', []],
  ['SELECT AVG(DATEDIFF(day, vo.visit_start_date, vo.visit_end_date)) FROM visit_occurrence AS vo;', []],
  ['SELECT YEAR(vo.visit_start_date), COUNT(*) FROM visit_occurrence AS vo GROUP BY YEAR(vo.visit_start_date);', []],
  [
    'SELECT c.concept_name, COUNT(*) FROM condition_occurrence AS co INNER JOIN concept AS c ON co.condition_concept_id = c.concept_id GROUP BY c.concept_name ORDER BY COUNT(*) DESC;',
    [],
  ],
  // The person comes first in FROM, so the provider, whose initials are the same, is the second `p`.
  ['SELECT p2.npi FROM person AS p LEFT JOIN provider AS p2 ON p.provider_id = p2.provider_id;', []],
  ['SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date BETWEEN __DATE_1__ AND __DATE_2__;', [DAY, LATER]],
  [
    'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date >= __DATE_1__ AND vo.visit_start_date < DATEADD(month, 1, __DATE_1__);',
    [MONTH],
  ],
  ['SELECT COUNT(*) FROM person WHERE year_of_birth > YEAR(__DATE_1__);', [YEAR]],
  ['SELECT COUNT(*) FROM person AS p WHERE DATEDIFF(year, p.birth_datetime, GETDATE()) > __NUM_1__;', [NUMBER]],
  ["SELECT COUNT(*) FROM note AS n WHERE n.note_title LIKE '%' + __TEXT_1__ + '%';", [TEXT]],
  ["SELECT COUNT(*) FROM note AS n WHERE n.note_title NOT LIKE __TEXT_1__ + '%';", [TEXT]],
  ['SELECT COUNT(*) FROM person AS p WHERE p.person_source_value IN (__TEXT_1__, __ID_1__);', [TEXT, CODE]],
  ['SELECT COUNT(*) FROM measurement AS m WHERE (m.value_as_number > __NUM_1__ OR m.value_as_number > m.range_high);', [NUMBER]],
  ['SELECT m.person_id, SUM(CASE WHEN m.value_as_number > __NUM_1__ THEN 1 ELSE 0 END) FROM measurement AS m GROUP BY m.person_id;', [NUMBER]],
  ['SELECT COUNT(*) FROM drug_exposure AS de WHERE de.drug_exposure_start_date >= DATEADD(day, -1, GETDATE());', []],

  // Yes or no, shares, averages of whole numbers, further aggregates.
  ['SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM death AS d WHERE d.person_id = __ID_1__;', [ID]],
  ['SELECT 100.0 * SUM(CASE WHEN n.note_title = __TEXT_1__ THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0) FROM note AS n;', [TEXT]],
  [
    'SELECT n.encoding_concept_id, 100.0 * SUM(CASE WHEN n.note_title = __TEXT_1__ AND n.note_date IS NOT NULL THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0) FROM note AS n GROUP BY n.encoding_concept_id;',
    [MENTION],
  ],
  ['SELECT AVG(1.0 * de.quantity) FROM drug_exposure AS de;', []],
  ['SELECT AVG(1.0 * DATEDIFF(hour, vo.visit_start_datetime, vo.visit_end_datetime)) FROM visit_occurrence AS vo;', []],
  ['SELECT STDEV(m.value_as_number) FROM measurement AS m;', []],
  ['SELECT COUNT(vo.visit_end_date) FROM visit_occurrence AS vo;', []],

  // Rows without others, and rows with or without them.
  [
    'SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND n.note_title = __TEXT_1__ AND n.note_date >= DATEADD(day, -__NUM_1__, GETDATE()) WHERE n.note_id IS NULL;',
    [MENTION, COUNT],
  ],
  [
    'SELECT p.person_id, COUNT(n.note_id) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id GROUP BY p.person_id;',
    [],
  ],

  // The same column twice, and a condition that begins as another one does.
  ['SELECT COUNT(*) FROM death AS d WHERE (MONTH(d.death_date) = 1 OR MONTH(d.death_date) = 12);', []],
  ['SELECT COUNT(*) FROM note WHERE (note_title LIKE __TEXT_1__ + \'%\' OR note_title LIKE \'%\' + __TEXT_1__);', [TEXT]],
  ['SELECT COUNT(*) FROM note WHERE (note_title LIKE \'%\' + __TEXT_1__ OR note_title LIKE \'%\' + __TEXT_1__ + \'%\');', [TEXT]],

  // Several conditions on one column that hold together.
  ['SELECT COUNT(*) FROM death WHERE death_date IS NOT NULL AND death_date < GETDATE();', []],
  ['SELECT COUNT(*) FROM death WHERE death_date = __DATE_1__ AND death_date <> __DATE_2__;', [DAY, LATER]],
  ['SELECT COUNT(*) FROM death WHERE (death_date = __DATE_1__ OR death_date = __DATE_2__) AND death_date < GETDATE();', [DAY, LATER]],
  ['SELECT COUNT(*) FROM death WHERE (death_date IS NULL OR death_date < GETDATE());', []],
  ['SELECT COUNT(*) FROM measurement AS m WHERE m.value_as_number = __NUM_1__ AND m.value_as_number = m.range_high;', [NUMBER]],
  ['SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND n.note_date IS NULL WHERE n.note_date < GETDATE();', []],
  ['SELECT COUNT(*) FROM person AS p INNER JOIN note AS n ON p.person_id = n.person_id AND p.person_id = __ID_1__;', [ID]],

  // Numbers of structure.
  ['SELECT TOP (__NUM_1__) p.year_of_birth, COUNT(*) FROM person AS p GROUP BY p.year_of_birth ORDER BY COUNT(*) DESC;', [COUNT]],
  ['SELECT DISTINCT TOP (__NUM_1__) p.year_of_birth FROM person AS p;', [COUNT]],
  ['SELECT TOP (__NUM_1__) c.concept_name FROM concept AS c WHERE c.concept_name = __TEXT_1__;', [COUNT, VALUE]],
  ['SELECT COUNT(*) FROM death AS d WHERE d.death_date >= DATEADD(month, -__NUM_1__, GETDATE());', [COUNT]],
  ['SELECT COUNT(*) FROM person WHERE year_of_birth < YEAR(GETDATE()) - __NUM_1__;', [COUNT]],
  ['SELECT COUNT(*) FROM death AS d WHERE DATEDIFF(month, d.death_date, GETDATE()) = __NUM_1__;', [COUNT]],

  // Relative time, ages, lengths of stay.
  ['SELECT COUNT(*) FROM death AS d WHERE YEAR(d.death_date) = YEAR(GETDATE()) - 1;', []],
  ['SELECT COUNT(*) FROM death AS d WHERE MONTH(d.death_date) = MONTH(DATEADD(month, -1, GETDATE()));', []],
  ['SELECT COUNT(*) FROM death AS d WHERE YEAR(d.death_date) = YEAR(GETDATE()) - __NUM_1__;', [COUNT]],
  [
    'SELECT COUNT(*) FROM person AS p INNER JOIN visit_occurrence AS vo ON p.person_id = vo.person_id WHERE DATEDIFF(year, p.birth_datetime, vo.visit_start_date) BETWEEN __NUM_1__ AND __NUM_2__;',
    [AGE, OTHER_AGE],
  ],
  [
    'SELECT TOP (1) vo.visit_occurrence_id FROM visit_occurrence AS vo WHERE vo.visit_end_date IS NOT NULL ORDER BY DATEDIFF(day, vo.visit_start_date, vo.visit_end_date) ASC;',
    [],
  ],
  ['SELECT COUNT(*) FROM visit_occurrence AS vo WHERE DATEPART(hour, vo.visit_start_datetime) >= 22;', []],
]; // prettier-ignore

const REFUSED: [string, PlaceholderInfo[], string][] = [
  // The text ends before the token that is not allowed.
  [
    'SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL AND d.death_date < GETDATE();',
    [],
    ' SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL AND',
  ],
  [
    'SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL AND YEAR(d.death_date) < 3;',
    [],
    ' SELECT COUNT(*) FROM person AS p LEFT JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL AND YEAR(',
  ],
  [
    'SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS NULL;',
    [],
    ' SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id WHERE d.person_id IS',
  ],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) = 13;', [], ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) = 1'],
  [
    'SELECT COUNT(*) FROM death WHERE MONTH(death_date) > 6 AND MONTH(death_date) < 3;',
    [],
    ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) > 6 AND MONTH(death_date) <',
  ],
  ['DELETE FROM person;', [], ''],
  ['SELECT COUNT(*) FROM people;', [], ' SELECT COUNT(*) FROM'],
  ['SELECT shoe_size FROM person;', [], ' SELECT'],
  ['SELECT note_text FROM person;', [], ' SELECT note_text FROM'],
  ['SELECT p.note_text FROM person AS p;', [], ' SELECT p.'],
  ['SELECT p.person_id FROM person;', [], ' SELECT p.person_id FROM person'],
  ['SELECT p.person_id FROM person AS q;', [], ' SELECT p.person_id FROM person AS'],
  ['SELECT p.person_id, note_text FROM person AS p;', [], ' SELECT p.person_id,'],
  ['SELECT COUNT(*) FROM person WHERE person_id = __ID_1__;', [], ' SELECT COUNT(*) FROM person WHERE person_id'],
  ['SELECT COUNT(*) FROM person;', [ID], ' SELECT COUNT(*) FROM person'],
  ['SELECT COUNT(*) FROM person WHERE provider_id IS NULL;', [ID], ' SELECT COUNT(*) FROM person WHERE provider_id IS NULL'],
  ['SELECT COUNT(*) FROM person WHERE person_id IS NULL;', [], ' SELECT COUNT(*) FROM person WHERE person_id IS'],
  ['SELECT COUNT(*) FROM person WHERE person_id = __DATE_1__;', [DAY], ' SELECT COUNT(*) FROM person WHERE person_id'],
  ['SELECT COUNT(*) FROM person WHERE gender_source_value < __TEXT_1__;', [TEXT], ' SELECT COUNT(*) FROM person WHERE gender_source_value <'],
  ['SELECT COUNT(*) FROM death WHERE death_date = __DATE_1__;', [MONTH], ' SELECT COUNT(*) FROM death WHERE death_date ='],
  ['SELECT COUNT(*) FROM person AS p INNER JOIN note AS n ON p.person_id = n.note_id;', [], ' SELECT COUNT(*) FROM person AS p INNER JOIN note AS n ON p.person_id = n.'],
  ['SELECT p.gender_concept_id, COUNT(*) FROM person AS p;', [], ' SELECT p.gender_concept_id, COUNT(*) FROM person AS p'],
  ['SELECT SUM(gender_source_value) FROM person;', [], ' SELECT SUM('],
  ['SELECT SUM(person_id) FROM person;', [], ' SELECT SUM('],
  ['SELECT AVG(1.0 * latitude) FROM location;', [], ' SELECT AVG(1.0 *'],
  ['SELECT COUNT(*) FROM person ORDER BY year_of_birth ASC;', [], ' SELECT COUNT(*) FROM person'],
  ['SELECT DISTINCT p.gender_concept_id FROM person AS p ORDER BY p.person_id ASC;', [], ' SELECT DISTINCT p.gender_concept_id FROM person AS p ORDER BY p.'],
  // What runs and means nothing.
  ['SELECT COUNT(*) FROM concept WHERE concept_name = __ID_1__;', [CODE], ' SELECT COUNT(*) FROM concept'],
  ["SELECT COUNT(*) FROM concept WHERE concept_name LIKE '%' + __ID_1__;", [CODE], ' SELECT COUNT(*) FROM concept'],
  ['SELECT COUNT(*) FROM person WHERE person_source_value = __ID_1__;', [ICD], ' SELECT COUNT(*) FROM person'],
  ['SELECT n.note_title FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL;', [], ' SELECT n.note_title FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS'],
  ['SELECT COUNT(n.note_id) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.person_id IS NULL;', [], ' SELECT COUNT(n.note_id) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.person_id IS'],
  ['SELECT n.* FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.person_id IS NULL;', [], ' SELECT n.* FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.person_id IS'],
  ['SELECT p.person_id FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL ORDER BY n.note_title ASC;', [], ' SELECT p.person_id FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL ORDER BY'],
  ['SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date < visit_end_date AND visit_start_date > visit_end_date;', [], ' SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date < visit_end_date AND visit_start_date > visit_end_date'],
  ['SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date < visit_end_date AND visit_end_date < visit_start_date;', [], ' SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date < visit_end_date AND visit_end_date < visit_start_date'],
  ['SELECT COUNT(*) FROM measurement WHERE value_as_number = __NUM_1__ AND value_as_number > __NUM_1__;', [NUMBER], ' SELECT COUNT(*) FROM measurement WHERE value_as_number = __NUM_1__ AND value_as_number >'],
  ['SELECT COUNT(*) FROM measurement WHERE (value_as_number <> __NUM_1__ OR value_as_number <= __NUM_1__);', [NUMBER], ' SELECT COUNT(*) FROM measurement WHERE (value_as_number <> __NUM_1__ OR value_as_number <='],
  ['SELECT COUNT(*) FROM death WHERE (MONTH(death_date) < 3 OR MONTH(death_date) > 1);', [], ' SELECT COUNT(*) FROM death WHERE (MONTH(death_date) < 3 OR MONTH(death_date) > 1'],
  ['SELECT COUNT(*) FROM visit_occurrence AS vo INNER JOIN visit_occurrence AS vo2 ON vo.preceding_visit_occurrence_id = vo2.visit_occurrence_id WHERE vo.visit_occurrence_id = vo2.visit_occurrence_id;', [], ' SELECT COUNT(*) FROM visit_occurrence AS vo INNER JOIN visit_occurrence AS vo2 ON vo.preceding_visit_occurrence_id = vo2.visit_occurrence_id WHERE vo.visit_occurrence_id = vo2.'],
  ['SELECT COUNT(*) FROM person WHERE year_of_birth < YEAR(__DATE_1__);', [DAY], ' SELECT COUNT(*) FROM person WHERE year_of_birth < YEAR('],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) = MONTH(__DATE_1__);', [MONTH], ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) = MONTH('],
  ['SELECT COUNT(*) FROM person WHERE person_id > __NUM_1__;', [NUMBER], ' SELECT COUNT(*) FROM person WHERE person_id'],
  ['SELECT COUNT(*) FROM visit_occurrence WHERE visit_occurrence_id = __ID_1__;', [ID], ' SELECT COUNT(*) FROM visit_occurrence WHERE visit_occurrence_id ='],
  ['SELECT COUNT(*) FROM drug_exposure WHERE quantity = __ID_1__;', [ID], ' SELECT COUNT(*) FROM drug_exposure WHERE quantity ='],
  ['SELECT COUNT(*) FROM death WHERE person_id = cause_concept_id;', [], ' SELECT COUNT(*) FROM death WHERE person_id'],
  ['SELECT COUNT(*) FROM death WHERE death_date >= __DATE_1__ AND death_date > __DATE_1__;', [DAY], ' SELECT COUNT(*) FROM death WHERE death_date >= __DATE_1__ AND death_date >'],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) > 3 AND MONTH(death_date) > 1;', [], ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) > 3 AND MONTH(death_date) >'],
  ['SELECT COUNT(*) FROM death WHERE (MONTH(death_date) = 5 OR MONTH(death_date) > 4);', [], ' SELECT COUNT(*) FROM death WHERE (MONTH(death_date) = 5 OR MONTH(death_date) >'],
  ['SELECT COUNT(*) FROM death WHERE cause_concept_id IS NULL AND (cause_concept_id IS NULL OR death_date < GETDATE());', [], ' SELECT COUNT(*) FROM death WHERE cause_concept_id IS NULL AND (cause_concept_id'],
  ['SELECT COUNT(*) FROM note WHERE note_title IN (__TEXT_1__) AND note_title = __TEXT_1__;', [TEXT], ' SELECT COUNT(*) FROM note WHERE note_title IN (__TEXT_1__) AND note_title ='],
  ['SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id AND d.death_date < GETDATE() WHERE d.death_date < GETDATE();', [], ' SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id AND d.death_date < GETDATE() WHERE d.death_date <'],
  ['SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id WHERE p.person_id = d.person_id;', [], ' SELECT COUNT(*) FROM person AS p INNER JOIN death AS d ON p.person_id = d.person_id WHERE p.person_id'],
  ['SELECT COUNT(*) FROM death WHERE cause_concept_id IS NULL AND cause_concept_id IS NULL;', [], ' SELECT COUNT(*) FROM death WHERE cause_concept_id IS NULL AND cause'],
  ['SELECT COUNT(*) FROM death WHERE death_date IS NULL AND death_date < GETDATE();', [], ' SELECT COUNT(*) FROM death WHERE death_date IS NULL AND death_date'],
  ['SELECT COUNT(*) FROM death WHERE death_date < GETDATE() AND death_date IS NULL;', [], ' SELECT COUNT(*) FROM death WHERE death_date < GETDATE() AND death_date IS'],
  ['SELECT COUNT(*) FROM death WHERE death_date = __DATE_1__ AND death_date = __DATE_2__;', [DAY, LATER], ' SELECT COUNT(*) FROM death WHERE death_date = __DATE_1__ AND death_date ='],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) = 1 AND MONTH(death_date) = 2;', [], ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) = 1 AND MONTH(death_date)'],
  [
    'SELECT SUM(CASE WHEN death_date IS NULL AND death_date < GETDATE() THEN 1 ELSE 0 END) FROM death;',
    [],
    ' SELECT SUM(CASE WHEN death_date IS NULL AND death_date',
  ],
  [
    'SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND p.person_id IS NULL;',
    [],
    ' SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND p.person_id IS',
  ],
  // The day would have no column.
  ['SELECT COUNT(*) FROM death WHERE death_date IS NULL AND death_datetime IS NULL;', [DAY], ' SELECT COUNT(*) FROM death WHERE death_date IS NULL AND death_datetime IS'],
  ['SELECT COUNT(*) FROM death WHERE (death_date IS NULL OR death_date IS NOT NULL);', [], ' SELECT COUNT(*) FROM death WHERE (death_date IS NULL OR death_date'],
  ['SELECT COUNT(*) FROM person WHERE person_id = __ID_1__ AND person_id <> __ID_1__;', [ID], ' SELECT COUNT(*) FROM person WHERE person_id = __ID_1__ AND person_id'],
  ['SELECT COUNT(*), COUNT(*) FROM person;', [], ' SELECT COUNT(*), COUNT'],
  ['SELECT YEAR(death_date), YEAR(death_date), COUNT(*) FROM death;', [], ' SELECT YEAR(death_date), YEAR('],
  ['SELECT SUM(year_of_birth) FROM person;', [], ' SELECT SUM('],
  ['SELECT AVG(1.0 * month_of_birth) FROM person;', [], ' SELECT AVG(1.0 *'],
  ['SELECT COUNT(*) FROM person WHERE year_of_birth > __NUM_1__;', [AGE], ' SELECT COUNT(*) FROM person WHERE year_of_birth >'],
  ['SELECT COUNT(*) FROM death WHERE MONTH(death_date) >= 1;', [], ' SELECT COUNT(*) FROM death WHERE MONTH(death_date) >= 1'],
  ['SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE p.person_id IS NULL;', [], ' SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE p.person_id IS'],
  ['SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND n.note_id IS NULL;', [], ' SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND n.note_id IS'],
  ['SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL AND n.note_title IS NOT NULL;', [], ' SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id WHERE n.note_id IS NULL AND'],
  ['SELECT COUNT(*) FROM person WHERE ethnicity_source_value = __ID_1__;', [RECORD], ' SELECT COUNT(*) FROM person WHERE ethnicity_source_value ='],
  ['SELECT COUNT(*) FROM death WHERE death_date < DATEADD(day, 1, __DATE_1__);', [MONTH], ' SELECT COUNT(*) FROM death WHERE death_date < DATEADD(day, 1,'],
  // Numbers that the question does not hold.
  ['SELECT COUNT(*) FROM death AS d WHERE d.death_date >= DATEADD(day, -30, GETDATE());', [], ' SELECT COUNT(*) FROM death AS d WHERE d.death_date >= DATEADD(day,'],
  ['SELECT TOP (10) p.person_id FROM person AS p;', [], ' SELECT TOP'],
  ['SELECT COUNT(*) FROM death AS d WHERE DATEDIFF(day, d.death_date, GETDATE()) < 30;', [], ' SELECT COUNT(*) FROM death AS d WHERE DATEDIFF(day, d.death_date, GETDATE()) <'],
  ['SELECT COUNT(*) FROM death AS d WHERE YEAR(d.death_date) = 2020;', [], ' SELECT COUNT(*) FROM death AS d WHERE YEAR(d.death_date) ='],
  // Only what is joined so far may stand in ON, and an age is not a number of rows.
  [
    'SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND vo.visit_end_date IS NULL;',
    [],
    ' SELECT COUNT(*) FROM person AS p LEFT JOIN note AS n ON p.person_id = n.person_id AND',
  ],
  ['SELECT TOP (__NUM_1__) p.person_id FROM person AS p;', [AGE], ' SELECT TOP'],
  ['SELECT p.person_id, CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM person AS p;', [], ' SELECT p.person_id,'],
  ['SELECT COUNT(*) FROM death AS d WHERE DATEPART(hour, d.death_date) = 3;', [], ' SELECT COUNT(*) FROM death AS d WHERE DATEPART(hour,'],
  ['SELECT COUNT(*) FROM person; SELECT 1;', [], ' SELECT COUNT(*) FROM person;'],
  ['SELECT COUNT(*) FROM person -- all', [], ' SELECT COUNT(*) FROM person'],
]; // prettier-ignore

describe('the grammar', () => {
  test('of a plain question uses its values before it writes other conditions', () => {
    const visits = 'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE';
    const own = 'vo.visit_end_date IS NOT NULL';
    const options = { isPlain: true };
    expect(try_(`${visits} vo.person_id = __ID_1__ AND ${own};`, [ID], options)).toBe('complete');
    expect(try_(`${visits} ${own} AND vo.person_id = __ID_1__;`, [ID])).toBe('complete');
    expect(try_(`${visits} ${own} AND vo.person_id = __ID_1__;`, [ID], options)).toMatch(/WHERE vo.*⟨/);
    const recent = `${visits} vo.visit_start_date >= DATEADD(day, -__NUM_1__, GETDATE());`;
    expect(try_(recent, [COUNT], options)).toBe('complete');
  });

  test.each(ACCEPTED)('allows %s', (sql, placeholders) => {
    expect(try_(sql, placeholders)).toBe('complete');
    expect(faultOf(sql, index, placeholders)).toBeUndefined();
  });

  test.each(REFUSED)('stops %s', (sql, placeholders, upTo) => {
    const stopped = try_(sql, placeholders);
    expect(stopped).toContain('⟨');
    expect(stopped.slice(0, upTo.length)).toBe(upTo);
    // A name has several tokens: the refused one is inside the next word.
    expect(stopped.slice(upTo.length)).toMatch(/^[ ,;]?[^ ]*⟨/);
  });

  test('names only the tables and columns of the selection', () => {
    const person = index.table('person')!;
    const columns = person.columns.filter((column) => column.name === 'year_of_birth');
    const selection = { index, tables: [{ table: person, columns }] };
    expect(try_('SELECT p.year_of_birth FROM person AS p;', [], { selection })).toBe('complete');
    expect(try_('SELECT p.person_id FROM person AS p;', [], { selection })).toContain('⟨');
    expect(try_('SELECT COUNT(*) FROM death;', [], { selection })).toContain('⟨');
  });

  test('joins any comparable pair of columns if told to, and the statements are valid', () => {
    const free = createGrammar(index, tokenizer, { joins: 'any' });
    const joined = (on: string): string =>
      `SELECT COUNT(*) FROM person AS p INNER JOIN note AS n ON ${on} WHERE n.note_date = __DATE_1__;`;
    for (const on of ['p.birth_datetime = n.note_date', 'p.person_id = n.person_id']) {
      expect(walk(free.start([DAY]), tokenizer, joined(on))).toBe('complete');
      expect(faultOf(joined(on), index, [DAY])).toBeUndefined();
    }
    expect(walk(free.start([DAY]), tokenizer, joined('p.person_id = n.note_id'))).toContain('⟨');
    expect(walk(free.start([DAY]), tokenizer, joined('p.year_of_birth = n.note_id'))).toContain('⟨');
    const again = (on: string): string =>
      walk(
        free.start([]),
        tokenizer,
        `SELECT COUNT(*) FROM drug_exposure AS de INNER JOIN drug_exposure AS de2 ON ${on};`,
      );
    expect(again('de.drug_concept_id = de2.drug_concept_id')).toBe('complete');
    expect(again('de.drug_exposure_id = de2.drug_exposure_id')).toContain('⟨');
    expect(again('de.quantity = de2.days_supply')).toContain('⟨');
    expect(walk(free.start([DAY]), tokenizer, joined('p.person_id = n.note_date'))).toContain('⟨');
    expect(walk(free.start([DAY]), tokenizer, joined('p.person_id = n.note_title'))).toContain('⟨');
  });

  test('allows only the end token after the statement', () => {
    const mask = grammar.start([]);
    expect(walk(mask, tokenizer, 'SELECT COUNT(*) FROM person;')).toBe('complete');
    const allowed = mask.allowed();
    expect([...allowed].reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0)).toBe(1);
    mask.advance(tokenizer.endId);
    expect(mask.allowed().every((word) => word === 0)).toBe(true);
    expect(() => mask.advance(tokenizer.endId)).toThrow(GrammarError);
  });

  test('refuses a token that the mask rules out, and keeps its state', () => {
    const mask = grammar.start([]);
    expect(() => mask.advance(tokenizer.endId)).toThrow(/is not allowed here/);
    expect(walk(mask, tokenizer, 'SELECT COUNT(*) FROM person;')).toBe('complete');
  });

  test('forks into independent copies', () => {
    const mask = grammar.start([]);
    for (const token of tokenizer.encode(' SELECT COUNT(*) FROM')) mask.advance(token);
    const copy = mask.fork();
    for (const token of tokenizer.encode(' person;')) mask.advance(token);
    for (const token of tokenizer.encode(' death;')) copy.advance(token);
    expect([mask.isComplete, copy.isComplete]).toEqual([true, true]);
  });

  test('asks about a schema without dates as if it had not been asked before', () => {
    const person = index.table('person')!;
    const columns = person.columns.filter((column) => column.name === 'gender_source_value');
    const bundle = {
      ...index.bundle,
      tables: [{ ...person, columns, primaryKey: [], foreignKeys: [] }],
      joins: [],
    };
    const own = createGrammar(new SchemaIndex(bundle), tokenizer);
    own.start([]);
    expect(() => own.start([DAY])).toThrow('no column can be compared with __DATE_1__ (day)');
    expect(walk(own.start([COUNT]), tokenizer, 'SELECT TOP (__NUM_1__) * FROM person;')).toBe('complete');
    expect(walk(own.start([COUNT]), tokenizer, 'SELECT COUNT(*) FROM person;')).toContain('⟨');
  });

  test('names the placeholder that no column of the selection can take', () => {
    const person = index.table('person')!;
    const columns = person.columns.filter((column) => column.name === 'gender_source_value');
    const selection = { index, tables: [{ table: person, columns }] };
    expect(() => grammar.start([DAY], { selection })).toThrow(
      'no column can be compared with __DATE_1__ (day)',
    );
  });
});
