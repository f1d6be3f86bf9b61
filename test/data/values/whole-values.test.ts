import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { MatchedValue, ValueLookup } from '../../../src/data/values/longest.js';
import { openValueIndex } from '../../../src/data/values/value-index.js';
import { ValueList } from '../../../src/data/values/value-list.js';
import { buildItems, temporaryFolder } from './build-index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const WORDS = ['renal', 'renall', 'failure', 'failures', 'acute', 'b12', 'of'];
const value = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 });
const values = fc
  .uniqueArray(
    value.map((words) => words.join(' ')).filter((text) => /\p{L}/u.test(text)),
    { minLength: 1, maxLength: 10 },
  )
  .filter((texts) => texts.some((text) => text !== 'of'));
const asked = fc.array(fc.constantFrom(...WORDS, 'Renal', 'renla', '(acute)', '-'), {
  minLength: 1,
  maxLength: 4,
});

function found(all: readonly MatchedValue[]): string[] {
  return all.map((match) => `${match.how} ${match.value}`).sort();
}

/** By the longest matches: those that take in every word, if they have no typo. */
function byLongest(lookup: ValueLookup, words: readonly string[], beginnings: boolean): string[] {
  const [first] = lookup.longestMatches(words, { beginnings });
  const isWhole = first?.from === 0 && first.to === words.length;
  return found(isWhole ? first.values.filter(({ edits }) => edits === 0) : []);
}

test('whole values are the longest matches that take in all words and have no typo', async () => {
  await fc.assert(
    fc.asyncProperty(values, fc.array(asked, { minLength: 5, maxLength: 20 }), async (texts, phrases) => {
      const file = await buildItems(
        texts.map((text) => ['label', text]),
        { folder },
      );
      const index = openValueIndex(file);
      const list = new ValueList([{ table: 'item', column: 'label', values: texts }]);
      for (const words of [...phrases, ...texts.map((text) => text.split(' '))])
        for (const beginnings of [false, true]) {
          const whole = found(index.wholeValues(words, { beginnings }));
          expect(whole, words.join(' ')).toEqual(byLongest(index, words, beginnings));
          expect(found(list.wholeValues(words, { beginnings })), words.join(' ')).toEqual(whole);
        }
      index.close();
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['renal failure', true, ['folded Renal failure']],
  ['renal failures', true, ['plural Renal failure']],
  ['renla failure', true, []],
  ['renal', true, ['prefix Renal failure']],
  ['renal', false, []],
  // `Acute renall` is whole, if with a typo, so the words are no beginning.
  ['acute renal', true, []],
])('%s, beginnings %s', async (phrase, beginnings, expected) => {
  const file = await buildItems(
    [
      ['label', 'Renal failure'],
      ['label', 'Acute renal failure'],
      ['label', 'Acute renall'],
    ],
    { folder },
  );
  const index = openValueIndex(file);
  expect(found(index.wholeValues(phrase.split(' '), { beginnings }))).toEqual(expected);
  index.close();
});

test('values that stay in the file are found as those in memory are', async () => {
  const rows = Array.from(
    { length: 200 },
    (_, i) => ['name', `ward ${i % 90} of house number ${i}`] as const,
  );
  const file = await buildItems(rows, { folder });
  const inMemory = openValueIndex(file);
  const inFile = openValueIndex(file, undefined, 0);
  const phrases = ['ward 7', ...[150, 3, 149, 3, 17, 18, 199, 0].map((i) => rows[i]![1])];
  for (const phrase of phrases) {
    const expected = inMemory.find(phrase, 50);
    expect(expected[0]!.value.startsWith('ward')).toBe(true);
    expect(inFile.find(phrase, 50)).toEqual(expected);
  }
  inMemory.close();
  inFile.close();
});
