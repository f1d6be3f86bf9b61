import { describe, expect, test } from 'vitest';
import { buildPrompt } from '../../src/sql/prompt.js';
import { extract } from '../../src/sql/vault/index.js';

const SCHEMA = 'person(person_id int pk, year_of_birth int)';

describe('the prompt', () => {
  test('equals the training record up to `SQL:`', () => {
    const { question, placeholders } = extract('Visits of patient 12345 since March 5, 2024?');
    expect(buildPrompt(question, placeholders, SCHEMA)).toBe(
      `SCHEMA:\n${SCHEMA}\n` +
        'QUESTION: Visits of patient __ID_1__ since __DATE_1__?\n' +
        'ID_MAP: __ID_1__ patient int, __DATE_1__ date date\n' +
        'SQL:',
    );
  });

  test('has an empty map for a question without values', () => {
    const { question, placeholders } = extract('How many patients are there?');
    expect(buildPrompt(question, placeholders, SCHEMA)).toContain('\nID_MAP:\nSQL:');
  });

  test('contains no value', () => {
    const values = ['00123456', 'a.b@c.org', 'Müller', '2024-03-05'];
    const { question, placeholders } = extract(`MRN 00123456, a.b@c.org, named 'Müller', on 2024-03-05`);
    const prompt = buildPrompt(question, placeholders, SCHEMA);
    for (const value of values) expect(prompt).not.toContain(value);
  });

  test('keeps the question on one line', () => {
    const { question, placeholders } = extract('visits\r\nof patient 12345\nby year');
    expect(buildPrompt(question, placeholders, SCHEMA)).toContain(
      'QUESTION: visits of patient __ID_1__ by year\n',
    );
  });
});

describe('a value that is still in the question', () => {
  const entry = { name: '__ID_1__', kind: 'mrn', type: 'varchar', text: '00123456' } as const;

  test('is refused', () => {
    expect(() => buildPrompt('MRN __ID_1__ or 00123456', [entry], SCHEMA)).toThrow(
      expect.objectContaining({ code: 'value-leak', at: 16 }),
    );
  });

  test('is not named by the error', () => {
    try {
      buildPrompt('MRN __ID_1__ or 00123456', [entry], SCHEMA);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain('00123456');
    }
  });

  test('is refused in any of its spellings', () => {
    const spans = [
      { start: 0, end: 8, text: '00123456' },
      { start: 9, end: 19, text: 'MRN-123456' },
    ];
    expect(() => buildPrompt('__ID_1__ MRN-123456', [{ ...entry, spans }], SCHEMA)).toThrow(
      expect.objectContaining({ code: 'value-leak' }),
    );
  });

  test('is not found inside a longer word, nor as a threshold', () => {
    expect(() => buildPrompt('__ID_1__ and X001234567', [entry], SCHEMA)).not.toThrow();
    const number = { name: '__NUM_1__', kind: 'threshold', type: 'int', text: '1000' } as const;
    expect(() => buildPrompt('top 1000 over __NUM_1__', [number], SCHEMA)).not.toThrow();
  });

  test('needs its placeholder in the question', () => {
    expect(() => buildPrompt('no placeholder', [entry], SCHEMA)).toThrow(
      expect.objectContaining({ code: 'unknown-placeholder' }),
    );
  });
});
