import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { ShapeError } from '../errors.js';

export interface SamplerOptions {
  /** 0 takes the likeliest token (greedy, the default); otherwise logits are divided by it before the draw. */
  temperature?: number | undefined;
  /** Draws among this many of the likeliest tokens only. */
  topK?: number | undefined;
  /** Draws among the likeliest tokens that together have this probability (nucleus sampling, arXiv:1904.09751). */
  topP?: number | undefined;
  /** Default 0. */
  seed?: number | undefined;
}

export interface SampledToken {
  token: number;
  /** Natural logarithm of the token's probability among the allowed ones, at temperature 1. */
  logProb: number;
}

/** Draws tokens from logits; the same seed and logits give the same tokens. */
export class Sampler {
  readonly #options: { temperature: number; topK: number; topP: number };
  readonly #generator;

  /** @throws ShapeError for options out of range */
  constructor(options: SamplerOptions = {}) {
    const { temperature = 0, topK = Infinity, topP = 1, seed = 0 } = options;
    if (!(temperature >= 0))
      throw new ShapeError('sampler', `temperature is ${temperature}: it must be 0 or more`);
    if (!(topK >= 1)) throw new ShapeError('sampler', `topK is ${topK}: it must be 1 or more`);
    if (!(topP > 0 && topP <= 1))
      throw new ShapeError('sampler', `topP is ${topP}: it must be above 0 and at most 1`);
    this.#options = { temperature, topK, topP };
    this.#generator = xoroshiro128plus(seed);
  }

  /**
   * @param logits [V]
   * @param mask one bit per token, least significant first; a token whose bit is 0 is never drawn
   * @throws ShapeError when the mask allows nothing, or a logit is not a number
   */
  sample(logits: Float32Array, mask?: Uint32Array): SampledToken {
    const allowed: number[] = [];
    let highest = -Infinity;
    for (let token = 0; token < logits.length; token++) {
      if (mask && ((mask[token >>> 5]! >>> (token & 31)) & 1) === 0) continue;
      const logit = logits[token]!;
      if (Number.isNaN(logit)) throw new ShapeError('sampler', `the logit of token ${token} is not a number`);
      allowed.push(token);
      if (logit > highest) highest = logit;
    }
    if (allowed.length === 0) throw new ShapeError('sampler', 'the mask allows no token');
    const logSum =
      highest + Math.log(allowed.reduce((sum, token) => sum + Math.exp(logits[token]! - highest), 0));
    const token =
      this.#options.temperature === 0 ? likeliest(allowed, logits) : this.#draw(allowed, logits, highest);
    return { token, logProb: logits[token]! - logSum };
  }

  #draw(allowed: number[], logits: Float32Array, highest: number): number {
    const { temperature, topK, topP } = this.#options;
    const weight = (token: number): number => Math.exp((logits[token]! - highest) / temperature);
    let candidates = allowed;
    if (topK < allowed.length || topP < 1) {
      // Ties are broken by the token's number: the order is the same everywhere.
      candidates = [...allowed].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, topK);
      const total = candidates.reduce((sum, token) => sum + weight(token), 0);
      let covered = 0;
      const cut = candidates.findIndex((token) => (covered += weight(token)) >= topP * total);
      if (cut >= 0) candidates = candidates.slice(0, cut + 1);
    }
    const total = candidates.reduce((sum, token) => sum + weight(token), 0);
    let rest = uniformFloat64(this.#generator) * total;
    for (const token of candidates) {
      rest -= weight(token);
      if (rest < 0) return token;
    }
    return candidates.at(-1)!;
  }
}

/** The first of the tokens with the highest logit. */
function likeliest(allowed: readonly number[], logits: Float32Array): number {
  return allowed.reduce((best, token) => (logits[token]! > logits[best]! ? token : best));
}
