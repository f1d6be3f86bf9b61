import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sampler } from '../../../src/engine/decode/sampler.js';

const logits = Float32Array.of(1, 3, 2, 3, -1);

describe('sampler', () => {
  test('greedy takes the likeliest token, and the first of equal ones', () => {
    const { token, logProb } = new Sampler().sample(logits);
    expect(token).toBe(1);
    const total = [...logits].reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(logProb).toBeCloseTo(3 - Math.log(total), 6);
  });

  test('a masked token is never drawn, and probabilities are relative to the allowed tokens', () => {
    expect(new Sampler().sample(logits, Uint32Array.of(0b10101))).toEqual({
      token: 2,
      logProb: expect.closeTo(2 - Math.log(Math.exp(1) + Math.exp(2) + Math.exp(-1)), 6) as number,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 }), fc.nat(), (mask, seed) => {
        const { token } = new Sampler({ temperature: 2, seed }).sample(logits, Uint32Array.of(mask));
        return ((mask >> token) & 1) === 1;
      }),
    );
  });

  test('the same seed draws the same tokens; frequencies follow the softmax', () => {
    const draw = (seed: number, options = {}): number[] => {
      const sampler = new Sampler({ temperature: 1, seed, ...options });
      return Array.from({ length: 4000 }, () => sampler.sample(logits).token);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const total = [...logits].reduce((sum, logit) => sum + Math.exp(logit), 0);
    const tokens = draw(7);
    for (const [token, logit] of logits.entries()) {
      const share = tokens.filter((t) => t === token).length / tokens.length;
      expect(Math.abs(share - Math.exp(logit) / total)).toBeLessThan(0.03);
    }
    expect(new Set(draw(7, { topK: 2 }))).toEqual(new Set([1, 3]));
    expect(new Set(draw(7, { topP: 0.5 }))).toEqual(new Set([1, 3]));
    expect(new Set(draw(7, { topP: 0.1 }))).toEqual(new Set([1]));
  });

  test('invalid options are refused', () => {
    expect(() => new Sampler({ temperature: -1 })).toThrow(/temperature is -1/);
    expect(() => new Sampler({ topP: 0 })).toThrow(/topP is 0/);
    expect(() => new Sampler({ topK: 0 })).toThrow(/topK is 0/);
    expect(() => new Sampler().sample(logits, Uint32Array.of(0))).toThrow(/allows no token/);
    expect(() => new Sampler().sample(Float32Array.of(1, NaN))).toThrow(/token 1 is not a number/);
  });
});
