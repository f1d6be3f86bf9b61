import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLACEHOLDER_PATTERN } from '../../../src/data/placeholder.js';
import { extract, restore, VaultError } from '../../../src/sql/vault/index.js';
import type { VaultResult } from '../../../src/sql/vault/index.js';

/** Use `VAULT_RUNS=1000000` for a long run. */
const RUNS = Number(process.env['VAULT_RUNS'] ?? 3000);

/** The result, or the error's code if the question is refused. */
function tryExtract(question: string): VaultResult | string {
  try {
    return extract(question);
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
}

// Parts of real questions, combined in orders that nobody would write.
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...'patient patients visit id MRN is in since between and or to from over'.split(' '),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...'March May Q1 first quarter of 2024 5th top last days years old mg ICD-10 code'.split(' '),
    ),
  },
  { weight: 3, arbitrary: fc.nat({ max: 99_999_999 }).map(String) },
  { weight: 2, arbitrary: fc.nat({ max: 31 }).map(String) },
  { weight: 3, arbitrary: fc.constantFrom(...' \t\n.,:;-–_/#=<>()[]\'"“”‘’«»`+%$@*&') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(' ', '  ', ', ', "'", '"', '’s', "''", '__', '_', '--', '::', '...'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'E11.9',
      '4548-4',
      'AB-1234-X',
      '2024-03-05',
      '3/4/24',
      'T10:00',
      'é',
      '\u200b',
      '\u0661',
      '\ud83d',
      '²',
    ),
  },
);
const pieces = fc.array(piece, { minLength: 1, maxLength: 24 });
const jumble = fc.oneof(
  pieces.map((p) => p.join('')),
  pieces.map((p) => p.join(' ')),
);
const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), jumble);

const letters = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ'),
  minLength: 2,
  maxLength: 4,
});
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const day = fc.tuple(
  fc.integer({ min: 1900, max: 2099 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
);
const two = (n: number) => String(n).padStart(2, '0');
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** An unmistakable value, with the expected result. */
const planted = fc.oneof(
  // `of 20240305` is a day, so eight digits that could be a day are excluded.
  digits(5, 24)
    .filter((text) => !/^(19|20)\d{6}$/.test(text))
    .map((text) => ({ text, value: text })),
  fc.tuple(letters, digits(5, 8)).map(([a, b]) => ({ text: `${a}-${b}`, value: `${a}-${b}` })),
  fc.uuid().map((text) => ({ text, value: text })),
  fc.tuple(digits(3, 3), digits(2, 2), digits(4, 4)).map((p) => ({ text: p.join('-'), value: p.join('-') })),
  day.map(([y, m, d]) => ({ text: `${y}-${two(m)}-${two(d)}`, value: `${y}-${two(m)}-${two(d)}` })),
  day.map(([y, m, d]) => ({ text: `${MONTHS[m - 1]} ${d}, ${y}`, value: `${y}-${two(m)}-${two(d)}` })),
  day.map(([y, m, d]) => ({
    text: `${d} ${MONTHS[m - 1]!.slice(0, 3)} ${y}`,
    value: `${y}-${two(m)}-${two(d)}`,
  })),
  day.map(([y, m]) => ({ text: `${MONTHS[m - 1]} ${y}`, value: `${y}-${two(m)}` })),
  fc
    .string({ unit: fc.constantFrom(...'abcdef ghij'), minLength: 1, maxLength: 12 })
    .filter((inner) => inner.trim() === inner && inner !== '')
    .map((inner) => ({ text: `'${inner}'`, value: inner })),
);
const around = fc.constantFrom(
  ['show the visits with ', ''],
  ['how many of ', ' are there?'],
  ['(', ') and nothing else'],
  ['what about ', ', please'],
  ['is it ', '; or not'],
) as fc.Arbitrary<[string, string]>;

describe('for any text', () => {
  test('restoring the placeholders gives the question byte for byte', () => {
    fc.assert(
      fc.property(anyText, (question) => {
        const result = tryExtract(question);
        if (typeof result === 'string') return;
        expect(restore(result.question, result.placeholders)).toBe(question);
      }),
      { numRuns: RUNS },
    );
  });

  test('every refusal has a reason, and most texts are accepted', () => {
    let refused = 0;
    fc.assert(
      fc.property(jumble, (question) => {
        const result = tryExtract(question);
        if (typeof result !== 'string') return;
        refused++;
        expect([
          'empty-question',
          'placeholder-in-question',
          'too-many-placeholders',
          'masking-failed',
        ]).toContain(result);
      }),
      { numRuns: RUNS },
    );
    expect(refused).toBeLessThan(RUNS / 4);
  });

  test('spans are in order, do not overlap, and have the right text', () => {
    fc.assert(
      fc.property(anyText, (question) => {
        const result = tryExtract(question);
        if (typeof result === 'string') return;
        const spans = result.placeholders.flatMap((p) => p.spans).sort((a, b) => a.start - b.start);
        let end = 0;
        for (const span of spans) {
          expect(span.start).toBeGreaterThanOrEqual(end);
          expect(span.end).toBeGreaterThan(span.start);
          expect(question.slice(span.start, span.end)).toBe(span.text);
          end = span.end;
        }
        const names = result.question.match(PLACEHOLDER_PATTERN) ?? [];
        expect(names).toHaveLength(spans.length);
        expect(new Set(names)).toEqual(new Set(result.placeholders.map((p) => p.name)));
      }),
      { numRuns: RUNS },
    );
  });

  test('the same question gives the same result', () => {
    fc.assert(
      fc.property(jumble, (question) => {
        expect(tryExtract(question)).toEqual(tryExtract(question));
      }),
      { numRuns: Math.min(RUNS, 2000) },
    );
  });

  test('a number of five digits or more never stays', () => {
    fc.assert(
      fc.property(pieces, digits(5, 12), fc.nat(), (words, id, at) => {
        const k = at % (words.length + 1);
        const question = [...words.slice(0, k), id, ...words.slice(k)].join(' ');
        const result = tryExtract(question);
        if (typeof result === 'string') return;
        expect(result.question.replace(PLACEHOLDER_PATTERN, ' ').split(/[^0-9]+/)).not.toContain(id);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('planted values', () => {
  test('are all taken out exactly, and none of their spellings is left', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(around, planted), { minLength: 1, maxLength: 5 }), (parts) => {
        const question = parts.map(([[before, after], { text }]) => before + text + after).join('. ');
        const { question: masked, placeholders } = extract(question);
        expect(restore(masked, placeholders)).toBe(question);
        for (const [, { text, value }] of parts) {
          expect(placeholders.map((p) => p.value)).toContain(value);
          expect(masked).not.toContain(text);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('10 kB of one thing are read or refused', () => {
  const size = 10_000;
  const cases: [string, string][] = [
    ['digits', '1'.repeat(size)],
    ['dashes', '-'.repeat(size)],
    ['digits and dashes', '1-'.repeat(size / 2)],
    ['letters and dashes', 'a-'.repeat(size / 2)],
    ['single quotes', "'".repeat(size)],
    ['opening quotes', " 'a".repeat(size / 3)],
    ['double quotes that never close', ' "a'.repeat(size / 3)],
    ['labels with quotes that never close', 'id "'.repeat(size / 4)],
    ['nouns', 'patient '.repeat(size / 8)],
    ['nouns and links', 'patient id is '.repeat(size / 14)],
    ['labels', 'id '.repeat(size / 3)],
    ['months', 'March '.repeat(size / 6)],
    ['blanks', 'x' + ' '.repeat(size)],
    ['low lines', 'a' + '_'.repeat(size - 1)],
    ['half placeholders', '__a'.repeat(size / 3)],
    ['commas in digits', '1,111'.repeat(size / 5)],
    ['points', '1.'.repeat(size / 2)],
    ['at signs', 'a@'.repeat(size / 2)],
    ['an address of addresses', 'a.b@c.'.repeat(size / 6)],
    ['colons', '1:'.repeat(size / 2)],
    ['plus signs', '+1 '.repeat(size / 3)],
    ['brackets', '('.repeat(size)],
    ['between', 'between 1 and '.repeat(size / 14)],
    ['zero-width', '1\u200b'.repeat(size / 4)],
  ];

  // The runner's time limit is the check: a regular expression that backtracks catastrophically would exceed it.
  test.each(cases)('%s', (_, question) => {
    const result = tryExtract(question);
    if (typeof result === 'string')
      expect(result).toMatch(/^(too-many-placeholders|placeholder-in-question)$/);
    else expect(restore(result.question, result.placeholders)).toBe(question);
  });
});
