import { describe, expect, test } from 'vitest';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { bundleIndex, corpusSamples, isAllowed, selectionOf, tokenizerOf } from './decoding.js';

const index = bundleIndex('omop_cdm_5_4');
const samples = corpusSamples(index, 60, 4);
const tokenizer = tokenizerOf(samples);
const grammar = createGrammar(index, tokenizer);

describe('tokens that come next whatever is chosen later', () => {
  test('are those of the statement as a record spells it, and the mask allows each', () => {
    let [forced, all] = [0, 0];
    for (const sample of samples) {
      const ids = [...tokenizer.encode(` ${sample.record.sql}`), tokenizer.endId];
      const mask = grammar.start(sample.values, { selection: selectionOf(index, sample), maxTokens: 400 });
      for (let at = 0; at < ids.length;) {
        const next = [...mask.forced()];
        expect(next, sample.record.sql).toEqual(ids.slice(at, at + next.length));
        for (const token of next.length > 0 ? next : ids.slice(at, at + 1)) {
          expect(isAllowed(mask.allowed(), token)).toBe(true);
          if (token !== tokenizer.endId) mask.advance(token);
          at++;
        }
        forced += next.length;
      }
      all += ids.length;
    }
    expect(forced / all).toBeGreaterThan(0.3);
  });

  test('are told again by a copy, and become fewer with each that is written', () => {
    const [sample] = samples;
    const mask = grammar.start(sample!.values, { selection: selectionOf(index, sample!) });
    const [first, ...rest] = mask.forced();
    const copy = mask.fork();
    mask.advance(first!);
    expect(copy.forced()).toEqual([first, ...rest]);
    expect(mask.forced().slice(0, rest.length)).toEqual(rest);
  });

  test('are none after the beginning of a word that the model spells in its own way', () => {
    const [sample] = samples;
    const mask = grammar.start(sample!.values, { selection: selectionOf(index, sample!) });
    for (const letter of ' SEL') mask.advance(tokenizer.tokenId(letter)!);
    expect(mask.forced()).toEqual([]);
    expect(isAllowed(mask.allowed(), tokenizer.tokenId('E')!)).toBe(true);
  });
});
