import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { Sampler } from '../../../src/engine/decode/sampler.js';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { bundleIndex, BUNDLES, corpusSamples, faultOf, selectionOf, tokenizerOf } from './decoding.js';

const ROOM = 200;
/** Statements per schema. */
const DECODES = Number(process.env['GRAMMAR_DECODES'] ?? 12);

/** An untrained model: random logits at each step. */
function randomLogits(random: Random, size: number): Float32Array {
  return Float32Array.from({ length: size }, () => random.int(1000) / 100);
}

describe('random logits', () => {
  test.each(BUNDLES)(
    'give statements that the validator accepts, within the limit on tokens: %s',
    (bundle) => {
      const index = bundleIndex(bundle);
      const samples = corpusSamples(index, Math.max(DECODES, 150), 21);
      const tokenizer = tokenizerOf(samples, 700);
      const grammar = createGrammar(index, tokenizer);
      const random = new Random(31, 0);
      for (const [i, sample] of samples.slice(0, DECODES).entries()) {
        const selection = selectionOf(index, sample);
        const mask = grammar.start(sample.values, { selection, maxTokens: ROOM, isPlain: i % 2 === 0 });
        const sampler = new Sampler({ temperature: 1, seed: random.int(1 << 30) });
        const tokens: number[] = [];
        while (tokens.at(-1) !== tokenizer.endId) {
          const { token } = sampler.sample(randomLogits(random, tokenizer.vocabSize), mask.allowed());
          mask.advance(token);
          tokens.push(token);
          expect(tokens.length).toBeLessThanOrEqual(ROOM);
        }
        expect(faultOf(tokenizer.decode(tokens.slice(0, -1)), index, sample.values)).toBeUndefined();
      }
    },
  );
});
