import { describe, expect, test } from 'vitest';
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
