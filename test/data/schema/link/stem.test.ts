import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneTypoAway, stem } from '../../../../src/data/schema/link/stem.js';

describe('stem', () => {
  test.each([
    ['patients', 'patient'],
    ['diagnoses', 'diagnosis'],
    ['allergies', 'allergy'],
    ['discharged', 'discharge'],
    ['discharges', 'discharge'],
    ['classes', 'class'],
    ['visits', 'visit'],
    ['prescribed', 'prescribe'],
    ['addresses', 'address'],
  ])('%s and %s have the same stem', (a, b) => {
    expect(stem(a)).toBe(stem(b));
  });

  test.each([
    ['status', 'state'],
    ['race', 'rate'],
    ['sex', 'set'],
    ['note', 'not'],
  ])('%s and %s have different stems', (a, b) => {
    expect(stem(a)).not.toBe(stem(b));
  });
});

describe('isOneTypoAway', () => {
  const word = fc.stringMatching(/^[a-z]{3,10}$/);

  test('a dropped, doubled or changed letter or a swap is one typo', () => {
    fc.assert(
      fc.property(word, fc.nat(), (text, n) => {
        const i = n % (text.length - 1);
        const [before, letter, next, after] = [text.slice(0, i), text[i]!, text[i + 1]!, text.slice(i + 2)];
        expect(isOneTypoAway(text, before + next + after)).toBe(true);
        expect(isOneTypoAway(text, before + letter + letter + next + after)).toBe(true);
        expect(isOneTypoAway(text, before + '7' + next + after)).toBe(true);
        if (letter !== next) expect(isOneTypoAway(text, before + next + letter + after)).toBe(true);
      }),
    );
  });

  test('equal words and two typos do not count', () => {
    expect(isOneTypoAway('visit', 'visit')).toBe(false);
    expect(isOneTypoAway('visit', 'vist7')).toBe(false);
    expect(isOneTypoAway('visit', 'visiting')).toBe(false);
  });
});
