import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { extract, knowledgeOf, type VaultOptions } from '../../../src/sql/vault/index.js';

// Each test notices a planted fault that no other test did (test/mutants/sql.ts).

const knowledge = knowledgeOf(loadBundle('schemas/omop_cdm_5_4.json'));

/** The values of a question, as `kind value`. */
function valuesOf(question: string, options: VaultOptions = {}): string[] {
  return extract(question, options).placeholders.map(({ kind, value }) => `${kind} ${value}`);
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
  const textsOf = (question: string): string[] =>
    extract(question, { knowledge }).placeholders.map(({ text }) => text);
  expect(textsOf('patients who had angiography with iv contrast')).toEqual(['angiography with iv contrast']);
  expect(textsOf('patients who had angiography with iv drip')).toEqual(['angiography', 'iv drip']);
});

test('a name in capitals goes on over words of the question', () => {
  const textsOf = (question: string): string[] =>
    extract(question, { knowledge }).placeholders.map(({ text }) => text);
  expect(textsOf('admissions on Labor Day')).toEqual(['Labor Day']);
});
