import { describe, expect, test } from 'vitest';
import { extract } from '../../../src/sql/vault/index.js';
import { describeMarked, linesOf } from './marked.js';

/** A fiscal year may start in January, April, July or October, and no question says which. */
describeMarked({
  'quarters of fiscal years': `
    visits in {Q1FY23|quarter|2023-Q1}
    {1QFY23|quarter|2023-Q1}
    {1Q FY23|quarter|2023-Q1}
    {Q1 of FY 2023|quarter|2023-Q1}
    {Q1 FY’23|quarter|2023-Q1}
    {FY23 Q1|quarter|2023-Q1}
    {Q1 of fiscal year 2023|quarter|2023-Q1}
    {Q3 of the fiscal year 2023|quarter|2023-Q3}
    {Q1 fiscal 2023|quarter|2023-Q1}
    {Q2 financial year 2023|quarter|2023-Q2}
    {first quarter of fiscal year 2023|quarter|2023-Q1}
    {second fiscal quarter of 2023|quarter|2023-Q2}
    {first quarter of the year 2023|quarter|2023-Q1}
  `,
  'fiscal years with two digits': `
    visits in FY'{23|year|2023}
    visits in FY’{23|year|2023} and FY’{24|year|2024}
    fiscal year {23|year|2023}
    fiscal years {22|year|2022} and {23|year|2023} by ward
    financial year '{99|year|1999}?
    in each fiscal year {23|threshold} patients were admitted
    since the fiscal year began, the {23|threshold} wards
  `,
});

const notesOf = (question: string): string[] =>
  extract(question).notes.map(({ code, start, end }) => `${code} ${question.slice(start, end)}`);

describe('a fiscal year is noted', () => {
  test.each([
    ['visits in Q1 FY2023', 'Q1 FY2023'],
    ['visits in FY23 Q1', 'FY23 Q1'],
    ['visits in FY2023', 'FY2023'],
    ['visits in FY 23', '23'],
    ['visits in F.Y. 2023', '2023'],
    ['visits in fy_2023', 'fy_2023'],
    ['fiscal year 2023', '2023'],
    ['fiscal-year 2023', '2023'],
    ['Fiscal 2023', '2023'],
    ['the fiscal year (2023)', '2023'],
    ['financial year 2022/23', '2022', '23'],
    ['Financial Year 2022–2023', '2022', '2023'],
    ['FY22/23', '22', '23'],
    ['FY2022-2023', '2022', '2023'],
    ['between FY2021 and FY2023', 'FY2021', 'FY2023'],
    ['fiscal years 2021, 2022 and 2023', '2021', '2022', '2023'],
    ['fiscal years 2021 to 2023', '2021', '2023'],
    ['fiscal Q1 and Q2 2023', 'Q1', 'Q2 2023'],
    ['Q1 to Q3 FY2023', 'Q1', 'Q3 FY2023'],
    ['the fiscal year ending June 2023', 'June 2023'],
    ['the 2023 fiscal year', '2023'],
    ['the 2022/23 financial year', '2022', '23'],
    ['2021 and 2022 fiscal years', '2021', '2022'],
    ['visits in Q1 2023 (fiscal)', 'Q1 2023'],
    ['tax year 2023', '2023'],
    ['academic year 2022/23', '2022', '23'],
    ['FY2023 and calendar year 2024', 'FY2023'],
  ])('%s', (question, ...places) => {
    expect(notesOf(question)).toEqual(places.map((place) => `fiscal-year ${place}`));
  });

  test('with a message that says what was assumed and what to write instead, without the value', () => {
    const [note] = extract('visits in Q1 FY2023').notes;
    expect(note!.message).toMatch(/^__DATE_1__ .* January; if it does not, write its first and last day$/);
    expect(note!.message).not.toContain('2023');
  });

  test.each(
    linesOf(`
      visits in 2023
      visits in Q1 2023
      CY2023
      CY23 Q1
      calendar year 2023
      year 2023
      notify 2023
      classify visits in 2023
      physiology visits in 2023
      FYI 2023 visits
      fiscal concerns in 2023
      visits in 2023 with a fiscal note
      visits in 2023 by financial class
      Q1 2023 financial class
      visits of the last fiscal year before 2024-03-05
    `),
  )('and nothing else is: %s', (question) => {
    expect(notesOf(question)).toEqual([]);
  });
});
