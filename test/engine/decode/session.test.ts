import { describe, expect, test } from 'vitest';
import { generate } from '../../../src/engine/decode/generate.js';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { TokenBatch } from '../../../src/engine/ops/embedding.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

async function model(): Promise<Decoder> {
  const decoder = new Decoder(await testGpu(), TINY, { trainable: false });
  decoder.parameters.initialise(3);
  return decoder;
}

/** Logits of every position [T, V], computed in one go without a cache. */
async function allLogits(decoder: Decoder, tokens: Uint32Array): Promise<Float32Array> {
  const batch = new TokenBatch(decoder.gpu, [1, tokens.length], TINY.vocabSize);
  batch.write(tokens);
  const program = await record(decoder.gpu, () => decoder.logits(decoder.hidden(batch)));
  program.run();
  return program.outputs.read();
}

const V = TINY.vocabSize;

describe('decoding with a cache', () => {
  test('gives the same logits as a whole forward pass, at every position', async () => {
    const decoder = await model();
    const random = new Random(1);
    const tokens = Uint32Array.from({ length: 20 }, () => random.integer(0, V - 1));
    const expected = await allLogits(decoder, tokens);
    const session = await DecodeSession.create(decoder);
    for (const promptLength of [1, 7, 19]) {
      await session.open(tokens.subarray(0, promptLength));
      for (let t = promptLength; t <= tokens.length; t++) {
        const logits = await session.logits();
        expect(relativeError(logits, expected.subarray((t - 1) * V, t * V)), `position ${t}`).toBeLessThan(
          1e-5,
        );
        if (t < tokens.length) session.write([tokens[t]!]);
      }
      expect(session.length).toBe(20);
    }
    session.dispose();
  });

  test.each([2, 5, 8, 11, 17])('gives the same logits after a run of %i tokens', async (run) => {
    const decoder = await model();
    const random = new Random(run);
    const tokens = Uint32Array.from({ length: 24 }, () => random.integer(0, V - 1));
    const expected = await allLogits(decoder, tokens);
    const session = await DecodeSession.create(decoder);
    await session.open(tokens.subarray(0, 3));
    await session.append([[...tokens.subarray(3, 3 + run)]]);
    expect(session.length).toBe(3 + run);
    const at = (position: number): Float32Array => expected.subarray((position - 1) * V, position * V);
    expect(relativeError(await session.logits(), at(3 + run))).toBeLessThan(1e-5);
    session.write([tokens[3 + run]!]);
    expect(relativeError(await session.logits(), at(4 + run))).toBeLessThan(1e-5);
    session.dispose();
  });

  test('sequences may add runs of different lengths, and continue one another', async () => {
    const decoder = await model();
    const session = await DecodeSession.create(decoder, { sequences: 3 });
    const prompt = [1, 2];
    let texts = [
      [...prompt, 3],
      [...prompt, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2],
      [...prompt, 5, 6, 7],
    ];
    const check = async (): Promise<void> => {
      const logits = await session.logits();
      for (const [b, text] of texts.entries()) {
        const expected = (await allLogits(decoder, Uint32Array.from(text))).subarray(-V);
        const row = logits.subarray(b * V, (b + 1) * V);
        expect(relativeError(row, expected), `sequence ${b}`).toBeLessThan(1e-5);
      }
    };
    await session.open(Uint32Array.from(prompt));
    await session.append(texts.map((text) => text.slice(prompt.length)));
    await check();
    session.reorder([1, 0, 1]);
    const more = [[3], [4, 5, 6, 7], [8, 9]];
    texts = [texts[1]!, texts[0]!, texts[1]!].map((text, b) => [...text, ...more[b]!]);
    await session.append(more);
    await check();
    session.dispose();
  });

  test('on the f16 path reads the weights in f16 and gives nearly the same logits', async () => {
    const config = { ...TINY, vocabSize: 16 };
    const [exact, rounded] = await Promise.all(
      (['f32', 'f16'] as const).map(async (kernels) => {
        const decoder = new Decoder(await testGpu({ kernels }), config, { trainable: false });
        decoder.parameters.initialise(3);
        const session = await DecodeSession.create(decoder);
        await session.open(Uint32Array.of(1, 2, 3));
        const afterPrompt = await session.logits();
        session.write([4]);
        const logits = { afterPrompt, afterToken: await session.logits() };
        session.dispose();
        decoder.dispose();
        return logits;
      }),
    );
    for (const when of ['afterPrompt', 'afterToken'] as const) {
      const error = relativeError(rounded![when], exact![when]);
      expect(error, when).toBeLessThan(2e-3);
      expect(error, `${when}: no weight was rounded`).toBeGreaterThan(1e-5);
    }
  });

  test('a vocabulary that does not fit f16 is decoded in f32', async () => {
    const decoder = new Decoder(await testGpu({ kernels: 'f16' }), TINY, { trainable: false });
    expect(decoder.head.half).toBeUndefined();
    decoder.dispose();
  });

  test('a second question does not see the first', async () => {
    const decoder = await model();
    const session = await DecodeSession.create(decoder);
    await session.open(Uint32Array.of(1, 2, 3));
    const fresh = await session.logits();
    await session.open(Uint32Array.from({ length: 20 }, (_, i) => i % V));
    await session.open(Uint32Array.of(1, 2, 3));
    expect(await session.logits()).toEqual(fresh);
  });

  test('the next token can be picked again with other masks', async () => {
    const session = await DecodeSession.create(await model(), { ranks: 2 });
    await session.open(Uint32Array.of(1, 2));
    session.write([3]);
    const logits = await session.logits();
    const best = (tokens: number[]): number[] => tokens.sort((a, b) => logits[b]! - logits[a]!).slice(0, 2);
    for (const tokens of [
      [0, 4, 7],
      [1, 2, 3, 5],
      [6, 8],
    ]) {
      const mask = Uint32Array.of(tokens.reduce((bits, token) => bits | (1 << token), 0));
      const [pick] = await session.pick([{ mask }]);
      expect(pick!.ranked.map(({ token }) => token)).toEqual(best(tokens));
    }
    expect(await session.logits()).toEqual(logits);
  });

  test('prompts and tokens that do not fit are refused', async () => {
    const session = await DecodeSession.create(await model(), { context: 4 });
    expect(() => session.write([1])).toThrow(/a prompt comes first/);
    await expect(session.open(new Uint32Array(0))).rejects.toThrow(/0 tokens: 1 to 4 fit/);
    await expect(session.open(new Uint32Array(5))).rejects.toThrow(/5 tokens: 1 to 4 fit/);
    await session.open(new Uint32Array(4));
    expect(() => session.write([1])).toThrow(/the cache is full/);
    await session.open(new Uint32Array(2));
    await expect(session.append([[1, 1, 1]])).rejects.toThrow(/the cache is full/);
    await expect(session.append([[]])).rejects.toThrow(/no token for sequence 0/);
    await expect(DecodeSession.create(await model(), { context: 99 })).rejects.toThrow(
      /context is 99 and the model's is 24/,
    );
  });
});

describe('generate', () => {
  test('continues greedily like the whole forward pass, and ends at the stop token', async () => {
    const decoder = await model();
    const session = await DecodeSession.create(decoder);
    const prompt = Uint32Array.of(4, 5);
    const free = await generate(session, prompt, { maxNewTokens: 6, stopToken: V });
    expect(free.stopped).toBe(false);
    let text = [...prompt];
    for (const token of free.tokens) {
      const logits = (await allLogits(decoder, Uint32Array.from(text))).subarray(-V);
      expect(logits.indexOf(Math.max(...logits))).toBe(token);
      text = [...text, token];
    }
    const stopped = await generate(session, prompt, { maxNewTokens: 6, stopToken: free.tokens[0]! });
    expect(stopped).toMatchObject({ tokens: [], stopped: true });
  });

  test('makes masks while the GPU computes: after it received the previous token', async () => {
    const session = await DecodeSession.create(await model());
    const atWork: number[] = [];
    const all = Uint32Array.of(0xffff_ffff);
    const allowed = (): Uint32Array => (atWork.push(session.length), all);
    await generate(session, Uint32Array.of(1, 2), {
      maxNewTokens: 4,
      stopToken: V,
      mask: { allowed, advance: () => {} },
    });
    expect(atWork).toEqual([2, 3, 4, 5]);
  });

  test('does not ask the model for tokens that the mask forces', async () => {
    const decoder = await model();
    const session = await DecodeSession.create(decoder);
    const prompt = Uint32Array.of(4, 5);
    const free = await generate(session, prompt, { maxNewTokens: 9, stopToken: V });
    // The same text, of which the model is asked for every third token.
    let at = 0;
    const asked: number[] = [];
    const all = Uint32Array.of(0xffff_ffff);
    const mask = {
      allowed: (): Uint32Array => (asked.push(at), all),
      advance: (token: number) => expect(token).toBe(free.tokens[at++]),
      forced: () => (at % 3 === 0 ? [] : free.tokens.slice(at, at + 1)),
    };
    const written = await generate(session, prompt, { maxNewTokens: 9, stopToken: V, mask });
    expect(written.tokens).toEqual(free.tokens);
    expect(asked).toEqual([0, 3, 6]);
    expect(written.logProb).toBeGreaterThan(free.logProb);
  });

  test('ends without a pass of the model where the mask forces the end', async () => {
    const session = await DecodeSession.create(await model());
    let length = 0;
    const mask = {
      allowed: () => Uint32Array.of(0b110),
      advance: () => void length++,
      forced: () => (length === 2 ? [7] : []),
    };
    const { tokens, stopped } = await generate(session, Uint32Array.of(1), {
      maxNewTokens: 9,
      stopToken: 7,
      mask,
    });
    expect([tokens.length, stopped, session.length]).toEqual([2, true, 2]);
  });

  test('a mask restricts the tokens and is told each chosen one', async () => {
    const session = await DecodeSession.create(await model());
    const told: number[] = [];
    const onlyEven = Uint32Array.of(0b0_0101_0101_0101);
    const mask = { allowed: () => onlyEven, advance: (token: number) => told.push(token) };
    const { tokens } = await generate(session, Uint32Array.of(1), {
      maxNewTokens: 8,
      stopToken: V,
      temperature: 3,
      seed: 1,
      mask,
    });
    expect(tokens).toHaveLength(8);
    expect(tokens.every((token) => token % 2 === 0)).toBe(true);
    expect(told).toEqual(tokens);
  });
});
