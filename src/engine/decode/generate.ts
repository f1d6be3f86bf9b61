import type { DecodeSession } from './session.js';
import { Sampler, type SamplerOptions } from './sampler.js';

/** Restricts what may come next. The caller's grammar keeps its own state; the engine only asks and tells. */
export interface TokenMask {
  /** One bit for each token of the vocabulary, least significant first. */
  allowed(): Uint32Array;
  /** The token that was chosen. */
  advance(token: number): void;
}

export interface GenerateOptions extends SamplerOptions {
  maxNewTokens: number;
  /** Ends the text; not part of the result. */
  stopToken: number;
  mask?: TokenMask;
}

export interface Generated {
  tokens: number[];
  /** Sum of the tokens' log-probabilities, the stop token's included. */
  logProb: number;
  /** Whether the stop token came, rather than the end of the room. */
  stopped: boolean;
}

/**
 * Continues a prompt, token by token.
 *
 * @throws ShapeError when the prompt does not fit into the session's cache, or the mask allows nothing
 */
export async function generate(
  session: DecodeSession,
  prompt: Uint32Array,
  options: GenerateOptions,
): Promise<Generated> {
  const sampler = new Sampler(options);
  const tokens: number[] = [];
  let logProb = 0;
  let logits = await session.prefill(prompt);
  const room = Math.min(options.maxNewTokens, session.context - prompt.length);
  while (tokens.length < room) {
    const next = sampler.sample(logits, options.mask?.allowed());
    logProb += next.logProb;
    options.mask?.advance(next.token);
    if (next.token === options.stopToken) return { tokens, logProb, stopped: true };
    tokens.push(next.token);
    if (tokens.length < room) logits = await session.step(next.token);
  }
  return { tokens, logProb, stopped: false };
}
