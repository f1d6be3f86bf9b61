import { describe, expect, test } from 'vitest';
import { extract } from '../../../src/sql/vault/index.js';
import { describeMarked } from './marked.js';

describeMarked({
  'ISO days and timestamps': `
    dob:{1980-01-02|date}
    from:{2023-01-01|date} to:{2023-12-31|date}
    ({2024-03-05|date})
    {2024-03-05|date}'s visits
    {2024-03-05|date}: visits
    {2024-03-05|date} - {2024-04-05|date}
    between {2024-03-05|date} and {2024-04-05|date}, inclusive
    {2024–03–05|date|2024-03-05}
    {2024‑03‑05|date|2024-03-05}
    date={20240305|date|2024-03-05}
    admitted {20240305|date|2024-03-05}
    admit_dt >= {20240305|date|2024-03-05}
    as of {22001002|date|2200-10-02}
    between {21050312|date|2105-03-12} and {22001002|date|2200-10-02}
    how many of {22001002|key} are there
    visits for {22001002|key}
    birthdate {19800102|date|1980-01-02}
    between {20240301|date|2024-03-01} and {20240331|date|2024-03-31}
    end date {9999-12-31|date}
    {2024-03-05T10:00|timestamp|2024-03-05T10:00:00}
    {2024-03-05 10:00:00.123|timestamp|2024-03-05T10:00:00.123}
    from {2024-03-05 10:00|timestamp|2024-03-05T10:00:00} to {2024-03-05 12:00|timestamp|2024-03-05T12:00:00}
    patient {12345|patient} visits between {2023-01-01|date} and {2023-06-30 10:00|timestamp|2023-06-30T10:00:00}
  `,
  months: `
    visits in {2024-03|month}.
    visits {2024-03|month}
    visits in {2024/03|month|2024-03}
    visits in {03/2024|month|2024-03}
    from {2024/03|month|2024-03} to {2024/06|month|2024-06}
    {2024-03|month} – {2024-06|month}
    claims from {2024-03|month} to {2024-06|month}
    {early March 2024|unread-time}
    {mar-24|month|2024-03}
    between {March|month|2024-03} and {June 2024|month|2024-06}
    {Jan|month|2024-01}-{Mar 2024|month|2024-03}
    {March|month|2024-03}, {April|month|2024-04} and {May 2024|month|2024-05}
    {March|month|2024-03}, {April|month|2024-04}, and {May 2024|month|2024-05}
    claim number {2024-03|claim}
    in {May|incomplete-date}
  `,
  'US days': `
    on {3/15/2024|date|2024-03-15}.
    {1/1/2024|date|2024-01-01}-{3/31/2024|date|2024-03-31}
    between {01/01/2024|date|2024-01-01} and {03/31/2024|date|2024-03-31}
    {3/15/2024 10:30 AM|timestamp|2024-03-15T10:30:00}
    {31/12/2023 23:59|timestamp|2023-12-31T23:59:00}
    {12/31/23|date|2023-12-31}
    {3/15/2024|date|2024-03-15}'s admissions
    ({03/15/2024|date|2024-03-15})
    patient {12345|patient} on {3/15/2024 at 10:30|timestamp|2024-03-15T10:30:00}
  `,
  'days by month name': `
    on {March 5th, 2024|date|2024-03-05}.
    {MARCH 5, 2024|date|2024-03-05}
    {Mar. 5, 2024|date|2024-03-05}
    Tuesday, {March 5, 2024|date|2024-03-05}
    the {week of March 5, 2024|unread-time}
    Tue {5 Mar 2024|date|2024-03-05}
    {5 Mar 24|date|2024-03-05}
    {5-Mar-24|date|2024-03-05}
    the {5th of March, 2024|date|2024-03-05}
    {March 5, 2024 at 10:30 pm|timestamp|2024-03-05T22:30:00}
    {Mar 5, 2024, 2:05 p.m.|timestamp|2024-03-05T14:05:00}
    {March 5|date|2024-03-05} to {10, 2024|date|2024-03-10}
    {5|date|2024-03-05} to {10 March 2024|date|2024-03-10}
    {December 28, 2023|date|2023-12-28} – {January 3, 2024|date|2024-01-03}
  `,
  years: `
    since:{2020|year}
    {2022|year} vs. {2023|year}
    {2021|year},{2022|year},{2023|year}
    {2021|year}, {2022|year}, and {2023|year}
    {2019|year} - {2021|year}
    claims {2019|year}-{2021|year}
    claims from {2019|year}-{2021|year}
    orders {2023|year}-{24|year|2024}
    before {2020|year}, after {2015|year}
    {late-2023|unread-time}
    {2020|year}-present
    class of {2023|year}
    admissions ending in {2023|year}
    COVID-19 tests {2020|year}-{2022|year}
    visits in {FY2023|year|2023}
    claims {FY2023|year|2023}
    FY {22|year|2022}
    FY{22|year|2022}/{23|year|2023}
    FY{2022|year}-{2023|year}
    fiscal year {2022|year}
  `,
  quarters: `
    visits in {2024-Q1|quarter}
    encounters {1Q24|quarter|2024-Q1}
    {Q3'23|quarter|2023-Q3}
    {Q3 ’23|quarter|2023-Q3}
    {Q3/23|quarter|2023-Q3}
    {FY2023 Q1|quarter|2023-Q1}
    {Q1 FY2023|quarter|2023-Q1}
    {Q1 FY23|quarter|2023-Q1}
    {third quarter of 2023|quarter|2023-Q3}
    {Q1|quarter|2023-Q1}, {Q2|quarter|2023-Q2} and {Q3 2023|quarter|2023-Q3}
    between {Q1 2023|quarter|2023-Q1} and {Q3 2023|quarter|2023-Q3}
    HbA1c ≥ {7.5|threshold}% in {Q3 2023|quarter|2023-Q3} for MRN {00123456|mrn}
    Q3
  `,
  'times of day': `
    at {10:30 pm|time|22:30:00}
    at:{10:30|time|10:30:00}
    {10.30 am|time|10:30:00} visits
    between {8:00|time|08:00:00} and {17:00|time|17:00:00}
    {8:00|time|08:00:00}-{17:00|time|17:00:00}
    {8am|time|08:00:00}-{5pm|time|17:00:00}
    from {8 am|time|08:00:00} to {5 pm|time|17:00:00}
    {2024-03-05 8:00|timestamp|2024-03-05T08:00:00}-{17:00|time|17:00:00}
    {14:05:33|time}
    before {7 a.m.|time|07:00:00}
    between {9|time|09:00:00} and {11 am|time|11:00:00}, {10|time|10:00:00}-{2 pm|time|14:00:00}
    from {9.15|time|21:15:00} to {11.45 pm|time|23:45:00}
    between {0645|time|06:45:00} and {1900|time|19:00:00} hours
    at {1915|time|19:15:00} hrs, at {0715|time|07:15:00}h, {19:15h|time|19:15:00}
    ventilated for {1915|threshold} hours
    at {6 in the morning|time|06:00:00} or {8:20 in the evening|time|20:20:00}
    visits before {10 am|time|10:00:00} on {2024-03-05|date}
    a ratio of {1|threshold}:{10|threshold}
    titer > {1|threshold}:{40|threshold}
  `,
});

describe('a doubtful reading is noted', () => {
  test.each([
    ['seen on 03/04/2024, please', ['ambiguous-date']],
    ['from 3/1/2024 to 4/2/2024', ['ambiguous-date', 'ambiguous-date']],
    ['DOB 01/02/80', ['two-digit-year', 'ambiguous-date']],
    ['03.04.2024', ['ambiguous-date']],
    ['03–04–2024', ['ambiguous-date']],
    ['on 3/5', ['incomplete-date']],
    ['since 3/15', ['incomplete-date']],
    ['on dec 25', ['incomplete-date']],
    ['may 5 patients march', []],
    ['2/30/2024', ['invalid-date']],
    ['00/05/2024', ['invalid-date']],
    ['2024-03-05T10:00-05:00', ['time-zone-ignored']],
    ['2024-03-05 10:00:00-05:00', ['time-zone-ignored']],
    ['14:05:33Z', ['time-zone-ignored']],
    ['MRN 0012-34-56', []],
    ['8:00-17:00', []],
    ['after 3/4 tablets', []],
    ['BP 140/90 in 2023', []],
  ])('%s', (question, codes) => {
    expect(extract(question).notes.map((note) => note.code)).toEqual(codes);
  });
});
