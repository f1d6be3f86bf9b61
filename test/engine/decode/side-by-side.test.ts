import { beforeAll, describe, expect, test } from 'vitest';
import { generate, type Generated, type TokenMask } from '../../../src/engine/decode/generate.js';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { SideBySide } from '../../../src/engine/decode/side-by-side.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

const STOP = 12;

/** After an even token an odd one comes, after an odd one any; after token 3 comes 5 without a choice, and 7 ends. */
class Parity implements TokenMask {
  #last = 0;
  static readonly #odd = Uint32Array.of(0b1_0101_0101_010 | (1 << STOP));
  static readonly #any = Uint32Array.of((1 << 13) - 1);

  allowed(): Uint32Array {
    return this.#last % 2 === 0 ? Parity.#odd : Parity.#any;
  }

  advance(token: number): void {
    this.#last = token;
  }

  forced(): readonly number[] {
    if (this.#last === 3) return [5];
    return this.#last === 7 ? [STOP] : [];
  }
}

describe('prompts continued side by side', () => {
  let decoder: Decoder;
  const random = new Random(5);
  const prompts = Array.from({ length: 11 }, () =>
    Uint32Array.from({ length: random.integer(1, 14) }, () => random.integer(0, TINY.vocabSize - 1)),
  );
  const options = (i: number): { maxNewTokens: number; stopToken: number; mask?: TokenMask } => ({
    maxNewTokens: 3 + (i % 4) * 3,
    stopToken: STOP,
    ...(i % 3 !== 0 && { mask: new Parity() }),
  });
  let alone: Generated[];

  beforeAll(async () => {
    decoder = new Decoder(await testGpu(), TINY, { trainable: false });
    decoder.parameters.initialise(3);
    const head = decoder.parameters.get('head');
    head.write(new Random(7).floats(head.size, 0.4));
    const session = await DecodeSession.create(decoder);
    alone = [];
    for (const [i, prompt] of prompts.entries()) alone.push(await generate(session, prompt, options(i)));
    session.dispose();
  });

  test.each([1, 3, 16])('give the tokens that each gives alone, %i at a time', async (sequences) => {
    const batch = await SideBySide.create(decoder, sequences);
    const texts = await Promise.all(prompts.map((prompt, i) => batch.generate(prompt, options(i))));
    expect(texts.map(({ tokens, stopped }) => ({ tokens, stopped }))).toEqual(
      alone.map(({ tokens, stopped }) => ({ tokens, stopped })),
    );
    texts.forEach(({ logProb, leastLogProb }, i) => {
      expect(logProb).toBeCloseTo(alone[i]!.logProb, 4);
      expect(leastLogProb).toBeCloseTo(alone[i]!.leastLogProb, 4);
    });
    batch.dispose();
  });

  test('some end at once and some fill their room, so that the comparison says something', () => {
    expect(new Set(alone.map(({ stopped }) => stopped)).size).toBe(2);
    expect(new Set(alone.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(3);
  });

  test('a prompt that does not fit fails alone', async () => {
    const batch = await SideBySide.create(decoder, 2);
    const tooLong = new Uint32Array(TINY.context + 1);
    const [first, second, third] = await Promise.allSettled([
      batch.generate(prompts[0]!, options(0)),
      batch.generate(tooLong, options(0)),
      batch.generate(prompts[1]!, options(1)),
    ]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'shape' } });
    expect([first, third].map((text) => text!.status === 'fulfilled' && text!.value.tokens)).toEqual([
      alone[0]!.tokens,
      alone[1]!.tokens,
    ]);
    expect((await batch.generate(prompts[2]!, options(2))).tokens).toEqual(alone[2]!.tokens);
    batch.dispose();
  });

  test('a session that copies the reading of a prompt has the logits of its own reading', async () => {
    const [reader, other] = [
      await DecodeSession.create(decoder),
      await DecodeSession.create(decoder, { sequences: 3, ranks: 4 }),
    ];
    const prompt = Uint32Array.of(1, 4, 2, 8, 5);
    await other.open(prompt);
    const [own] = await other.pick([{}]);
    await generate(reader, prompt, { maxNewTokens: 5, stopToken: STOP });
    await other.open(Uint32Array.of(3));
    await other.openAfter(reader, prompt);
    expect(other.length).toBe(prompt.length);
    const copied = await other.pick([{}, {}, {}]);
    for (const { ranked } of copied) {
      expect(ranked.map(({ token }) => token)).toEqual(own!.ranked.map(({ token }) => token));
      ranked.forEach(({ logProb }, i) => expect(logProb).toBeCloseTo(own!.ranked[i]!.logProb, 4));
    }
    // Another prompt than the one that was read is read anew.
    await other.openAfter(reader, Uint32Array.of(9, 9));
    const [anew] = await other.pick([{}]);
    await reader.open(Uint32Array.of(9, 9));
    expect((await reader.pick([{}]))[0]!.ranked[0]!.token).toBe(anew!.ranked[0]!.token);
    [reader, other].forEach((session) => session.dispose());
  });
});
