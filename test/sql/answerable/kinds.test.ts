import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { judge } from '../../../src/sql/answerable/gate.js';
import { extract, knowledgeOf } from '../../../src/sql/vault/index.js';

const omop = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const synthea = new SchemaIndex(loadBundle('synthea'));
const pcornet = new SchemaIndex(loadBundle('pcornet_4_1'));

const codes = (question: string, index = omop): string[] =>
  judge(extract(question, { knowledge: knowledgeOf(index.bundle) }), index, { threshold: 0.7 }).reasons.map(
    ({ code }) => code,
  );

describe('a question about care is not refused', () => {
  test.each([
    'how often was endoscopy performed in 2019?',
    'does anybody have scurvy?',
    'did anyone have both rubella and tetanus?',
    'average ferritin for diabetics',
    'mean ejection fraction in 2017',
    'people with latex allergy',
    'patients who had an endoscopy but no lung biopsy',
    'patients with 3 doses',
    'people with no known allergies',
    'who got a vaccine?',
    'who had an appendectomy',
    'wound swabs',
    'how many liver biopsies were taken in 2018?',
    'pts on digoxin and furosemide',
    'bleeding time above 9',
    'how many times was patient 12 admitted',
    'which patients vomited in 2019?',
    'patients who declined heparin',
    'patients injured by a motorcycle',
    'persons with tennis elbow',
    'MRSA screens 2014-2016',
    'pacemakers 2011-2013',
    'colonoscopies 2011 to 2013 in women',
  ])('%s', (question) => {
    expect(codes(question)).toEqual([]);
  });

  test('by what the schema calls otherwise', () => {
    expect(codes('rabies vaccine doses per year', pcornet)).toEqual([]);
  });

  test('by what was done or left out', () => {
    expect(codes('men over 60 with no endoscopy since 2012', synthea)).toEqual([]);
  });
});

describe('a question is refused that', () => {
  test.each([
    ['drugs given to at least 20 different people', 'needs-having'],
    ['what was prescribed most often in each state?', 'needs-window'],
    ['change from first to last ferritin of each patient', 'needs-window'],
    ['patients who took every drug', 'needs-subquery'],
    ['patients with a stay longer than their previous one', 'needs-subquery'],
    ['visits within 3 days of the previous visit', 'needs-subquery'],
    ['patients who share the same birthday', 'needs-subquery'],
    ['a list of all visits plus a list of all deaths', 'needs-union'],
    ['list doctors and list patients', 'needs-union'],
    ['how much insulin is too much for a child?', 'no-query'],
    ['which players scored the most?', 'not-in-schema'],
    ['which players were seen?', 'not-in-schema'],
    ['what is 12 times 7?', 'not-in-schema'],
    ['how satisfied were the nurses?', 'not-in-schema'],
    ['delivery time of the parcels', 'not-in-schema'],
    ['which physician is slower?', 'not-in-schema'],
    ['which clinicians are rude', 'not-in-schema'],
    ['what time is the sale', 'not-in-schema'],
    ['average delivery time in 2020', 'not-in-schema'],
    ['average speed of the elevator to the ward', 'not-in-schema'],
    ['how large is the swimming pool', 'not-in-schema'],
    ['the humidity in Lisbon', 'not-in-schema'],
    ['which nurse grins the most', 'not-in-schema'],
    ['which physicians juggle?', 'not-in-schema'],
    ['who drives a convertible?', 'not-in-schema'],
    ['number of umbrellas in the lobby', 'not-in-schema'],
  ])('%s', (question, code) => {
    expect(codes(question)[0]).toBe(code);
  });

  test('counts a patient by events that other tables keep as numbers', () => {
    expect(codes('patients with exactly 4 encounters', synthea)).toEqual(['needs-having']);
    expect(codes('organizations with more than 400 encounters', synthea)).toEqual([]);
  });
});

test.each([
  'days between the first and last visit of each patient',
  'number of visits per care site',
  'list all visits of the previous month',
  'cost of every visit in 2019',
  'patients who had all of their visits recorded',
])('what one SELECT can do is not refused: %s', (question) => {
  expect(codes(question)).toEqual([]);
});
