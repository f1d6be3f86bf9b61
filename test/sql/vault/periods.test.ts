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

describe('a time that no statement can compare is asked for', () => {
  test.each([
    ['stays since June', 'stays since TEXT_1', ['incomplete-date June']],
    ['stays in april', 'stays in TEXT_1', ['incomplete-date april']],
    ['stays in May or March', 'stays in TEXT_1 or TEXT_2', ['incomplete-date May', 'incomplete-date March']],
    ['stays at weekends', 'stays at TEXT_1', ['unread-time weekends']],
    ['stays on Fridays', 'stays on TEXT_1', ['unread-time Fridays']],
    ['stays since last Thursday', 'stays since TEXT_1', ['unread-time last Thursday']],
    ['stays in autumn 2021', 'stays in TEXT_1', ['unread-time autumn 2021']],
    ['stays during the winter of 2105', 'stays during the TEXT_1', ['unread-time winter of 2105']],
    ['stays in week 7 of 2021', 'stays in TEXT_1', ['unread-time week 7 of 2021']],
    ['the second week of July 2021', 'the TEXT_1', ['unread-time second week of July 2021']],
    ['born in the 20th century', 'born in the TEXT_1', ['unread-time 20th century']],
    ['stays around Easter 2021', 'stays around TEXT_1', ['unread-time Easter 2021']],
    ['stays in mid-2021', 'stays in TEXT_1', ['unread-time mid-2021']],
    ['stays at the end of 2021', 'stays at the TEXT_1', ['unread-time end of 2021']],
    ['admitted in the evening', 'admitted in the TEXT_1', ['unread-time evening']],
    ['admitted after half past six', 'admitted after TEXT_1', ['unread-time half past six']],
    ["at nine o'clock", 'at TEXT_1', ["unread-time nine o'clock"]],
    ['in the last few weeks', 'in the last TEXT_1 weeks', ['unread-number few']],
    ['recently admitted', 'TEXT_1 admitted', ['unread-time recently']],
    ['stays before noon', 'stays before TEXT_1', ['time 12:00:00']],
  ])('%s', (question, masked, values) => {
    const [seen, found] = read(question);
    expect([seen, found]).toEqual([masked, values]);
  });

  test.each([
    'admissions per weekday',
    'visits by day of the week',
    'may patients march?',
    'patients with April Jonesboro',
    'the most recently admitted patient',
    'a history of falls',
    'days between start and end',
    'stays by month and quarter',
    'nights in the hospital',
  ])('%s stays as it is', (question) => {
    expect(read(question)).toEqual([question, [], []]);
  });

  test('the day of the week beside a date says nothing new', () => {
    expect(read('on Tuesday, March 5, 2024')[1]).toEqual(['date 2024-03-05']);
  });
});

describe('words around a period that leave one meaning are read', () => {
  test.each([
    ['since the start of 2021', 'since DATE_1', ['year 2021']],
    ['until the end of May 2021', 'until DATE_1', ['month 2021-05']],
    ['on the last day of February 2024', 'on the DATE_1', ['date 2024-02-29']],
    ['on the first day of Q3 2021', 'on the DATE_1', ['date 2021-07-01']],
    ['in the last quarter of 2021', 'in the DATE_1', ['quarter 2021-Q4']],
    ['in the third month of 2021', 'in the DATE_1', ['month 2021-03']],
    ['on Christmas Day 2021', 'on DATE_1', ['date 2021-12-25']],
    ["on New Year's Eve 2021", 'on DATE_1', ['date 2021-12-31']],
    ['since a week ago', 'since NUM_1 week ago', ['count 1']],
    ['the day before yesterday', 'NUM_1 days ago', ['count 2']],
  ])('%s', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, []]);
  });
});

describe('numbers of other countries are one number, with a note', () => {
  test.each([
    ['a cost above 2.345,75', 'a cost above NUM_1', ['threshold 2345.75'], ['number-format']],
    ['at least 12 500 units', 'at least NUM_1 units', ['threshold 12500'], ['number-format']],
    ['below 36,8', 'below NUM_1', ['threshold 36.8'], ['number-format']],
    ['cost over 2.000.000', 'cost over NUM_1', ['threshold 2000000'], ['number-format']],
    ["cost over 3'500", 'cost over NUM_1', ['threshold 3500'], ['number-format']],
    ['cost over 2,50,000', 'cost over NUM_1', ['threshold 250000'], ['number-format']],
    ['over 6½ mg', 'over NUM_1 mg', ['threshold 6.5'], ['number-format']],
    ['over ３５ mg', 'over NUM_1 mg', ['threshold 35'], ['unusual-digits']],
    ['in ２０２１', 'in DATE_1', ['year 2021'], ['unusual-digits']],
    ['MRN ７７８８９', 'MRN ID_1', ['mrn ７７８８９'], ['unusual-digits']],
    ['over ⅔ mg', 'over TEXT_1 mg', ['unread-number ⅔'], ['unread-number']],
  ])('%s', (question, masked, values, codes) => {
    expect(read(question)).toEqual([masked, values, codes]);
  });

  test('a list of numbers stays a list', () => {
    expect(read('patients 3,7')[1]).toEqual(['patient 3', 'patient 7']);
    expect(read('over 1,500 patients')[1]).toEqual(['threshold 1500']);
  });
});

describe('a short date is read with notes, or asked for, and never an ID', () => {
  test.each([
    ['seen on 7.8.21', ['date 2021-07-08'], ['two-digit-year', 'ambiguous-date']],
    ['visits 7.8.21', ['incomplete-date 7.8.21'], ['incomplete-date']],
    ['in 4/21', ['incomplete-date 4/21'], ['incomplete-date']],
    ['on 2/31/21', ['invalid-date 2/31/21'], ['invalid-date']],
  ])('%s', (question, values, codes) => {
    expect(read(question).slice(1)).toEqual([values, codes]);
  });
});

describe('numbers, years and dates in words are read whole', () => {
  test.each([
    ['over the age of fifty-two', 'over the age of NUM_1', ['threshold 52']],
    ['above one hundred and ten mg', 'above NUM_1 mg', ['threshold 110']],
    ['below minus three', 'below NUM_1', ['threshold -3']],
    ['above thirty-seven point two', 'above NUM_1', ['threshold 37.2']],
    ['between six and nine mg', 'between NUM_1 and NUM_2 mg', ['threshold 6', 'threshold 9']],
    ['in two thousand and eighteen', 'in DATE_1', ['year 2018']],
    ['since twenty nineteen', 'since DATE_1', ['year 2019']],
    ['on the third of June two thousand and six', 'on the DATE_1', ['date 2006-06-03']],
    ['on July fourth, 2017', 'on DATE_1', ['date 2017-07-04']],
  ])('%s', (question, masked, values) => {
    expect(read(question)).toEqual([masked, values, []]);
  });

  test('a number that counts nothing stays a word', () => {
    expect(read('the one with two catheters')[1]).toEqual([]);
  });
});

test.each([
  ['MRSA screens 2140-2145', 'MRSA screens DATE_1-DATE_2', ['year 2140', 'year 2145']],
  ['EEGs 2140 to 2145 per ward', 'EEGs DATE_1 to DATE_2 per ward', ['year 2140', 'year 2145']],
  ['prescribed up to 2010', 'prescribed up to DATE_1', ['year 2010']],
  [
    'left the emergency department from 2154 to 2158',
    'left the emergency department from DATE_1 to DATE_2',
    ['year 2154', 'year 2158'],
  ],
  ['glucose levels 2140-2145', 'glucose levels NUM_1-NUM_2', ['threshold 2140', 'threshold 2145']],
  ['at a cost of up to 2010', 'at a cost of up to NUM_1', ['threshold 2010']],
  ['visits 2145-2140', 'visits ID_1', ['visit 2145-2140']],
])('years behind what happened in them: %s', (question, masked, values) => {
  const [seen, found] = read(question);
  expect([seen, found]).toEqual([masked, values]);
});
