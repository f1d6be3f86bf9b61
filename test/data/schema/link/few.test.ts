import { describe, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import type { PlaceholderInfo } from '../../../../src/data/placeholder.js';
import { linkSchema } from '../../../../src/data/schema/link/link.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { covers, type SchemaSelection } from '../../../../src/data/schema/selection.js';

const load = (name: string): SchemaIndex =>
  new SchemaIndex(loadBundle(fileURLToPath(new URL(`../../../../schemas/${name}.json`, import.meta.url))));
const omop = load('omop_cdm_5_4');
const mimic = load('mimic_iv');
const pcornet = load('pcornet_4_1');

const few = (question: string, index: SchemaIndex, placeholders: PlaceholderInfo[] = []): SchemaSelection =>
  linkSchema(question, index, {
    maxTables: 6,
    maxColumnsPerTable: 10,
    tokenBudget: 1e9,
    countTokens: () => 0,
    placeholders,
  });
const tablesOf = (selection: SchemaSelection): string[] => selection.tables.map(({ table }) => table.name);

describe('where tables are few', () => {
  const visitTo: [string, string[]] = ['visit_occurrence', ['person_id', 'discharged_to_concept_id']];
  const visitFrom: [string, string[]] = ['visit_occurrence', ['person_id', 'admitted_from_concept_id']];
  const visitLength: [string, string[]] = ['visit_occurrence', ['visit_start_date', 'visit_end_date']];
  const observation: [string, string[]] = ['observation', ['person_id', 'observation_concept_id']];
  const device: [string, string[]] = ['device_exposure', ['person_id', 'device_concept_id']];
  const home: [string, string[]][] = [
    ['person', ['location_id']],
    ['location', ['location_id', 'city']],
  ];
  const condition: [string, string[]] = ['condition_occurrence', ['person_id', 'condition_concept_id']];
  const procedure: [string, string[]] = ['procedure_occurrence', ['person_id', 'procedure_concept_id']];
  const drug: [string, string[]] = ['drug_exposure', ['person_id', 'drug_concept_id']];
  const lab: [string, string[]] = ['measurement', ['measurement_concept_id', 'value_as_number']];

  test.each<[string, string, SchemaIndex, [string, string[]][]]>([
    ['where patients went', 'Which women were discharged to __TEXT_1__ in __DATE_1__?', omop, [visitTo]],
    ['where patients went', 'Of whom do we know a discharge to __TEXT_1__?', mimic, [['admissions', ['subject_id']]]],
    ['where patients went', 'men sent to a __TEXT_1__ after __DATE_1__', pcornet, [['encounter', ['PATID', 'DISCHARGE_STATUS']]]],
    ['where patients came from', 'the ages of people admitted from __TEXT_1__', omop, [visitFrom]],
    ['where patients came from', 'people with an admission from a __TEXT_1__', mimic, [['admissions', ['admission_location']]]],
    ['what was noted', 'Whose __TEXT_1__ was noted, and who died of __TEXT_2__?', omop, [observation, ['death', ['cause_concept_id']]]],
    ['what is on record', 'people born after __DATE_1__ with __TEXT_1__ on record who had a __TEXT_2__ level over __NUM_1__', omop, [observation, lab]],
    ['devices', 'How many men used a __TEXT_1__ and had a visit that lasted over __NUM_1__ days?', omop, [device, visitLength]],
    ['devices', 'members who were fitted with an __TEXT_1__ and took __TEXT_2__', omop, [device, drug]],
    ['where people live', 'people living in __TEXT_1__ who take __TEXT_2__ and had a __TEXT_3__ level under __NUM_1__', omop, [...home, lab]],
    ['where people live', 'women residing in neither __TEXT_1__ nor __TEXT_2__ with no lab tests', omop, home],
    ['where people live', 'Which __TEXT_1__ members do not live in __TEXT_2__?', omop, home],
    ['where people are from', '__TEXT_1__ people from __TEXT_2__ who have never been admitted', omop, home],
    ['how long visits were', 'Of visits with admission from __TEXT_1__, how many lasted __NUM_1__ days?', omop, [visitFrom, visitLength]],
    ['how long visits were', 'How long was the shortest stay of patient __ID_1__?', omop, [visitLength]],
    ['diagnoses', 'women found to have __TEXT_1__ who had a stay that lasted __NUM_1__ days', omop, [condition, visitLength]],
    ['diagnoses', 'Who has __TEXT_1__, had a stay of __NUM_1__ days and died of __TEXT_2__?', omop, [condition, ['death', ['cause_concept_id']]]],
    ['procedures', 'men who had __TEXT_1__ done and a __TEXT_2__ result over __NUM_1__', omop, [procedure, lab]],
    ['a text of which nothing is said', 'Number of __TEXT_1__ for each month', omop, [procedure, condition, drug]],
    ['who was seen', 'For each race, how many were seen last month and used a __TEXT_1__?', omop, [['visit_occurrence', ['visit_start_date']], device]],
    ['ages, where columns are few', 'the age, the gender and the race of member __ID_1__', omop, [['person', ['birth_datetime', 'race_concept_id']]]],
  ])('shows %s: %s', (_what, question, index, needed) => {
    expect(covers(few(question, index), needed)).toBe(true);
  }); // prettier-ignore

  test.each([
    [
      'How many poeple are there with __TEXT_1__ recoreded and a __TEXT_2__ level over __NUM_1__?',
      'observation',
    ],
    ['Which women were dischraged to __TEXT_1__?', 'visit_occurrence'],
    ['Which men rezide in __TEXT_1__?', 'location'],
    ['Which __TEXT_1__ pattients take __TEXT_2__?', 'drug_exposure'],
  ])('a misspelled word costs no table: %s', (question, table) => {
    expect(tablesOf(few(question, omop))).toContain(table);
  });

  test.each([
    ['people who died from __TEXT_1__', 'location'],
    ['people who had __TEXT_1__ noted', 'note'],
    ['people who live in __TEXT_1__', 'death'],
    ['visits of __TEXT_1__ that lasted __NUM_1__ days', 'note_nlp'],
    ['Have any __TEXT_1__ been recorded?', 'fact_relationship'],
  ])('a word of a phrase brings no table of its own: %s', (question, table) => {
    expect(tablesOf(few(question, omop))).not.toContain(table);
  });

  const coded = (columns: string[]): PlaceholderInfo => ({
    name: '__TEXT_1__',
    kind: 'code',
    type: 'varchar',
    columns,
  });

  test('a code that patients have is a doctor’s only if the question speaks of doctors', () => {
    const gender = [coded(['person.gender_concept_id', 'provider.gender_concept_id'])];
    expect(tablesOf(few('__TEXT_1__ patients on __TEXT_2__', omop, gender))).not.toContain('provider');
    expect(tablesOf(few('__TEXT_1__ doctors by specialty', omop, gender))).toContain('provider');
  });

  test('a value whose columns are known brings what they belong to, not what the phrase would', () => {
    const placed = [coded(['d_items.label'])];
    const known = tablesOf(few('patients who had __TEXT_1__ this year', mimic, placed));
    expect(known).toEqual(expect.arrayContaining(['d_items', 'chartevents', 'icustays']));
    expect(known).not.toContain('diagnoses_icd');
    expect(tablesOf(few('patients who had __TEXT_1__ this year', mimic))).toContain('diagnoses_icd');
  });

  test('a name in the question brings the column of the patients’ names', () => {
    const index = new SchemaIndex({
      name: 'ward',
      title: 'Ward',
      version: '1',
      source: 'tests',
      licence: 'MIT',
      tables: [
        {
          name: 'patient',
          description: 'A person under care.',
          columns: ['patient_id', 'sex', 'race', 'religion', 'language', 'marital_status', 'insurance', 'ethnicity', 'full_name']
            .map((name) => ({ name, type: name === 'patient_id' ? 'int' : 'varchar(50)', nullable: name !== 'patient_id' })),
          primaryKey: ['patient_id'],
          foreignKeys: [],
        },
      ],
    }); // prettier-ignore
    const { tables } = linkSchema('the language of patient __TEXT_1__', index, {
      maxTables: 6,
      maxColumnsPerTable: 3,
    });
    expect(tables[0]!.columns.map(({ name }) => name)).toContain('full_name');
  });
});
