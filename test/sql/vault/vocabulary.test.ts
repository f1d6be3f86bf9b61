import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenizeQuestion } from '../../../src/sql/vault/lexer.js';
import { nounWords } from '../../../src/sql/vault/nouns.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { extract, knowledgeOf } from '../../../src/sql/vault/index.js';
import { RECOGNISERS, RECOGNISERS_OF } from '../../../src/sql/vault/recognisers.js';
import { placeOf } from '../../../src/sql/vault/scan.js';
import type { Scan } from '../../../src/sql/vault/types.js';
import { hashOn, knownWordAt, MOST_KNOWN } from '../../../src/sql/vault/vocabulary.js';
import * as lists from '../../../src/sql/vault/words.js';

const listed = Object.values(lists).flatMap((list) => (list instanceof Set ? [...list] : [])) as string[];
const word = fc.oneof(
  fc.constantFrom(...listed),
  fc.constantFrom(...nounWords()),
  fc.constantFrom('may', 'sept', 'third', 'Quarter', 'between', 'medical', 'record', 'a1', '12', '2024', '#'),
  fc.constantFrom(
    ...[
      'in their 70s',
      'half a year ago',
      'couple of months',
      'minus five',
      'in twenty twenty',
      'seen in the eighties',
    ],
    ...['March 5 2020', 'first half of 2019', 'second quarter of 2020', 'between 1 and 2', 'patient 123456'],
    ...['June 9 of last year', 'the fifth of May 2020', 'older than sixty', 'two fortnights'],
  ),
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

function scanOf(question: string): Scan {
  const tokens = tokenizeQuestion(question);
  const rest = { dateOrder: undefined, from: 0, unclosed: '', digitsAt: -1, ranked: undefined };
  return { text: question, written: question, tokens, names: undefined, ...rest };
}

describe('filler words', () => {
  const others = RECOGNISERS.filter(({ at, name }) => at.includes('plain') && name !== 'schema names');

  test('are never the start of a match for a recogniser of plain words', () => {
    let fillers = 0;
    fc.assert(
      fc.property(text, (question) => {
        const scan = scanOf(question);
        scan.tokens.forEach((token, i) => {
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
      // Longer than the words that the test above makes up, and the vault learns.
      expect(known(`${one}qxqxqxqxqx`)).toBeUndefined();
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

describe('words that a value can begin with', () => {
  test('rule out only recognisers that find nothing there', () => {
    let openers = 0;
    fc.assert(
      fc.property(text, (question) => {
        const scan = scanOf(question);
        scan.tokens.forEach((token, i) => {
          if (placeOf(token) !== 'opener') return;
          openers++;
          const own = RECOGNISERS_OF[token.known.number]!;
          for (const { name, at, recognise } of RECOGNISERS)
            if (at.includes('plain') && !own.includes(recognise))
              expect(recognise(scan, i), name).toBeUndefined();
        });
      }),
      { numRuns: 2000 },
    );
    expect(openers).toBeGreaterThan(2000);
  });
});

describe('learned words', () => {
  const knowledge = knowledgeOf(loadBundle('synthea'));
  /** More new words than are remembered. */
  function learnMany(): void {
    const letters = (n: number): string => n.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]!);
    for (let n = 0; n < 2 * MOST_KNOWN; n += 64) {
      const words = Array.from({ length: 64 }, (_, k) => `learn${letters(n + k)}`);
      for (const token of tokenizeQuestion(words.join(' '))) knowledge.bitsOfToken(token);
    }
  }

  test('mean the same once they are forgotten, also in a question that was read before', () => {
    const question = 'Which Patient has a birthdate, o’clock, person_id and wolfsbane?';
    const tokens = tokenizeQuestion(question);
    const bits = tokens.map((token) => knowledge.bitsOfToken(token));
    expect(bits).toEqual(tokens.map(({ word }) => knowledge.bitsOf(word)));
    learnMany();
    const others = tokenizeQuestion('wolfsbane was given, and patient Which');
    expect(others.map((token) => knowledge.bitsOfToken(token))).toEqual(
      others.map(({ word }) => knowledge.bitsOf(word)),
    );
    expect(tokens.map((token) => knowledge.bitsOfToken(token))).toEqual(bits);
  });

  test('leave the answer as it was', () => {
    const question = 'How many patients were given wolfsbane in March 2021 by Dr. Lindholm?';
    const before = extract(question, { knowledge });
    learnMany();
    expect(extract(question, { knowledge })).toEqual(before);
  });
});
