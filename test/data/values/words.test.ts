import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedWords, singularOf } from '../../../src/data/values/fold.js';
import {
  bitCount,
  editsAllowed,
  editsBetween,
  letterBits,
  mayHaveTypos,
  MOST_VARIANTS,
  variantHashes,
} from '../../../src/data/values/typo.js';
import { collectWords } from '../../../src/data/values/index-writer.js';
import { candidatesFor, fileTypos, wordNumber, type WordTable } from '../../../src/data/values/words.js';

describe('folded words', () => {
  test.each([
    ['Type 2 Diabetes, mellitus', ['type', '2', 'diabetes', 'mellitus']],
    ['Crohn’s disease', ['crohns', 'disease']],
    ['José MÜLLER-Łukasz, Straße', ['jose', 'muller', 'lukasz', 'strasse']],
    ['Ｆｕｌｌ ﬁeld x²', ['full', 'field', 'x2']],
    ['Диабет; Größe', ['диабет', 'grosse']],
    ['E11.9 (50%)', ['e11', '9', '50']],
    [' - ', []],
  ])('of %j', (text, words) => {
    expect(foldedWords(text)).toEqual(words);
  });

  test('of the folded words are the same words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = foldedWords(text);
        expect(foldedWords(words.join(' '))).toEqual(words);
      }),
    );
  });
});

test.each([
  ['diagnosis', 'diagnoses'],
  ['disease', 'diseases'],
  ['biopsy', 'biopsies'],
  ['mass', 'masses'],
  ['virus', 'viruses'],
  ['headache', 'headaches'],
  ['patch', 'patches'],
  ['rash', 'rashes'],
  ['nurse', 'nurses'],
  ['cause', 'causes'],
  ['fracture', 'fractures'],
  ['woman', 'women'],
])('%s and %s are one word', (one, many) => {
  expect(singularOf(many)).toBe(singularOf(one));
});

test.each([
  ['pus', 'pu'],
  ['ms', 'm'],
  ['class', 'clas'],
  ['type', 'typo'],
])('%s and %s are two words', (a, b) => {
  expect(singularOf(a)).not.toBe(singularOf(b));
});

const units = (word: string): number[] => [...word].map((_, i) => word.charCodeAt(i));

/** The distance by its definition, without limits or rows that are used again. */
function plainEdits(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, table[i - 1]![j]! + 1, table[i]![j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, table[i - 2]![j - 2]! + 1);
      }
      table[i]![j] = least;
    }
  }
  return table[a.length]![b.length]!;
}

const shortWord = fc.stringMatching(/^[abc]{0,8}$/);

test('edits are counted as by their definition, up to the limit', () => {
  fc.assert(
    fc.property(shortWord, shortWord, fc.integer({ min: 0, max: 3 }), (a, b, limit) => {
      expect(editsBetween(a, units(b), 0, b.length, limit)).toBe(Math.min(plainEdits(a, b), limit + 1));
    }),
    { numRuns: 2000 },
  );
});

test('an edit changes at most two bits of the letters', () => {
  fc.assert(
    fc.property(shortWord, shortWord, (a, b) => {
      const bits = (word: string): number => letterBits(units(word), 0, word.length);
      expect(bitCount(bits(a) ^ bits(b))).toBeLessThanOrEqual(2 * plainEdits(a, b));
    }),
  );
});

test('words within the allowed edits of each other share a variant', () => {
  const hashes = (word: string, edits: number): Set<number> => {
    const out = new Uint32Array(MOST_VARIANTS);
    return new Set(out.subarray(0, variantHashes(word, edits, out)));
  };
  const word = fc.stringMatching(/^[abcd]{3,14}$/);
  let near = 0;
  fc.assert(
    fc.property(
      word,
      fc.array(fc.tuple(fc.nat(13), fc.constantFrom('', 'a', 'b', 'xy')), { maxLength: 2 }),
      (a, changes) => {
        let b = a;
        for (const [at, put] of changes) b = b.slice(0, at) + put + b.slice(at + 1);
        const edits = plainEdits(a, b);
        if (edits > 2) return;
        near++;
        const others = hashes(b, edits);
        expect([...hashes(a, edits)].some((hash) => others.has(hash))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
  expect(near).toBeGreaterThan(500);
});

function tableOf(words: readonly string[], most?: number): WordTable {
  const collected = collectWords([...new Set(words)].sort());
  return { ...collected, ...fileTypos(collected, most) };
}

test('candidates are exactly the words within the allowed edits', () => {
  const word = fc.stringMatching(/^[abcd]{3,12}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), word, (words, asked) => {
      const sorted = [...new Set(words)].sort();
      const expected = sorted.flatMap((other, number) => {
        const edits = plainEdits(asked, other);
        const isNear = mayHaveTypos(asked) && mayHaveTypos(other);
        const limit = isNear ? editsAllowed(Math.min(asked.length, other.length)) : 0;
        return edits <= limit ? [{ word: number, edits }] : [];
      });
      expected.sort((a, b) => a.edits - b.edits || a.word - b.word);
      expect(candidatesFor(tableOf(words), asked)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('words with digits have no typos', () => {
  const table = tableOf(['covid19', 'vitaminb12']);
  expect(candidatesFor(table, 'covid18')).toEqual([]);
  expect(candidatesFor(table, 'vitaminb12')).toEqual([{ word: 1, edits: 0 }]);
});

test('with too many words for two edits, one is forgiven, and with far too many none', () => {
  const words = ['hypertension', 'hypotension', 'hyperplasia'];
  const found = (table: WordTable, word: string): number => candidatesFor(table, word).length;
  expect(found(tableOf(words), 'hypertensoin')).toBe(1);
  expect(found(tableOf(words, 60), 'hypertensoin')).toBe(1);
  expect(found(tableOf(words, 10), 'hypertensoin')).toBe(0);
  expect(found(tableOf(words, 10), 'hypertension')).toBe(1);
});

test('a word is found among words outside the basic plane too', () => {
  const words = ['a', 'ab', '\u{1F600}x', 'диабет', 'zebra'].sort();
  const table = tableOf(words);
  expect(words.map((word) => wordNumber(table, word))).toEqual([0, 1, 2, 3, 4]);
  expect(wordNumber(table, 'abc')).toBe(-1);
  expect(wordNumber(table, 'zzz')).toBe(-1);
});
