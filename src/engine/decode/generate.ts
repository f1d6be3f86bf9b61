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
  /** Called with each token of the text but the stop token. */
  advance(token: number): void;
  /**
   * Tokens that come next whatever is chosen later, so that the model is not asked for them; none where it has a choice. The
   * stop token may be the last.
   */
  forced?(): readonly number[];
}

export interface GenerateOptions extends SamplerOptions {
  maxNewTokens: number;
  /** Ends the text; not part of the result. */
  stopToken: number;
  mask?: TokenMask | undefined;
  /** A text is given up when its log-probability falls below this (default: never). */
  floor?: number | undefined;
}

export interface Generated {
  tokens: number[];
  /** Sum of the tokens' log-probabilities, including the stop token's. */
  logProb: number;
  /** The lowest log-probability of a token: where the model was least sure. */
  leastLogProb: number;
  /** Whether the stop token ended the text, rather than a lack of room or of probability. */
  stopped: boolean;
}

/**
 * Advances a mask over the tokens that it leaves no choice about.
 *
 * @param room the most tokens
 * @returns the tokens without the stop token, and whether it was reached
 */
export function followForced(
  mask: TokenMask | undefined,
  { stopToken, room }: { stopToken: number; room: number },
): { tokens: number[]; stopped: boolean } {
  const tokens: number[] = [];
  while (mask?.forced && tokens.length < room) {
    const forced = mask.forced();
    if (forced.length === 0) break;
    for (const token of forced) {
      if (token === stopToken) return { tokens, stopped: true };
      if (tokens.length === room) break;
      mask.advance(token);
      tokens.push(token);
    }
  }
  return { tokens, stopped: false };
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
  const { stopToken, floor = -Infinity } = options;
  const start = followForced(mask, { stopToken, room });
  text.tokens.push(...start.tokens);
  if (start.stopped) return { ...text, stopped: true };
  await session.open(joined(prompt, start.tokens));
  while (text.tokens.length < room) {
    // Meanwhile the GPU computes the logits.
    const allowed = mask?.allowed();
    const { token, logProb } = await next(allowed);
    text.logProb += logProb;
    text.leastLogProb = Math.min(text.leastLogProb, logProb);
    if (text.logProb < floor) return text;
    if (token === stopToken) return { ...text, stopped: true };
    mask?.advance(token);
    const forced = followForced(mask, { stopToken, room: room - text.tokens.length - 1 });
    const run = [token, ...forced.tokens];
    text.tokens.push(...run);
    if (forced.stopped) return { ...text, stopped: true };
    if (text.tokens.length < room) await session.append([run]);
  }
  return text;
}

export function joined(prompt: Uint32Array, tokens: readonly number[]): Uint32Array {
  const all = new Uint32Array(prompt.length + tokens.length);
  all.set(prompt);
  all.set(tokens, prompt.length);
  return all;
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
