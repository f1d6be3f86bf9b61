import { describe, expect, test } from 'vitest';
import { refuseUnread } from '../../../src/sql/refusals.js';
import { extract, restore } from '../../../src/sql/vault/index.js';

function valuesOf(question: string): string {
  const { question: masked, placeholders } = extract(question);
  expect(restore(masked, placeholders)).toBe(question);
  const entries = placeholders.flatMap(({ spans, kind, value }) =>
    spans.map(({ start }) => ({ start, text: `${kind}=${value}` })),
  );
  return entries
    .sort((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join(' ');
}

describe('values stay whole', () => {
  test.each([
    ['NDC 0781–1506–10', 'ndc=0781-1506-10'],
    ['MRN C–42 and C−43', 'mrn=C-42 mrn=C-43'],
    ['SSN 987—65—4320', 'ssn=987-65-4320'],
    ['MRNs QWZRTX and PLMVKN', 'mrn=QWZRTX mrn=PLMVKN'],
    ['MRNs QWZRTX, PLMVKN and 0077', 'mrn=QWZRTX mrn=PLMVKN key=0077'],
    ['visits 2201, 2205-2209 and 2213', 'visit=2201 visit=2205 visit=2209 visit=2213'],
    ['sodium 135,5-144,5', 'threshold=135.5 threshold=144.5'],
    ['temperature 37.2–38,4', 'threshold=37.2 threshold=38.4'],
    ['stays from 6/2 to 6/8', 'incomplete-date=6/2 incomplete-date=6/8'],
    ['7/4 to 7/11', 'incomplete-date=7/4 incomplete-date=7/11'],
    ['stays 12/28–1/5/2021', 'incomplete-date=12/28 date=2021-01-05'],
    ['stays Nov/Jan 2020', 'incomplete-date=Nov month=2020-01'],
    ["admissions since '17", 'year=2017'],
    ["stays in '09.", 'year=2009'],
    ["visits '12-'15", 'year=2012 year=2015'],
    ['SSN 987\u201165\u20114320', 'ssn=987-65-4320'],
    ['LOINC 718\u20117 for AB\u2010771\u2010Q', 'loinc=718-7 key=AB-771-Q'],
    ['chart no. XR-TQ visits', 'key=XR-TQ'],
    ['policy numbers QX/ZW and QX/ZV', 'key=QX/ZW key=QX/ZV'],
    ['MRN #QWZRTX', 'mrn=QWZRTX'],
    ['MRN QWZRTX or PLMVKN', 'mrn=QWZRTX mrn=PLMVKN'],
    ['people with mrn qwzrtx or plmvkn', 'mrn=qwzrtx mrn=plmvkn'],
    ['patients no. 31 and no. 44', 'patient=31 patient=44'],
    ['orders number 5, number 6 and number 9', 'order=5 order=6 order=9'],
    ['patients 200-215', 'patient=200 patient=215'],
    ["patient 2'345'678 visits", 'patient=2345678'],
    ['patient ID 45,678', 'patient=45678'],
    ['stays between 2.5 and 6,75', 'threshold=2.5 threshold=6.75'],
    ['sodium from 135 to 144,5', 'threshold=135 threshold=144.5'],
    ['creatinine 0,8 or 1,2', 'threshold=0.8 threshold=1.2'],
    ['MRN 620\u201217\u2012885', 'mrn=620-17-885'],
    ['MRN 620\ufe6317\ufe63885 and 620\uff0d17\uff0d886', 'mrn=620-17-885 mrn=620-17-886'],
    ['SSN 987\u201265\u20154320', 'ssn=987-65-4320'],
    ['visits 2019\u201206\u201207', 'date=2019-06-07'],
    ['ages 31\u201239', 'age=31 age=39'],
    ['people aged\u00a031 to\u00a039', 'age=31 age=39'],
    ['zip 60614–2203', 'key=60614-2203'],
    ['patient Q–31 and encounter W7–5520', 'patient=Q-31 encounter=W7-5520'],
    ['patient 71882–3 visits', 'patient=71882-3'],
    ['visits 2019–20', 'year=2019 year=2020'],
    ['patients 100–180', 'patient=100 patient=180'],
    ['base excess -5.5--2.5', 'threshold=-5.5 threshold=-2.5'],
    ['base excess -3--1', 'threshold=-3 threshold=-1'],
    ['troponin .06-.15', 'threshold=0.06 threshold=0.15'],
    ['stays 4.6.–21.6.2019', 'date=2019-06-04 date=2019-06-21'],
    ['stays from 28.2. until 3.3.2019', 'date=2019-02-28 date=2019-03-03'],
    ['mrn qwzrtx visits', 'mrn=qwzrtx'],
    ['MRN\u200b 551827 or MRN QWZ\u2060RTX', 'mrn=551827 mrn=QWZ\u2060RTX'],
    ['mrn: zxcvb', 'mrn=zxcvb'],
    ['mrn nmbr', ''],
    ['women in their forties or fifties', 'age=40 age=59'],
    ['women in their 20s to 50s, men in their late 40s', 'age=20 age=59 age=47 age=49'],
    ['women in their thirties or eighties', 'age=30 age=39'],
    ['mrn: missing', ''],
  ])('%s', (question, values) => {
    expect(valuesOf(question)).toBe(values);
  });
});

describe('a date that cannot be read in full is asked for', () => {
  test.each([
    ['stays since 6-7', 'incomplete-date=6-7'],
    ['visits between 6-7 and 6-19', 'incomplete-date=6-7 incomplete-date=6-19'],
    ['labs on 7.8.', 'incomplete-date=7.8.'],
    ['labs drawn 7/18', 'incomplete-date=7/18'],
    ['stays 28.12.–3.1.2019', 'incomplete-date=28.12. date=2019-01-03'],
    ['visits the week of 6/7', 'incomplete-date=6/7'],
    ['6/7, 6/9 and 6/12', 'incomplete-date=6/7 incomplete-date=6/9 incomplete-date=6/12'],
    ['stays in 2019-06/07', 'incomplete-date=2019-06/07'],
    ['stays 06-07/2019', 'incomplete-date=06-07/2019'],
    ['stays on 2019-06-07/11', 'incomplete-date=2019-06-07/11'],
    ['labs on 6/7/9', 'incomplete-date=6/7/9'],
    ['deaths on the 14th', 'incomplete-date=14th'],
    ['deaths on the fourteenth', 'incomplete-date=fourteenth'],
    ['stays between the 4th and the 8th', 'incomplete-date=4th incomplete-date=8th'],
    ['stays on June 4, 8 and 9', 'incomplete-date=June 4 incomplete-date=8 incomplete-date=9'],
    ['stays from 4 to 8 June', 'incomplete-date=4 incomplete-date=8 June'],
    ['Dec 28 - Jan 3, 2019', 'incomplete-date=Dec 28 date=2019-01-03'],
    ['stays in Q4/Q1 2019', 'incomplete-date=Q4 quarter=2019-Q1'],
  ])('%s', (question, values) => {
    expect(valuesOf(question)).toBe(values);
  });

  test.each([
    ['June 4, 8 and 9, 2019', 'date=2019-06-04 date=2019-06-08 date=2019-06-09'],
    ['4th, 8th and 9th of June 2019', 'date=2019-06-04 date=2019-06-08 date=2019-06-09'],
    ['June 28 to July 3, 2019', 'date=2019-06-28 date=2019-07-03'],
    ['stays 6/2019-8/2019', 'month=2019-06 month=2019-08'],
    ['from the 4th to the 8th of June 2019', 'date=2019-06-04 date=2019-06-08'],
    ['stays from 20190607-20190611', 'date=2019-06-07 date=2019-06-11'],
    ['Q1/Q2 2019', 'quarter=2019-Q1 quarter=2019-Q2'],
  ])('and one that can is read: %s', (question, values) => {
    expect(valuesOf(question)).toBe(values);
  });

  test.each([
    ['after 2-3 doses', 'threshold=2 threshold=3'],
    ['stays of 3-4 days', 'threshold=3 count=4'],
    ['scores above 7.8.', 'threshold=7.8'],
    ['on June 4, 12 patients died', 'incomplete-date=June 4 threshold=12'],
    ['on the 4th day of the stay', ''],
    ['before the 2nd dose', ''],
    ['women on the third line', ''],
    ['BP 110-125/70-80', 'threshold=110 threshold=125 threshold=70 threshold=80'],
    ['list mrn qwzrtx and plmvkn', ''],
    ['between the 1st and the 3rd visits', ''],
    [
      'BP 90/60, 95/65 and 99/70',
      'threshold=90 threshold=60 threshold=95 threshold=65 threshold=99 threshold=70',
    ],
    ['ages 20, 30 and 40', 'threshold=20 threshold=30 threshold=40'],
  ])('%s', (question, values) => {
    expect(valuesOf(question)).toBe(values);
  });
});

describe('what looks alike keeps its meaning', () => {
  test.each([
    ['MRNs 12–15', 'mrn=12 mrn=15'],
    ['potassium 3.5–5.1', 'threshold=3.5 threshold=5.1'],
    ['blood pressure 110/70 to 130/85', 'threshold=110 threshold=70 threshold=130 threshold=85'],
    ['stays 3/1–3/15/2024', 'date=2024-03-01 date=2024-03-15'],
    ['Jan/Feb 2024', 'month=2024-01 month=2024-02'],
    ['MRN QWZRTX and SODIUM', 'mrn=QWZRTX'],
    ["patients given '24 mg'", 'quoted=24 mg'],
  ])('%s', (question, values) => {
    expect(valuesOf(question)).toBe(values);
  });
});

test('the person is asked for what is missing', () => {
  const asked = (question: string): string => refuseUnread(extract(question))?.message ?? '';
  expect(asked('labs on 6/7')).toBe('__TEXT_1__ has no year; write the whole date, or "of last year"');
  expect(asked('labs on the 14th')).toMatch(/is a day without a month and a year; write the whole date$/);
  expect(asked('labs in 2019-06/07')).toMatch(/can be read as a date in several ways; write the whole date$/);
  expect(asked('labs in week 12 of 2019')).toMatch(
    /^__TEXT_1__ \(at character 8\) depends on how weeks are counted;/,
  );
  for (const question of ['labs on 6/7', 'labs in 2019-06/07', 'labs in week 12 of 2019'])
    expect(asked(question)).not.toMatch(/6\/7|2019|'/);
});
