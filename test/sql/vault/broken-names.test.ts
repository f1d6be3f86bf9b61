import { expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { extract, knowledgeOf, restore } from '../../../src/sql/vault/index.js';

const plain = knowledgeOf(loadBundle('omop_cdm_5_4'));
const synthea = knowledgeOf(loadBundle('synthea'));
const pcornet = knowledgeOf(loadBundle('pcornet_4_1'));

function hidden(question: string, knowledge = plain): string[] {
  return extract(question, { knowledge }).placeholders.map(({ text }) => text);
}

test.each<[string, string[]]>([
  ['orders for carvedilol 25mg', ['carvedilol 25mg']],
  ['patients on carbidopa/levodopa 10-100', ['carbidopa/levodopa 10-100']],
  ['patients given Norco 5/325', ['Norco 5/325']],
  ['patients who had a bronchoscopy three weeks ago', ['bronchoscopy', 'three']],
  ['patients given heparin 2 days before', ['heparin', '2']],
  ['how many people recieved oxytocin 10 units', ['oxytocin 10 units']],
  ['people exposed to zidovudine', ['zidovudine']],
  ['results flagged abnormal', ['abnormal']],
  ['anemia due to H. pylori', ['anemia due to H. pylori']],
  ['patients with CT of spine without contrast', ['CT of spine without contrast']],
  ['the ferritin of diabetics', ['ferritin', 'diabetics']],
  ['patients named Okafor, Chidi', ['Okafor, Chidi']],
  ["visits at St. Olga's Hospital in 2019", ["St. Olga's Hospital", '2019']],
  ['patients named Okafor or Lindqvist', ['Okafor', 'Lindqvist']],
  ['people with latex allergy', ['latex allergy']],
  ['patients with body mass index above 32.5', ['body mass index', '32.5']],
  ['care sites of type nursing home', ['nursing home']],
  ['patients with central venous pressure over 12', ['central venous pressure', '12']],
  ['mean thromboplastin time', ['thromboplastin time']],
  ['lowest ejection fraction', ['ejection fraction']],
  ['patients with schizoaffective disorder type II', ['schizoaffective disorder type II']],
  ['number of c-sections', ['c-sections']],
  ['patients with allergy to latex', ['allergy to latex']],
  ['ventilator associated pneumonia deaths', ['ventilator associated pneumonia']],
  ["patient KX4410F's first visit", ['KX4410F']],
  ["visits of patient 7c1d-9e-b's", ['7c1d-9e-b']],
  ["patient 0b7e2c1a-93d4-4f6b-8a21-5c6d7e8f9a0b's last visit", ['0b7e2c1a-93d4-4f6b-8a21-5c6d7e8f9a0b']],
  ['people who tested positive for norovirus', ['norovirus']],
  ['people who tested negative for listeria', ['listeria']],
  ['patients vaccinated with Vaxneuvance 15', ['Vaxneuvance 15']],
  ['patients vaccinated with Vaxneuvance 15 days ago', ['Vaxneuvance', '15']],
  ['how many peple were admitted durng 2019', ['2019']],
  ['Which seven drugs are the rarest?', ['seven']],
])('the whole value leaves the question, and no more: %s', (question, expected) => {
  expect(hidden(question)).toEqual(expected);
});

test('a verb is no part of the name of who did it', () => {
  expect(hidden('how much did Cigna pay in 2016?', synthea)).toEqual(['Cigna', '2016']);
});

test('an allergy stays outside the name where the schema has allergies', () => {
  expect(hidden('people with latex allergy', synthea)).toEqual(['latex']);
});

test('a vaccine stays outside its name where the schema has vaccines, and a plan where it has care plans', () => {
  expect(hidden('people given the rubella vaccine', synthea)).toEqual(['rubella']);
  expect(hidden('people on a diabetes care plan', synthea)).toEqual(['diabetes']);
});

test('a word of the column is its value where it says of people what they are', () => {
  expect(hidden('hispanic patients older than 60', pcornet)).toEqual(['hispanic', '60']);
  expect(hidden('people of hispanic ethnicity', pcornet)).toEqual(['hispanic']);
});

test.each<[string, string[]]>([
  ['encounters with discharge status expired', ['expired']],
  ['encounters with discharge status', []],
  ['encounters by discharge status in descending order', []],
])('a status right behind its column is a value: %s', (question, expected) => {
  expect(hidden(question, pcornet)).toEqual(expected);
});

test('a name does not take one end of a range of ages', () => {
  const question = 'ferritin 2.5 aged 70s Okafor';
  const { question: masked, placeholders } = extract(question, { knowledge: plain });
  expect(restore(masked, placeholders)).toBe(question);
  expect(placeholders.map(({ value }) => value)).toEqual(['ferritin', '2.5', '70', '79', 'Okafor']);
});
