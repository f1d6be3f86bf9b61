import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { ValueList } from '../../../src/data/values/value-list.js';
import { judge } from '../../../src/sql/answerable/gate.js';
import { extract, knowledgeOf, restore } from '../../../src/sql/vault/index.js';

const bundle = loadBundle('omop_cdm_5_4');
const plain = knowledgeOf(bundle);
const values = [
  'zolvexin 20 MG Oral Tablet',
  'zolvexin 40 MG Oral Tablet',
  'marlotide 5 MG',
  'Female infertility',
  'patients',
  'in',
];
const listed = knowledgeOf(
  bundle,
  new ValueList([
    { table: 'concept', column: 'concept_name', values },
    { table: 'location', column: 'state', values: ['IN', 'OR'] },
  ]),
);

function hidden(question: string, knowledge = plain): string[] {
  return extract(question, { knowledge }).placeholders.map(({ text }) => text);
}

test.each<[string, string[]]>([
  ['patients on gliptins', ['gliptins']],
  ['patients with COVID-19 pneumonia', ['COVID-19 pneumonia']],
  ['patients with type 1 diabetes on insulin', ['type 1 diabetes', 'insulin']],
  ['patients with diabetes type 2', ['diabetes type 2']],
  ['patients from New Orleans', ['New Orleans']],
  ['patients living in Salt Lake City', ['Salt Lake City']],
  ['patients with a stress fracture', ['stress fracture']],
  ['patients with second degree burns', ['second degree burns']],
  ['patients given lead', ['lead']],
  ['patients with a history of falls', ['falls']],
  ['patients with fracture of the right femur', ['fracture of the right femur']],
  ['patients with injury to the spleen', ['injury to the spleen']],
  ['patients given heparin as well as morphine', ['heparin', 'morphine']],
  ['patients given heparin & morphine', ['heparin', 'morphine']],
  ['patients who are Hispanic or Latino', ['Hispanic or Latino']],
  ['white or asian patients', ['white', 'asian']],
  ['When did patient Ana Núñez last get codeine?', ['Ana Núñez', 'codeine']],
  ['Did Ludwig van Houten get codeine?', ['Ludwig van Houten', 'codeine']],
  ['visits with Dr. Lindqvist', ['Dr. Lindqvist']],
  ["patients treated at St. Luke's", ["St. Luke's"]],
  ['patients called April', ['April']],
])('the whole name leaves the question: %s', (question, expected) => {
  expect(hidden(question)).toEqual(expected);
});

test.each([
  'zolvexin 10 mg',
  'zolvexin 2.5mg',
  'zolvexin 100 units/mL',
  'zolvexin-marlotide 5-325 mg',
  'zolvexin 2 g in 100 mL',
  'zolvexin 25 mcg/hr patch',
])('a drug and its dose are one value: %s', (drug) => {
  expect(hidden(`patients given ${drug}`)).toEqual([drug]);
});

test.each([
  'How many visits took place?',
  'Show the total number of visits',
  'Which patients were given treatment?',
  'patients on file',
  'patients with the most visits',
])('a question without values keeps its words: %s', (question) => {
  expect(hidden(question)).toEqual([]);
});

describe('a misspelled word', () => {
  const question = 'how many pateints were daignosed with gout';

  test('is read as it was meant, and the question can be restored', () => {
    const result = extract(question, { knowledge: plain });
    expect(result.read).toBe('how many patients were diagnosed with __TEXT_1__');
    expect(restore(result.question, result.placeholders)).toBe(question);
  });

  test.each([
    question,
    'How many patients were gIvEn cOdEiNe?',
    'patients given κωδεΐνη',
    'patient named 王小明',
  ])('and odd spelling do not make the gate refuse: %s', (asked) => {
    const index = new SchemaIndex(bundle);
    expect(judge(extract(asked, { knowledge: plain }), index, { threshold: 1 }).reasons).toEqual([]);
  });

  test('after a word that announces a value is none', () => {
    expect(hidden('patients on medicaton')).toEqual(['medicaton']);
  });
});

describe('with values of the database', () => {
  test('the beginning of several stays as written, and the note counts them', () => {
    const { placeholders, notes } = extract('patients given zolvexin', { knowledge: listed });
    expect(placeholders).toMatchObject([{ value: 'zolvexin', columns: ['concept.concept_name'] }]);
    expect(placeholders[0]!.literals).toBeUndefined();
    expect(notes).toMatchObject([
      { code: 'several-values', message: expect.stringContaining('2 values') as string },
    ]);
  });

  test('the beginning of one is that value, and the note quotes it', () => {
    const { placeholders, notes } = extract('patients given marlotide', { knowledge: listed });
    expect(placeholders).toMatchObject([{ value: 'marlotide 5 MG' }]);
    expect(notes).toMatchObject([
      { code: 'longer-value', message: expect.stringContaining("'marlotide 5 MG'") as string },
    ]);
  });

  test('another dose than theirs is kept', () => {
    const { placeholders, notes } = extract('patients given marlotide 10 mg', { knowledge: listed });
    expect(placeholders).toMatchObject([{ value: 'marlotide 10 mg' }]);
    expect(notes.map(({ code }) => code)).toEqual(['several-values']);
  });

  test('a coded meaning comes before the beginning of a label', () => {
    expect(extract('female patients', { knowledge: listed }).placeholders).toMatchObject([
      { kind: 'code', value: 'female' },
    ]);
  });

  test('a word of grammar is a value only in capitals', () => {
    expect(hidden('patients in the state', listed)).toEqual([]);
    expect(hidden('patients whose state is IN', listed)).toEqual(['IN']);
  });
});
