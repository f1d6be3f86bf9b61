import { describe, expect, test } from 'vitest';
import { extract, restore } from '../../../src/sql/vault/index.js';
import { describeMarked, linesOf, readMarked } from './marked.js';

// Whitespace and punctuation from keyboards, word processors and pasted columns.

const BLANKS: [name: string, blank: string][] = [
  ['a no-break space', '\u00a0'],
  ['a narrow no-break space', '\u202f'],
  ['a thin space', '\u2009'],
  ['a tab', '\t'],
  ['a line break', '\n'],
  ['a line break of Windows', '\r\n'],
];
const WINDOWS = '\r\n';

const SPACED = linesOf(`
  patient {12345|patient} visits
  MRN: {00123456|mrn}
  MRNs {00123|mrn}, {00124|mrn} and {00125|mrn}
  MRNs {00123|mrn} {00124|mrn} {00125|mrn}
  on {March 5, 2024|date|2024-03-05}
  on {5 March 2024|date|2024-03-05}
  in {Q1 2024|quarter|2024-Q1}
  between {10|threshold} and {20|threshold}
  HbA1c > {7.5|threshold} %
  top {10|count} drugs of the last {30|count} days
  COVID 19 and type 2 diabetes
`);

/** Values that contain spaces themselves, which must not cross a line end. */
const SPACED_INSIDE = linesOf(`
  at {2024-03-05 10:30 pm|timestamp|2024-03-05T22:30:00}
  SSN {123 45 6789|ssn}
  phone {(555) 123-4567|phone}
`);

describe.each(BLANKS)('%s between words', (_, blank) => {
  test.each(blank === WINDOWS ? SPACED : [...SPACED, ...SPACED_INSIDE])('%s', (line) => {
    const marked = readMarked(line);
    const question = marked.question.replaceAll(' ', blank);
    const result = extract(question);
    const read = result.placeholders.map(({ name, kind, value }) => ({ name, kind, value }));
    // The value has plain spaces; the original spelling is kept beside it.
    expect(read).toEqual(marked.values);
    expect(result.question).toBe(marked.masked.replaceAll(' ', blank));
    expect(restore(result.question, result.placeholders)).toBe(question);
  });
});

describe('a quotation', () => {
  test('keeps its whitespace byte for byte', () => {
    expect(extract("city = 'New\u00a0York'").placeholders[0]!.value).toBe('New\u00a0York');
  });
});

describe('braces', () => {
  test.each([
    ['patient {550e8400-e29b-41d4-a716-446655440000}', 'patient {__ID_1__}'],
    ['patients {12, 15}', 'patients {__ID_1__, __ID_2__}'],
    ['{"patient_id": "00123"}', '{__TEXT_1__: __ID_1__}'],
  ])('%s', (question, masked) => {
    expect(extract(question).question).toBe(masked);
  });
});

describe('a dash that is not the keyboard hyphen', () => {
  test('is read as a hyphen in an ID with a note, and accepted in a date', () => {
    const { placeholders, notes } = extract('SSN 123–45–6789 on 2024–03–05');
    expect(placeholders.map((p) => p.value)).toEqual(['123-45-6789', '2024-03-05']);
    expect(notes.map((note) => `${note.name} ${note.code}`)).toEqual(['__ID_1__ unusual-digits']);
  });
});

describeMarked({
  'values in quotes': `
    patient {'00123'|patient|00123} on {'2024-03-05'|date|2024-03-05}
    patient {"12345"|patient|12345} and {'E11.9'|icd10|E11.9}
    patient {‘12345’|patient|12345}
    named {"patient 12345"|quoted|patient 12345}
    note contains {'MRN 00123'|quoted|MRN 00123}
    codes like {'%E11.9%'|quoted|%E11.9%}
    drug named {'metformin 500 mg'|quoted|metformin 500 mg}
    the {'top 10'|quoted|top 10} list
    where name = {'O''Brien'|quoted|O'Brien} and id = {7|key}
    patients named O'Brien with MRN {00123|mrn}
    status = {'A'|quoted|A} and patient = {12345|patient}
  `,
  'one value twice': `
    MRN {00123456|mrn} or the visits of {00123456|mrn}
    {E11.9|icd10} and {E11.9|icd10}-related
    {2024-03-05|date} or {March 5, 2024|date|2024-03-05} or {3/5/2024|date|2024-03-05}
    {FY2023|year|2023} and {2023|year}
    over {5k|threshold|5000} or {5,000|threshold|5000}
  `,
});

describe('text that reads like a placeholder', () => {
  test.each([
    '__ID_1__',
    '__id_1__',
    '__Date_10__',
    '__NUM_1__.',
    "'__TEXT_1__'",
    '__ID_١__',
    '＿＿ID＿1＿＿',
    '＿_ID_1_＿',
    '__I\u200bD_1__',
    '_\u2060_ID_1__',
    '__ID_1_\ufeff_',
    '__\u202eID_1__',
    '__ID_0001__',
    '____ID_1____',
    '__ID__1__',
    '__ID_1__5',
    '__FOO_1__',
  ])('%j is refused', (text) => {
    const question = `visits of ${text} in 2023`;
    expect(() => extract(question)).toThrow(expect.objectContaining({ code: 'placeholder-in-question' }));
  });

  test.each(['person_id', '_ID_1_', 'ID_1', '<ID_1>', '--ID_1--', 'patient__id'])('%s is not', (text) => {
    const question = `visits of ${text} in 2023`;
    const { question: masked, placeholders } = extract(question);
    expect(restore(masked, placeholders)).toBe(question);
  });
});
