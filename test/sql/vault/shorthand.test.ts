import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { extract, knowledgeOf, restore } from '../../../src/sql/vault/index.js';

const omop = knowledgeOf(loadBundle('omop_cdm_5_4'));
const mimic = knowledgeOf(loadBundle('mimic_iv'));

function masked(question: string, knowledge = omop): string {
  const { question: text, read, placeholders } = extract(question, { knowledge });
  expect(restore(text, placeholders)).toBe(question);
  const named = (name: string): string => placeholders.find((one) => one.name === name)?.text ?? name;
  return (read ?? text).replace(/__[A-Z]+_\d+__/g, (name) => `{${named(name)}}`);
}

describe('shorthand for a word of the question is read as that word, and in a name it stays', () => {
  test.each([
    ['pts w/ gout', 'pts with {gout}'],
    ['pts w/gout and w/o sepsis', 'pts with {gout} and without {sepsis}'],
    ['ppl s/p bypass', 'people history of {bypass}'],
    ['hx of stroke, rx’d clopidogrel', 'history of {stroke}, prescribed {clopidogrel}'],
    ["dx'd with croup thru the ER", 'diagnosed with {croup} through the {ER}'],
    ['diagnosed for hx of polyps', 'diagnosed for {hx of polyps}'],
    ['given Zolvex w/lime', 'given {Zolvex w/lime}'],
    ['34 y/o and 51 y.o. people', '{34} year old and {51} year old. people'],
    ['34y/o people', '{34y/o}yo people'],
    ['c/o nausea w/in 3 days', 'complaining of {nausea} within {3} days'],
  ])('%s', (question, read) => {
    expect(masked(question)).toBe(read);
  });

  test('with a note that says so, and no other slash is shorthand', () => {
    const { notes } = extract('pts w/ gout', { knowledge: omop });
    expect(notes.map(({ message }) => message)).toEqual([
      "'w/' (at character 4) was read as 'with' and stays in the question",
    ]);
    expect(extract('weight/height of patient 12', { knowledge: omop }).notes).toEqual([]);
  });
});

describe('what is given, found or done, by its class, is a value', () => {
  test.each([
    ['kids given a vaccine', 'kids given a {vaccine}'],
    ['who had no imaging?', 'who had no {imaging}?'],
    ['pts with no known food allergies', 'pts with {no known food allergies}'],
  ])('where the schema has no such table: %s', (question, read) => {
    expect(masked(question)).toBe(read);
  });

  test('but a word of the question where it has one, or where none was given', () => {
    const openmrs = knowledgeOf(loadBundle('openmrs_2_8'));
    expect(masked('pts with no known allergies', openmrs)).toBe('pts with no known allergies');
    expect(masked('how many vaccines are there?')).toBe('how many vaccines are there?');
  });
});

test.each([
  ['blood cultures per year', '{blood cultures} per year'],
  ['sputum cultures of patient 12', '{sputum cultures} of patient {12}'],
  ['blood gases', '{blood gases}'],
  ['cultures per ward', 'cultures per ward'],
])('the name of a test is a value where the schema has its words: %s', (question, read) => {
  expect(masked(question, mimic)).toBe(read);
});
