import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ShapeError } from '../errors.js';
import { Sampler, type SampledToken, type SamplerOptions } from './sampler.js';
import type { Draw } from './select-tokens.js';
import type { DecodeSession } from './session.js';

/** Restricts the next token. The caller's grammar keeps its own state. */
export interface TokenMask {
  /**
   * One bit per token of the vocabulary, least significant first. An array that was handed out must never change: it
   * stays on the GPU, and the same array means the same mask.
   */
  allowed(): Uint32Array;
  /** Called with each chosen token but the stop token. */
  advance(token: number): void;
}

export interface GenerateOptions extends SamplerOptions {
  maxNewTokens: number;
  /** Ends the text; not part of the result. */
  stopToken: number;
  mask?: TokenMask | undefined;
}

export interface Generated {
  tokens: number[];
  /** Sum of the tokens' log-probabilities, including the stop token's. */
  logProb: number;
  /** The lowest log-probability of a token: where the model was least sure. */
  leastLogProb: number;
  /** Whether the stop token ended the text, rather than a lack of room. */
  stopped: boolean;
}

/**
 * Continues a prompt token by token: greedily or, with a temperature, by drawing. Masks are applied on the GPU. Top-k and
 * nucleus draws happen on the host, from whole rows of logits.
 *
 * @throws ShapeError when the prompt does not fit into the session's cache, or the mask allows nothing
 */
export async function generate(
  session: DecodeSession,
  prompt: Uint32Array,
  options: GenerateOptions,
): Promise<Generated> {
  const { mask } = options;
  const choose = options.topK === undefined && options.topP === undefined ? onGpu : onHost;
  const next = choose(session, options);
  const text: Generated = { tokens: [], logProb: 0, leastLogProb: 0, stopped: false };
  const room = Math.min(options.maxNewTokens, session.context - prompt.length);
  await session.open(prompt);
  while (text.tokens.length < room) {
    // Meanwhile the GPU computes the logits.
    const allowed = mask?.allowed();
    const { token, logProb } = await next(allowed);
    text.logProb += logProb;
    text.leastLogProb = Math.min(text.leastLogProb, logProb);
    if (token === options.stopToken) return { ...text, stopped: true };
    text.tokens.push(token);
    if (text.tokens.length < room) session.write([token]);
    mask?.advance(token);
  }
  return text;
}

/** Chooses the next token. */
type Next = (mask: Uint32Array | undefined) => Promise<SampledToken>;

function onGpu(session: DecodeSession, { temperature = 0, seed = 0 }: SamplerOptions): Next {
  if (!(temperature >= 0)) {
    throw new ShapeError('sampler', `temperature is ${temperature}: it must be 0 or more`);
  }
  const generator = xoroshiro128plus(seed);
  return async (mask) => {
    const draw: Draw | undefined =
      temperature === 0 ? undefined : { temperature, uniform: uniformFloat64(generator) };
    const [pick] = await session.pick([{ mask, draw }]);
    return pick!.drawn ?? pick!.ranked[0]!;
  };
}

function onHost(session: DecodeSession, options: SamplerOptions): Next {
  const sampler = new Sampler(options);
  return async (mask) => sampler.sample(await session.logits(), mask);
}
