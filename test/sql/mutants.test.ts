import { describe, expect, test } from 'vitest';
import { render } from '../../src/sql/renderer/render.js';
import { validate } from '../../src/sql/validator/validate.js';
import { extract } from '../../src/sql/vault/index.js';
import { clinic } from './validator/clinic.js';

const codes = (sql: string): string[] => validate(sql, clinic).errors.map(({ code }) => code);

// Faults that were planted in src/sql and that no other test noticed.
describe('the validator', () => {
  test('takes casts to two types for two keys of GROUP BY', () => {
    const grouped = (by: string): string =>
      `SELECT CAST(birth_date AS datetime) FROM patient GROUP BY CAST(birth_date AS ${by});`;
    expect(codes(grouped('datetime'))).toEqual([]);
    expect(codes(grouped('datetime2'))).toEqual(['not-grouped']);
  });

  test('takes two parts of a date for two keys of GROUP BY', () => {
    const grouped = (part: string): string =>
      `SELECT DATEPART(month, birth_date) FROM patient GROUP BY DATEPART(${part}, birth_date);`;
    expect(codes(grouped('month'))).toEqual([]);
    expect(codes(grouped('year'))).toEqual(['not-grouped']);
  });

  test('knows that 1900 had no 29 February, and 2000 had one', () => {
    const born = (day: string): string => `SELECT mrn FROM patient WHERE birth_date = '${day}';`;
    expect(codes(born('20000229'))).toEqual([]);
    expect(codes(born('19000228'))).toEqual([]);
    expect(codes(born('19000229'))).not.toEqual([]);
  });
});

describe('the vault', () => {
  test.each([
    ['visits on 2000-02-29', 1],
    ['visits on 29 February 2000', 1],
    ['visits on 1900-02-29', 0],
    ['visits on February 29, 1900', 0],
  ])('reads a leap day only where the year has one: %s', (question, days) => {
    expect(extract(question, {}).placeholders.filter(({ kind }) => kind === 'date')).toHaveLength(days);
  });
});

describe('the renderer', () => {
  test.each([
    ['2024-Q3', 'quarter', 'quarter', 3],
    ['2024-Q1', 'quarter', 'quarter', 1],
    ['2024-01', 'month', 'month', 1],
    ['2024-08', 'month', 'quarter', 3],
    ['2024-08', 'month', 'month', 8],
    ['2024-Q3', 'quarter', 'year', 2024],
  ])('writes the part that a period is compared with: %s as %s', (text, kind, part, number) => {
    const value = { name: '__DATE_1__', kind, type: 'date', text } as const;
    const sql = `SELECT COUNT(*) FROM patient WHERE DATEPART(${part}, birth_date) = __DATE_1__;`;
    expect(render(sql, clinic, new Map([[value.name, value]])).sql).toContain(`birth_date) = ${number};`);
  });
});
