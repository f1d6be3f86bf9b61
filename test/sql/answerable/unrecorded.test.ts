import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { judge, type RefusalReason } from '../../../src/sql/answerable/gate.js';
import { CALIBRATION_FILE, loadCalibration } from '../../../src/sql/answerable/load.js';
import { unrecordedIn } from '../../../src/sql/answerable/unrecorded.js';
import { extract, knowledgeOf } from '../../../src/sql/vault/index.js';

const indexes = new Map<string, SchemaIndex>();
const { threshold } = (await loadCalibration(CALIBRATION_FILE))!;

function indexOf(schema: string): SchemaIndex {
  let index = indexes.get(schema);
  if (index === undefined)
    indexes.set(schema, (index = new SchemaIndex(loadBundle(`schemas/${schema}.json`))));
  return index;
}

function reasonsAgainst(question: string, schema: string): RefusalReason[] {
  const index = indexOf(schema);
  return judge(extract(question, { knowledge: knowledgeOf(index.bundle) }), index, { threshold }).reasons;
}

describe('what no table keeps is found by how it is asked:', () => {
  test.each([
    ['the unit that patient __ID_1__ may be moved to', 'may', 'mimic_iv'],
    ['drugs that can be taken at night', 'can', 'mimic_iv'],
    ['how many beds are still free', 'still free', 'mimic_iv'],
    ['opening hours of the clinic', 'opening', 'mimic_iv'],
    ['how long did the hip repair take', 'how long', 'i2b2'],
    ['average duration of the surgery, or surgery duration', 'duration', 'i2b2'],
    ['visits to another clinic', 'another clinic', 'mimic_iv'],
    ['address of patient __ID_1__', 'address', 'mimic_iv'],
    ["patient __ID_1__'s home address", 'address', 'mimic_iv'],
    ['location of the hospital', 'location of the hospital', 'mimic_iv'],
    ['place of birth of patient __ID_1__', 'place of birth', 'mimic_iv'],
    ['reasons for the transfer', 'reasons', 'i2b2'],
    ['surgical outcomes of men', 'outcomes', 'i2b2'],
    ['quality of care on the ward', 'quality', 'mimic_iv'],
    ['blood group of patient __ID_1__', 'blood group', 'mimic_iv'],
    ['ICD-11 codes of the year', 'icd-11', 'mimic_iv'],
    ['women who have two children', 'children', 'mimic_iv'],
    ['is patient __ID_1__ married to another patient', 'married to', 'mimic_iv'],
    ['factors that affect the stay', 'factors', 'mimic_iv'],
    ['impact of age on the stay', 'impact', 'mimic_iv'],
    ['drugs that work slowly', 'slowly', 'mimic_iv'],
    ['which nurse walks the fastest', 'fastest', 'mimic_iv'],
    ['which surgeon is the most careful', 'most careful', 'mimic_iv'],
    ['Who invented the stethoscope?', 'who invented', 'mimic_iv'],
    ['Who wrote Faust?', 'who wrote', 'mimic_iv'],
  ])('%s', (question, said, schema) => {
    expect(unrecordedIn(question, indexOf(schema))).toEqual([said]);
  });

  test.each([
    ['address of patient __ID_1__', 'synthea'],
    ['place of birth of patient __ID_1__', 'synthea'],
    ['reasons for the procedure', 'synthea'],
    ['how long did the hip repair take', 'synthea'],
    ['location of the care site', 'omop_cdm_5_4'],
    ['is person __ID_1__ related to another person', 'openmrs_2_8'],
    ['patients admitted from another hospital', 'mimic_iv'],
    ['Can you list the drugs that were given?', 'mimic_iv'],
    ['patients with a child birth', 'mimic_iv'],
    ['which doctor is the most recent', 'mimic_iv'],
    ['Who wrote the order?', 'mimic_iv'],
  ])('but not where a schema keeps it, or where it means something else: %s', (question, schema) => {
    expect(unrecordedIn(question, indexOf(schema))).toEqual([]);
  });
});

describe('another field is seen', () => {
  test.each([
    ['How many runs did the team score?', 'synthea'],
    ['noise level in Geneva', 'mimic_iv'],
    ['number of matches lost by the club', 'pcornet_4_1'],
    ['How many people heard the concert in 2018?', 'openmrs_2_8'],
    ['How many documents does the folder have?', 'mimic_iv'],
    ['Cluster the visits by age', 'omop_cdm_5_4'],
    ['Which sprinters finished in the rain?', 'omop_cdm_5_4'],
  ])('in words that stay in the question, in names, and in two words together: %s', (question, schema) => {
    expect(reasonsAgainst(question, schema).map(({ code }) => code)).toContain('not-in-schema');
  });

  test.each([
    ['patients who completed chemotherapy', 'synthea'],
    ['MRI scans 2016-2019', 'omop_cdm_5_4'],
    ['Which organisms grew in the urine?', 'mimic_iv'],
    ['list the ids of the visits', 'omop_cdm_5_4'],
    ['How many came for a visit in 2020?', 'omop_cdm_5_4'],
    ['Which providers specialise in surgery?', 'pcornet_4_1'],
  ])('and questions of the field pass: %s', (question, schema) => {
    expect(reasonsAgainst(question, schema)).toEqual([]);
  });
});

test('what a value indicates is asked of no database', () => {
  const [reason] = reasonsAgainst('What does a creatinine of 2.5 indicate?', 'mimic_iv');
  expect(reason!.code).toBe('no-query');
});

test('a refusal names the words in the clear, and no word of a hidden name', () => {
  const [reason] = reasonsAgainst('air quality in Geneva', 'synthea');
  expect(reason!.message).toContain("'quality'");
  expect(reason!.message).not.toMatch(/\bair\b|geneva/i);
});

test('a word that was read as another one is judged as it was written', () => {
  const [reason] = reasonsAgainst('How many people heard the concert in 2018?', 'openmrs_2_8');
  expect(reason!.message).toContain("'concert'");
});
