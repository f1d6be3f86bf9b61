import { expect, test } from 'vitest';
import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { validate } from '../../../src/sql/validator/validate.js';

const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));

const INFOS: PlaceholderInfo[] = [
  { name: '__NUM_1__', kind: 'threshold', type: 'int' },
  { name: '__NUM_2__', kind: 'threshold', type: 'int' },
  { name: '__DATE_1__', kind: 'year', type: 'date' },
  { name: '__DATE_2__', kind: 'date', type: 'date' },
  { name: '__TEXT_1__', kind: 'mention', type: 'varchar' },
];

function codesOf(question: string, sql: string): string[] {
  const known = new Map(INFOS.filter(({ name }) => sql.includes(name)).map((info) => [info.name, info]));
  return validate(sql, index, known, { sense: true, question }).errors.map(({ code }) => code);
}

const AGE = 'SELECT COUNT(*) FROM person AS p WHERE DATEDIFF(year, p.birth_datetime, GETDATE())';
const VALUE = 'SELECT COUNT(*) FROM measurement AS m WHERE m.value_as_number';
const MONTHS = 'COUNT(*) FROM death AS d GROUP BY';
const BORN =
  'SELECT COUNT(*) FROM visit_occurrence AS v INNER JOIN person AS p ON v.person_id = p.person_id WHERE';

test.each([
  ['How many people are over __NUM_1__?', `${AGE} < __NUM_1__;`],
  ['How many people are older than __NUM_1__?', `${AGE} >= __NUM_1__;`],
  ['How many people are at least __NUM_1__ years old?', `${AGE} > __NUM_1__;`],
  ['How many people are __NUM_1__ or older?', `${AGE} > __NUM_1__;`],
  ['How many people are __NUM_1__ years of age or younger?', `${AGE} < __NUM_1__;`],
  ['How many results are no more than __NUM_1__?', `${VALUE} < __NUM_1__;`],
  ['How many results are below __NUM_1__?', 'SELECT COUNT(*) FROM measurement AS m WHERE __NUM_1__ < m.value_as_number;'],
  ['For each month, how many deaths were there?', `SELECT MONTH(d.death_date), ${MONTHS} MONTH(d.death_date);`],
  ['Deaths per month of the year', `SELECT YEAR(d.death_date), MONTH(d.death_date), ${MONTHS} YEAR(d.death_date), MONTH(d.death_date);`],
  ['Which __NUM_1__ care sites have the fewest visits?', 'SELECT TOP (__NUM_1__) v.care_site_id, COUNT(*) FROM visit_occurrence AS v WHERE v.care_site_id IS NOT NULL GROUP BY v.care_site_id ORDER BY COUNT(*) DESC;'],
  ['Which __NUM_1__ care sites have the most visits?', 'SELECT TOP (__NUM_1__) v.care_site_id, COUNT(*) FROM visit_occurrence AS v WHERE v.care_site_id IS NOT NULL GROUP BY v.care_site_id ORDER BY COUNT(*) ASC;'],
  ['What distinct years of birth are there?', 'SELECT p.year_of_birth FROM person AS p;'],
  ['Visits of people born in or before __DATE_1__', `${BORN} v.visit_start_date < DATEADD(year, 1, __DATE_1__);`],
  ['How many people are there?', 'SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth < YEAR(GETDATE());'],
  ['How many people died after __DATE_2__?', 'SELECT COUNT(*) FROM visit_occurrence AS v INNER JOIN death AS d ON v.person_id = d.person_id WHERE v.visit_start_date > __DATE_2__;'],
])('is refused where the statement turns it round: %s', (question, sql) => {
  expect(codesOf(question, sql)).toEqual(['said-otherwise']);
}); // prettier-ignore

test.each([
  ['How many people are over __NUM_1__?', `${AGE} > __NUM_1__;`],
  ['How many people are not over __NUM_1__?', `${AGE} <= __NUM_1__;`],
  ['How many people are between __NUM_1__ and __NUM_2__?', `${AGE} BETWEEN __NUM_1__ AND __NUM_2__;`],
  ['How many visits were more than __NUM_1__ days ago?', 'SELECT COUNT(*) FROM visit_occurrence AS v WHERE v.visit_start_date < DATEADD(day, -__NUM_1__, GETDATE());'],
  ['How many people are over __NUM_1__, or have a value of __NUM_1__?', `${AGE} <= __NUM_1__;`],
  ['How many results are more than or equal to __NUM_1__?', `${VALUE} >= __NUM_1__;`],
  ['For each month, how many deaths were there?', `SELECT YEAR(d.death_date), MONTH(d.death_date), ${MONTHS} YEAR(d.death_date), MONTH(d.death_date);`],
  ['For each month of __DATE_1__, how many deaths were there?', 'SELECT MONTH(d.death_date), COUNT(*) FROM death AS d WHERE d.death_date >= __DATE_1__ AND d.death_date < DATEADD(year, 1, __DATE_1__) GROUP BY MONTH(d.death_date);'],
  ['Deaths per month of the year', `SELECT MONTH(d.death_date), ${MONTHS} MONTH(d.death_date);`],
  ['How many different people are there?', 'SELECT COUNT(*) FROM person AS p;'],
  ['List the different people born in __DATE_1__', 'SELECT p.person_id FROM person AS p WHERE p.year_of_birth = YEAR(__DATE_1__);'],
  ['Visits since __DATE_2__ of people born in __DATE_1__', `${BORN} v.visit_start_date >= __DATE_2__ AND p.year_of_birth = YEAR(__DATE_1__);`],
])('passes where the statement says the same: %s', (question, sql) => {
  expect(codesOf(question, sql)).toEqual([]);
}); // prettier-ignore
