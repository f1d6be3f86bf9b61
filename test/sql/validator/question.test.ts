import { describe, expect, test } from 'vitest';
import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { negationsOf } from '../../../src/sql/answerable/negations.js';
import { validate } from '../../../src/sql/validator/validate.js';

const omop = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const synthea = new SchemaIndex(loadBundle('synthea'));

function codesOf(question: string, sql: string, index = omop): string[] {
  const names = [...new Set([...question.matchAll(/__(TEXT|NUM|ID|DATE)_\d+__/g)].map(([name]) => name))];
  const infos: PlaceholderInfo[] = names.map((name) =>
    name.startsWith('__TEXT_')
      ? { name, kind: 'mention', type: 'varchar' }
      : name.startsWith('__DATE_')
        ? { name, kind: 'year', type: 'date' }
        : { name, kind: name.startsWith('__ID_') ? 'patient' : 'threshold', type: 'int' },
  );
  const known = new Map(infos.map((info) => [info.name, info]));
  return validate(sql, index, known, { sense: true, question }).errors.map(({ code }) => code);
}

const GIVEN = `FROM person AS t1 INNER JOIN drug_exposure AS t2 ON t1.person_id = t2.person_id INNER JOIN concept AS t3 ON t2.drug_concept_id = t3.concept_id WHERE t3.concept_name`;
const ONE = `SELECT DISTINCT t1.id FROM patients AS t1 INNER JOIN medications AS t2 ON t1.id = t2.patient WHERE t2.description`;
const NEVER = `SELECT t1.id FROM patients AS t1 LEFT JOIN immunizations AS t2 ON t1.id = t2.patient AND t2.description = __TEXT_1__ WHERE t2.patient IS NULL;`;

describe('a negation of the question', () => {
  test.each([
    ['Which patients were not given __TEXT_1__?', `SELECT DISTINCT t1.person_id ${GIVEN} = __TEXT_1__;`],
    ['Which patients never received __TEXT_1__?', `SELECT DISTINCT t1.person_id ${GIVEN} = __TEXT_1__;`],
    ["Who wasn't given __TEXT_1__?", `SELECT DISTINCT t1.person_id ${GIVEN} = __TEXT_1__;`],
    ['Patients given neither __TEXT_1__ nor __TEXT_2__', `SELECT DISTINCT t1.person_id ${GIVEN} IN (__TEXT_1__, __TEXT_2__);`],
    ['People given everything except __TEXT_1__', `SELECT DISTINCT t1.person_id ${GIVEN} = __TEXT_1__;`],
    ['How many uninsured people live here?', 'SELECT COUNT(*) FROM person AS t1;'],
    ['Patients witout a prescription', 'SELECT t1.person_id FROM person AS t1;'],
    ['Drugs other than __TEXT_1__ given to patient __ID_1__', `SELECT DISTINCT t3.concept_name ${GIVEN} = __TEXT_1__ AND t1.person_id = __ID_1__;`],
  ])('that the statement loses is refused: %s', (question, sql) => {
    expect(codesOf(question, sql)).toEqual(['negation-lost']);
  }); // prettier-ignore

  test('of an event needs its absence, not another value', () => {
    expect(codesOf('Who was not given __TEXT_1__?', `${ONE} <> __TEXT_1__;`, synthea)).toEqual([
      'negation-lost',
    ]);
    expect(codesOf('Whose drug is not __TEXT_1__?', `${ONE} <> __TEXT_1__;`, synthea)).toEqual([]);
  });

  test('takes away nothing that stands before it', () => {
    const sql =
      'SELECT t1.id FROM patients AS t1 LEFT JOIN medications AS t2 ON t1.id = t2.patient AND t2.description = __TEXT_1__ WHERE t2.patient IS NULL;';
    expect(codesOf('Patients on __TEXT_1__ who never had a visit', sql, synthea)).toEqual([
      'negation-not-asked',
    ]);
  });

  test('names its word', () => {
    const sql = `SELECT DISTINCT t1.person_id ${GIVEN} = __TEXT_1__;`;
    const known = new Map([
      ['__TEXT_1__', { name: '__TEXT_1__', kind: 'mention', type: 'varchar' } as const],
    ]);
    const question = 'Which patients were never given __TEXT_1__?';
    const [error] = validate(sql, omop, known, { question }).errors;
    expect(error!.message).toMatch(/^not sure: .*'never'/);
  });

  test.each([
    ['Which patients never got the __TEXT_1__ vaccine?', NEVER],
    ['People without __TEXT_1__', NEVER],
    ['Patients on a drug other than __TEXT_1__', `${ONE} <> __TEXT_1__;`],
    ['Patients on neither __TEXT_1__ nor __TEXT_2__', `${ONE} NOT IN (__TEXT_1__, __TEXT_2__);`],
    ['Drugs not containing __TEXT_1__', `${ONE} NOT LIKE '%' + __TEXT_1__ + '%';`],
    ['Is patient __ID_1__ not dead?', 'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM patients AS t1 WHERE t1.id = __ID_1__ AND t1.deathdate IS NULL;'],
    ['Patients of no more than __NUM_1__ of income', 'SELECT t1.id FROM patients AS t1 WHERE t1.income <= __NUM_1__;'],
    ['Was patient __ID_1__ given __TEXT_1__, yes or no?', 'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM medications AS t1 WHERE t1.patient = __ID_1__ AND t1.description = __TEXT_1__;'],
    ['All patients with their allergies, even if they have none', 'SELECT t1.id, t2.description FROM patients AS t1 LEFT JOIN allergies AS t2 ON t1.id = t2.patient;'],
    ['Cities of patients without duplicates', 'SELECT DISTINCT t1.city FROM patients AS t1;'],
  ])('that the statement shows passes: %s', (question, sql) => {
    expect(codesOf(question, sql, synthea)).toEqual([]);
  }); // prettier-ignore

  test.each([
    ['Patients on __TEXT_1__', `${ONE} <> __TEXT_1__;`],
    ['Who had the __TEXT_1__ vaccine?', NEVER],
    ['How many visits were there?', 'SELECT COUNT(*) FROM encounters AS t1 WHERE t1.start IS NULL;'],
    ['Patients on __TEXT_1__ who never had the __TEXT_2__ vaccine', `SELECT DISTINCT t1.id FROM patients AS t1 INNER JOIN immunizations AS t3 ON t1.id = t3.patient AND t3.description = __TEXT_2__ LEFT JOIN medications AS t2 ON t1.id = t2.patient AND t2.description = __TEXT_1__ WHERE t2.patient IS NULL;`],
  ])('that only the statement has is refused: %s', (question, sql) => {
    expect(codesOf(question, sql, synthea)[0]).toMatch(/^negation-/);
  }); // prettier-ignore

  test('governs the values after it, up to the next clause', () => {
    const governed = (question: string): (readonly string[])[] =>
      negationsOf(question).list.map(({ governed: names }) => names);
    expect(governed('on __TEXT_1__ but not __TEXT_2__ or __TEXT_3__')).toEqual([
      ['__TEXT_2__', '__TEXT_3__'],
    ]);
    expect(governed('never admitted, given __TEXT_1__')).toEqual([[]]);
    expect(governed('neither __TEXT_1__ nor __TEXT_2__')).toEqual([['__TEXT_1__', '__TEXT_2__']]);
    expect(negationsOf('on __TEXT_1__ but not __TEXT_2__').kept).toEqual(['__TEXT_1__']);
  });

  test('is not read into names of the schema', () => {
    const question = 'days without supply over __NUM_1__';
    expect(negationsOf(question, synthea).list).toHaveLength(1);
    expect(negationsOf(question, omop).list).toEqual([]);
  });
});

describe('a word of state', () => {
  test.each([
    ['How many patients are alive?', 'SELECT COUNT(*) FROM patients AS t1;', ['state-lost']],
    [
      'Deceased people in __TEXT_1__',
      'SELECT t1.id FROM patients AS t1 WHERE t1.city = __TEXT_1__;',
      ['state-lost'],
    ],
    ['How many patients are alive?', 'SELECT COUNT(*) FROM patients AS t1 WHERE t1.deathdate IS NULL;', []],
    ['People living in __TEXT_1__', 'SELECT t1.id FROM patients AS t1 WHERE t1.city = __TEXT_1__;', []],
  ])('shows in the statement: %s', (question, sql, codes) => {
    expect(codesOf(question, sql, synthea)).toEqual(codes);
  });
});

describe('the key to a catalogue', () => {
  const named = (table: string, key: string): string =>
    `SELECT COUNT(*) FROM ${table} AS t1 INNER JOIN concept AS t2 ON t1.${key} = t2.concept_id WHERE t2.concept_name = __TEXT_1__;`;

  test.each([
    ['How many patients have __TEXT_1__?', 'person', 'gender_concept_id'],
    ['Who ever had __TEXT_1__?', 'death', 'death_type_concept_id'],
    ['Patients with __TEXT_1__ poisoning', 'visit_occurrence', 'admitted_from_concept_id'],
    ['Who was diagnosed with __TEXT_1__?', 'person', 'race_concept_id'],
    ['Who was prescribed __TEXT_1__?', 'drug_exposure', 'route_concept_id'],
    ['How many __TEXT_1__ patients are there?', 'visit_occurrence', 'discharged_to_concept_id'],
  ])('is one that the question speaks of: %s', (question, table, key) => {
    expect(codesOf(question, named(table, key))).toEqual(['sense-path']);
  });

  test.each([
    ['Who was diagnosed with __TEXT_1__?', 'condition_occurrence', 'condition_concept_id'],
    ['How many __TEXT_1__ patients are there?', 'person', 'race_concept_id'],
    ['How many people are __TEXT_1__?', 'person', 'ethnicity_concept_id'],
    ['Drugs by the route __TEXT_1__', 'drug_exposure', 'route_concept_id'],
    ['Visits admitted from __TEXT_1__', 'visit_occurrence', 'admitted_from_concept_id'],
    ['Who died of __TEXT_1__ last year?', 'death', 'cause_concept_id'],
    ['How many __TEXT_1__ deaths were there?', 'death', 'cause_concept_id'],
    ['Who was treated with a drug via __TEXT_1__?', 'drug_exposure', 'route_concept_id'],
  ])('may be the own key of the row, or one in words: %s', (question, table, key) => {
    expect(codesOf(question, named(table, key))).toEqual([]);
  });

  test.each([
    ...[
      'persons',
      'men',
      'women',
      'male',
      'females',
      'boys',
      'girls',
      'child',
      'children',
      'kids',
      'teenagers',
    ],
    ...['adults', 'infants', 'seniors', 'elderly', 'patients', 'inpatients', 'subjects', 'members', 'people'],
  ])('may be a trait of people: __TEXT_1__ %s', (people) => {
    const sql = named('person', 'race_concept_id');
    expect(codesOf(`How many __TEXT_1__ ${people} are there?`, sql)).toEqual([]);
    expect(codesOf(`How many ${people} are either __TEXT_1__ or not known?`, sql)).toEqual([]);
    expect(codesOf(`How many ${people} take __TEXT_1__?`, sql)).toEqual(['sense-path']);
  });

  test.each(["How many people aren't __TEXT_1__?", 'How many people are neither __TEXT_1__ nor __TEXT_2__?'])(
    'may be said in a denial: %s',
    (question) => {
      expect(codesOf(question, named('person', 'race_concept_id'))).not.toContain('sense-path');
    },
  );

  test('is judged in the SELECT list too', () => {
    const sql = named('person', 'gender_concept_id')
      .replace('COUNT(*)', 'SUM(CASE WHEN t2.concept_name = __TEXT_1__ THEN 1 ELSE 0 END)')
      .replace(/ WHERE .*/, ';');
    expect(sql).toContain('CASE WHEN t2.concept_name');
    expect(codesOf('How many take __TEXT_1__?', sql)).toEqual(['sense-path']);
  });
});

describe('conditions that never hold together', () => {
  test.each([
    ['Patients from __TEXT_1__ or __TEXT_2__', 'SELECT t1.id FROM patients AS t1 WHERE t1.city = __TEXT_1__ AND t1.city = __TEXT_2__;'],
    ['Visits still open since __DATE_1__', 'SELECT t1.id FROM encounters AS t1 WHERE t1.stop >= __DATE_1__ AND t1.stop IS NULL;'],
  ])('are refused: %s', (question, sql) => {
    expect(codesOf(question, sql, synthea)).toContain('sense-empty');
  }); // prettier-ignore
});
