import { ShapeError } from '../errors.js';
import { anyTokenOf } from './any-token.js';
import { generate } from './generate.js';
import type { SamplerOptions } from './sampler.js';
import { DecodeSession } from './session.js';
import type { SessionModel } from './session-state.js';

export interface ContinueOptions extends SamplerOptions {
  /** The most tokens to add (default 100). */
  tokens?: number | undefined;
  /** Ends the text; not part of the result. */
  stopToken?: number | undefined;
  /** Only tokens below this are written: those of the tokenizer, where the model's vocabulary is padded (default: all). */
  vocabSize?: number | undefined;
}

/**
 * Continues a prompt in a session made for it. When the context is full, its later half becomes the next prompt.
 *
 * @returns the new tokens
 * @throws ShapeError for a token outside the vocabulary, or a number of tokens that is not a whole number
 * @throws EngineError, ShapeError as `DecodeSession` does
 */
export async function continueText(
  model: SessionModel,
  prompt: ArrayLike<number>,
  {
    tokens = 100,
    stopToken,
    vocabSize = model.config.vocabSize,
    seed = 0,
    ...sampling
  }: ContinueOptions = {},
): Promise<number[]> {
  assertOptions(model.config.vocabSize, prompt, tokens, stopToken);
  const mask = vocabSize < model.config.vocabSize ? anyTokenOf(vocabSize) : undefined;
  const session = await DecodeSession.create(model);
  const { context } = session;
  const text = Array.from(prompt);
  const end = text.length + tokens;
  // A full context is cut in half; one that is nearly full still has room for a token.
  const kept = Math.max(1, context >> 1);
  try {
    for (let round = 0; text.length < end; round++) {
      const given = text.length < context ? text : text.slice(-kept);
      const { tokens: added, stopped } = await generate(session, Uint32Array.from(given), {
        ...sampling,
        seed: seed + round,
        mask,
        maxNewTokens: end - text.length,
        stopToken: stopToken ?? model.config.vocabSize,
      });
      text.push(...added);
      if (stopped || added.length === 0) break;
    }
    return text.slice(end - tokens);
  } finally {
    session.dispose();
  }
}

function assertOptions(
  vocabSize: number,
  prompt: ArrayLike<number>,
  tokens: number,
  stopToken: number | undefined,
): void {
  if (!(Number.isInteger(tokens) && tokens >= 0)) {
    throw new ShapeError('generate', `tokens is ${tokens}: it must be a whole number, 0 or more`);
  }
  const isKnown = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < vocabSize;
  const unknown = Array.from(prompt).find((id) => !isKnown(id));
  if (unknown !== undefined) {
    throw new ShapeError('generate', `token ${unknown} is outside the vocabulary of ${vocabSize}`);
  }
  if (stopToken !== undefined && !isKnown(stopToken)) {
    throw new ShapeError('generate', `stopToken ${stopToken} is outside the vocabulary of ${vocabSize}`);
  }
}
