import { describe, expect, test } from 'vitest';
import { extract, restore } from '../../../src/sql/vault/index.js';

/** Masked question, values in order, and codes of the notes. */
function read(question: string): [string, string[], string[]] {
  const { question: masked, placeholders, notes } = extract(question);
  expect(restore(masked, placeholders)).toBe(question);
  return [
    masked.replaceAll('__', ''),
    placeholders.map(({ kind, value }) => `${kind} ${value}`),
    notes.map(({ code }) => code),
  ];
}

describe('a decade is its ten years', () => {
  test.each([
    ['born in the 1970s', 'born from DATE_1 to DATE_2', ['year 1970', 'year 1979']],
    ['deaths in the 2140s', 'deaths from DATE_1 to DATE_2', ['year 2140', 'year 2149']],
    ["visits of the 1990's", 'visits from DATE_1 to DATE_2', ['year 1990', 'year 1999']],
    ['stays during the nineteen sixties', 'stays from DATE_1 to DATE_2', ['year 1960', 'year 1969']],
    ['born before the 1960s', 'born before DATE_1', ['year 1960']],
    ['born since the 1960s', 'born since DATE_1', ['year 1960']],
    ['born after the 1960s', 'born after DATE_1', ['year 1969']],
    ['born until the 1960s', 'born until DATE_1', ['year 1969']],
    ['between the 1960s and the 1970s', 'between DATE_1 and DATE_2', ['year 1960', 'year 1979']],
    ['from 1955 to the 1970s', 'from DATE_1 to DATE_2', ['year 1955', 'year 1979']],
  ])('%s', (question, masked, values) => {
    const [seen, found, codes] = read(question);
    expect([seen, found]).toEqual([masked, values]);
    expect(new Set(codes)).toEqual(new Set(['decade']));
  });

  test.each([
    ["died in the '70s", 'died from DATE_1 to DATE_2', ['year 1970', 'year 1979']],
    ['born in the 60s', 'born from DATE_1 to DATE_2', ['year 1960', 'year 1969']],
    ['born in the sixties', 'born from DATE_1 to DATE_2', ['year 1960', 'year 1969']],
  ])('%s: the century is noted', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, ['decade', 'two-digit-year']]);
  });

  test.each(['heart rate in the 90s', 'patients in the seventies', 'in the late 1970s'])(
    '%s is asked for',
    (question) => {
      const [, values, codes] = read(question);
      expect(codes).toEqual(['unread-time']);
      expect(values[0]).toMatch(/^unread-time /);
    },
  );
});

describe('a part of a decade of ages is narrowed, with a note', () => {
  test.each([
    ['women in their mid thirties', 'women aged NUM_1 to NUM_2', ['age 34', 'age 36']],
    ['men in their early 60s', 'men aged NUM_1 to NUM_2', ['age 60', 'age 63']],
    ['people in their late teens', 'people aged NUM_1 to NUM_2', ['age 17', 'age 19']],
    ['people in their mid-to-late 50s', 'people aged NUM_1 to NUM_2', ['age 54', 'age 59']],
  ])('%s', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, ['age-range']]);
  });

  test('a whole decade of ages needs no note', () => {
    expect(read('women aged in the 30s')).toEqual(['women aged NUM_1 to NUM_2', ['age 30', 'age 39'], []]);
  });
});

describe('halves of a year and weeks of ISO 8601 give both ends', () => {
  test.each([
    ['stays in H2 2021', 'stays from DATE_1 to DATE_2', ['quarter 2021-Q3', 'quarter 2021-Q4']],
    [
      'stays in the first half of 2107',
      'stays from DATE_1 to DATE_2',
      ['quarter 2107-Q1', 'quarter 2107-Q2'],
    ],
    ['stays until 1H 2021', 'stays until DATE_1', ['quarter 2021-Q2']],
    ['between H1 2020 and H1 2021', 'between DATE_1 and DATE_2', ['quarter 2020-Q1', 'quarter 2021-Q2']],
    ['stays in 2021-W01', 'stays from DATE_1 to DATE_2', ['date 2021-01-04', 'date 2021-01-10']],
    ['stays in ISO week 53 of 2020', 'stays from DATE_1 to DATE_2', ['date 2020-12-28', 'date 2021-01-03']],
  ])('%s', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, []]);
  });

  test('there is no week 53 in a year of 52', () => {
    expect(read('stays in ISO week 53 of 2021')[1]).not.toContain('date 2022-01-03');
  });
});

describe('a span of time that needs another unit is converted exactly', () => {
  test.each([
    ['in the last three and a half years', 'in the last NUM_1 months', ['count 42']],
    ['1.5 years ago', 'NUM_1 months ago', ['count 18']],
    ['over 2½ weeks ago', 'over NUM_1 hours ago', ['count 420']],
    ['half a year ago', 'NUM_1 months ago', ['count 6']],
    ['an hour and a half ago', 'NUM_1 minutes ago', ['count 90']],
    ['three fortnights ago', 'NUM_1 days ago', ['count 42']],
    ['in the past fortnight', 'in the past NUM_1 days', ['count 14']],
    ['three decades ago', 'NUM_1 years ago', ['count 30']],
    ['stayed longer than 1.5 days', 'stayed longer than NUM_1 days', ['threshold 1.5']],
  ])('%s', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, []]);
  });

  test('a couple is two, with a note', () => {
    expect(read('a couple of days ago')).toEqual(['NUM_1 days ago', ['count 2'], ['loose-amount']]);
  });

  test('half a month is asked for', () => {
    expect(read('in the last two and a half months')[2]).toEqual(['unread-time']);
  });
});

describe('a day that does not exist is asked for', () => {
  test.each(['31 June 2019', '30 February', 'February 29, 2023', '2023-04-31', '31/04/2023'])('%s', (day) => {
    const { placeholders } = extract(`stays on ${day}`);
    expect(placeholders).toMatchObject([{ kind: 'invalid-date', value: day }]);
    expect(placeholders[0]!.name).toBe('__TEXT_1__');
  });
});

test('a message quotes words of time without their digits', () => {
  for (const { message } of extract('in the late 1970s or 1.5 months ago').notes)
    expect(message).not.toMatch(/1970|1\.5/);
});
