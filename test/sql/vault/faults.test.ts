import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { ValueList } from '../../../src/data/values/value-list.js';
import { extract, knowledgeOf, restore, type VaultOptions } from '../../../src/sql/vault/index.js';

// Each test notices a planted fault that no other test did (test/mutants/sql.ts).

const omop = loadBundle('schemas/omop_cdm_5_4.json');
const knowledge = knowledgeOf(omop);

/** The values of a question, as `kind value`. */
function valuesOf(question: string, options: VaultOptions = {}): string[] {
  return extract(question, options).placeholders.map(({ kind, value }) => `${kind} ${value}`);
}

/** The texts of a question's values, where the schema is known. */
function textsOf(question: string): string[] {
  return extract(question, { knowledge }).placeholders.map(({ text }) => text);
}

describe('a decade', () => {
  test.each([
    ['visits prior to the 1990s', ['year 1990']],
    ['visits before the 1990s', ['year 1990']],
    ['visits up to the 1990s', ['year 1999']],
    ['visits from 1985 to the 1990s', ['year 1985', 'year 1999']],
    ['prior visits in the 1990s', ['year 1990', 'year 1999']],
    ['wards of the 1990s-era', ['year 1990', 'year 1999']],
    ['the 1990s - all of them', ['year 1990', 'year 1999']],
    ['visits in the 1990s-2000s', ['year 1990', 'year 2009']],
  ])('ends where the words around it say: %s', (question, values) => {
    expect(valuesOf(question)).toEqual(values);
  });
});

describe('eight digits after a word that joins', () => {
  test.each([
    ['and 22001002', ['key 22001002']],
    ['patients and 22001002', ['key 22001002']],
    ['between 12345678 and 22001002', ['threshold 12345678', 'threshold 22001002']],
    ['from 20240102 and 22001002', ['date 2024-01-02', 'date 2200-10-02']],
  ])('are a day only beside another day: %s', (question, values) => {
    expect(valuesOf(question)).toEqual(values);
  });
});

test('one digit after a # is an ID, and letters are not', () => {
  expect(valuesOf('Show #7')).toEqual(['key 7']);
  expect(valuesOf('Show #abc')).toEqual([]);
});

test('nouns that end in y have their plural', () => {
  expect(valuesOf('studies 14 and 15')).toEqual(['key 14', 'key 15']);
  expect(valuesOf('policies 44 and 45')).toEqual(['key 44', 'key 45']);
});

test('a stage with a point is a number, and a whole one stays', () => {
  expect(valuesOf('patients with stage 2.5')).toEqual(['threshold 2.5']);
  expect(valuesOf('patients in phase 1.5')).toEqual(['threshold 1.5']);
  expect(valuesOf('patients with stage 2')).toEqual([]);
});

test('a holiday that has no fixed day is asked for with its name', () => {
  const [entry] = extract('admissions on Labor Day 2020').placeholders;
  expect(entry).toMatchObject({ kind: 'unread-time', text: 'Labor Day 2020' });
  expect(extract('Visits by Day 2020').placeholders.map(({ kind }) => kind)).toEqual(['threshold']);
});

test('the order of a date that was chosen is no advice to choose one', () => {
  const noteOf = (options: VaultOptions): string => extract('on 03/04/2024', options).notes[0]!.message;
  expect(noteOf({ dateOrder: 'dmy' })).toMatch(/day\/month\/year; as requested$/);
  expect(noteOf({})).toContain('--date-order');
});

describe('a status', () => {
  test.each([
    ['encounters with discharge status expired', ['mention expired']],
    ['encounters with discharge status expired in March 2021', ['mention expired', 'month 2021-03']],
    ['encounters with discharge status expired please', []],
  ])('is the last word before a function word or the end: %s', (question, values) => {
    expect(valuesOf(question, { knowledge })).toEqual(values);
  });
});

test('contrast belongs to the name of an examination, and a drip does not', () => {
  expect(textsOf('patients who had angiography with iv contrast')).toEqual(['angiography with iv contrast']);
  expect(textsOf('patients who had angiography with iv drip')).toEqual(['angiography', 'iv drip']);
});

test('a name in capitals goes on over words of the question', () => {
  expect(textsOf('admissions on Labor Day')).toEqual(['Labor Day']);
});

test('a day that no calendar has is an invalid date with four digits of a year, and an ID with two', () => {
  expect(valuesOf('patient 2/30/2024')).toEqual(['invalid-date 2/30/2024']);
  expect(valuesOf('patient 2/30/24')).toEqual(['patient 2/30/24']);
});

describe('a time after a day', () => {
  test.each([
    ['visits on 3/5/24-8:00', ['key 3/5/24-8:00']],
    ['visits on 3/5/24_8:00', ['key 3/5/24_8:00']],
    ['visits on 2024-03-05 8:00-17:00', ['timestamp 2024-03-05T08:00:00', 'time 17:00:00']],
  ])('is joined to it by a hyphen only where a range of times has begun: %s', (question, values) => {
    expect(valuesOf(question)).toEqual(values);
  });
});

test('a decade has an apostrophe of either form', () => {
  expect(valuesOf("visits in the 1990's")).toEqual(['year 1990', 'year 1999']);
  expect(valuesOf('visits in the 1990’s')).toEqual(['year 1990', 'year 1999']);
});

describe('a list of IDs', () => {
  test.each([
    ['patients 12345 and 12,345', ['patient 12345', 'threshold 12345']],
    ['MRN A001 or DEF', ['mrn A001']],
  ])('takes in neither a number with a comma nor letters alone: %s', (question, values) => {
    expect(valuesOf(question)).toEqual(values);
  });
});

describe('digits with a unit', () => {
  test.each([
    ['order 10mg', ['threshold 10']],
    ['order 5h', []],
    ['visits 12yo', ['threshold 12']],
  ])('are no ID: %s', (question, values) => {
    expect(valuesOf(question)).toEqual(values);
  });
});

test('words that only a part of a placeholder stood for are written back where they still stand', () => {
  const { question, placeholders } = extract('visits in the last half a year');
  const [{ name, spans }] = placeholders as [(typeof placeholders)[0]];
  const { after, text } = spans[0]!;
  expect(question).toContain(`${name}${after}`);
  expect(restore(`since ${name}${after}, sorted`, placeholders)).toBe(`since ${text}, sorted`);
  expect(restore(`since ${name}, sorted`, placeholders)).toBe(`since ${text}, sorted`);
});

test('of two numbers after a stage, the one that counts something is no stage', () => {
  expect(valuesOf('patients with stage 2 or 3 days')).toEqual(['count 3']);
  expect(valuesOf('patients with stage 2 or 3')).toEqual([]);
});

test('only `weekday` is what rows are grouped by', () => {
  expect(valuesOf('visits by weekday')).toEqual([]);
  expect(valuesOf('admissions on a weekday')).toEqual(['unread-time weekday']);
  expect(valuesOf('visits by weekend')).toEqual(['unread-time weekend']);
});

describe('a name takes in an adjective', () => {
  test.each([
    ['patients who had a total hip', ['total hip']],
    ['days with low output and sepsis', ['sepsis']],
  ])('that one of the two words after it makes part of it: %s', (question, texts) => {
    expect(textsOf(question)).toEqual(texts);
  });
});

test('a person’s name ends at a comma, and before a code', () => {
  expect(textsOf('visits of patient Mara Lindholm, Anna Berg')).toEqual(['Mara Lindholm', 'Anna Berg']);
  expect(textsOf('visits of patient Mara Lindholm E11.9')).toEqual(['Mara Lindholm', 'E11.9']);
});

test('after a word that is no part of a name, an ID with a unit is no dose of it', () => {
  expect(textsOf('patients given heparin record 3-4-5 mg zolpidem')).toEqual([
    'heparin',
    '3-4-5',
    'zolpidem',
  ]);
});

test('a name begins with its amount', () => {
  expect(textsOf('How many 5% dextrose orders')).toEqual(['5% dextrose']);
  expect(textsOf('24 hr creatinine over 5')).toEqual(['24 hr creatinine', '5']);
});

test('before an open word, a misspelled word is mended if it announces a value', () => {
  expect(textsOf('patients who recieved aspirin')).toEqual(['aspirin']);
  expect(textsOf('records of steven sepulveda')).toEqual(['steven sepulveda']);
});

test('only a word that nothing explains has another name in the database', () => {
  const list = new ValueList([{ table: 'concept', column: 'concept_name', values: ['emergency room'] }]);
  const valueOf = (question: string): string[] => valuesOf(question, { knowledge: knowledgeOf(omop, list) });
  expect(valueOf('Was patient 8103 in the ER?')).toEqual(['patient 8103', 'value emergency room']);
});
