import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenizeQuestion } from '../../../src/sql/vault/lexer.js';
import { nounWords } from '../../../src/sql/vault/nouns.js';
import { RECOGNISERS } from '../../../src/sql/vault/recognisers.js';
import { placeOf } from '../../../src/sql/vault/scan.js';
import type { Scan } from '../../../src/sql/vault/types.js';
import { hashOn, knownWordAt } from '../../../src/sql/vault/vocabulary.js';
import * as lists from '../../../src/sql/vault/words.js';

const listed = Object.values(lists).flatMap((list) => (list instanceof Set ? [...list] : [])) as string[];
const word = fc.oneof(
  fc.constantFrom(...listed),
  fc.constantFrom(...nounWords()),
  fc.constantFrom('may', 'sept', 'third', 'Quarter', 'between', 'medical', 'record', 'a1', '12', '2024', '#'),
  fc.stringMatching(/^[A-Za-z_'é]{1,9}$/),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', '-', ': ', ' (', '@')), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.flat().join(''));

function known(spelled: string): string | undefined {
  let hash = 0;
  for (let k = 0; k < spelled.length; k++) hash = hashOn(hash, spelled.charCodeAt(k));
  return knownWordAt(`x${spelled}x`, 1, spelled.length + 1, hash)?.word;
}

describe('filler words', () => {
  const others = RECOGNISERS.filter(({ at, name }) => at.includes('plain') && name !== 'schema names');

  test('are never the start of a match for a recogniser of plain words', () => {
    let fillers = 0;
    fc.assert(
      fc.property(text, (question) => {
        const tokens = tokenizeQuestion(question);
        const rest = { dateOrder: undefined, from: 0, unclosed: '', digitsAt: -1, ranked: undefined };
        const scan: Scan = { text: question, written: question, tokens, names: undefined, ...rest };
        tokens.forEach((token, i) => {
          if (placeOf(token) !== 'filler') return;
          fillers++;
          for (const { name, recognise } of others) expect(recognise(scan, i), name).toBeUndefined();
        });
      }),
      { numRuns: 2000 },
    );
    expect(fillers).toBeGreaterThan(2000);
  });

  test('are not in the vocabulary, whose words are found in any case', () => {
    for (const one of [...listed, ...nounWords()].filter((one) => /^[a-z0-9]+$/.test(one))) {
      expect([known(one), known(one.toUpperCase())]).toEqual([one, one]);
      expect(known(`${one}qx`)).toBeUndefined();
    }
  });

  test('have their text in lower case on request', () => {
    fc.assert(
      fc.property(text, (question) => {
        for (const token of tokenizeQuestion(question)) {
          if (token.kind === 'quote') continue;
          expect(token.word).toBe(question.slice(token.start, token.end).toLowerCase());
        }
      }),
    );
  });
});
