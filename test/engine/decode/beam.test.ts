import { beforeAll, describe, expect, test } from 'vitest';
import { beamSearch, type BranchingMask, type Hypothesis } from '../../../src/engine/decode/beam.js';
import { generate } from '../../../src/engine/decode/generate.js';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

const V = TINY.vocabSize;
const STOP = 12;
/** Three tokens and the end: at most 16 texts are live at once, so a beam of 16 drops none. */
const ROOM = 4;

/** A small language: `a` and `b` in any order, `c` only after `b`; the text may end anywhere but at the start. */
const [A, B, C] = [2, 5, 9];

class SmallLanguage implements BranchingMask {
  constructor(private last?: number) {}

  allowed(): Uint32Array {
    return SmallLanguage.after(this.last);
  }

  advance(token: number): void {
    expect((this.allowed()[0]! >>> token) & 1).toBe(1);
    this.last = token;
  }

  fork(): SmallLanguage {
    return new SmallLanguage(this.last);
  }

  static #masks = new Map<number | undefined, Uint32Array>();

  static after(last: number | undefined): Uint32Array {
    const tokens = [A, B, ...(last === undefined ? [] : [STOP]), ...(last === B ? [C] : [])];
    const known =
      this.#masks.get(last) ?? Uint32Array.of(tokens.reduce((bits, token) => bits | (1 << token), 0));
    this.#masks.set(last, known);
    return known;
  }
}

/** A model whose preferences are strong enough for greedy decoding to go wrong. */
async function opinionated(seed: number, strength = 0.4): Promise<Decoder> {
  const decoder = new Decoder(await testGpu(), TINY, { trainable: false });
  decoder.parameters.initialise(seed);
  const head = decoder.parameters.get('head');
  head.write(new Random(seed).floats(head.size, strength));
  return decoder;
}

/** Every text of the language with its log-probability, by asking the model for each prefix. */
async function everyText(
  session: DecodeSession,
  prompt: number[],
  penalty: number,
): Promise<[string, number][]> {
  const texts: [string, number][] = [];
  const visit = async (text: number[], before: number): Promise<void> => {
    await session.open(Uint32Array.from([...prompt, ...text]));
    const logits = await session.logits();
    const bits = SmallLanguage.after(text.at(-1))[0]!;
    const allowed = Array.from({ length: V }, (_, token) => token).filter((token) => (bits >>> token) & 1);
    const total = Math.log(allowed.reduce((sum, token) => sum + Math.exp(logits[token]!), 0));
    for (const token of allowed) {
      const logProb = before + logits[token]! - total;
      if (token === STOP) texts.push([text.join(), logProb / (text.length + 1) ** penalty]);
      else if (text.length + 1 < ROOM) await visit([...text, token], logProb);
    }
  };
  await visit([], 0);
  return texts.sort((a, b) => b[1] - a[1]);
}

const PROMPT = [3, 1, 4];
const search = (
  session: DecodeSession,
  width: number,
  lengthPenalty = 1,
  room = ROOM,
): Promise<Hypothesis[]> =>
  beamSearch(session, Uint32Array.from(PROMPT), {
    maxNewTokens: room,
    stopToken: STOP,
    width,
    lengthPenalty,
    mask: new SmallLanguage(),
  });

describe('beam search', () => {
  let decoder: Decoder;
  let session: DecodeSession;
  beforeAll(async () => {
    decoder = await opinionated(1);
    session = await DecodeSession.create(decoder, { sequences: 16, ranks: 17 });
  });

  test.each([0, 1])(
    'finds the best of all texts if it is wide enough: length penalty %d',
    async (penalty) => {
      const all = await everyText(session, PROMPT, penalty);
      expect(all.length).toBe(19);
      const found = await search(session, 16, penalty);
      expect(found).toHaveLength(16);
      for (const [i, { tokens, score, stopped }] of found.entries()) {
        expect(tokens.join()).toBe(all[i]![0]);
        expect(score).toBeCloseTo(all[i]![1], 4);
        expect(stopped).toBe(true);
      }
    },
  );

  test('is never worse than greedy, sometimes better, and deterministic', async () => {
    const LONG = 9;
    let better = 0;
    let ended = 0;
    for (let seed = 2; seed < 8; seed++) {
      const other = await opinionated(seed, 0.15);
      const narrow = await DecodeSession.create(other, { sequences: 3, ranks: 4 });
      const greedy = await generate(narrow, Uint32Array.from(PROMPT), {
        maxNewTokens: LONG,
        stopToken: STOP,
        mask: new SmallLanguage(),
      });
      for (const width of [1, 3]) {
        const found = await search(narrow, width, 0, LONG);
        const greedyScore = greedy.logProb;
        if (greedy.stopped) {
          ended++;
          expect(found[0]!.stopped).toBe(true);
          expect(found[0]!.score).toBeGreaterThan(greedyScore - 1e-5);
        }
        if (greedy.stopped && found[0]!.score > greedyScore + 1e-3) better++;
        expect(await search(narrow, width, 0, LONG)).toEqual(found);
        expect(new Set(found.map(({ tokens }) => tokens.join())).size).toBe(found.length);
      }
      narrow.dispose();
      other.dispose();
    }
    expect(better).toBeGreaterThan(0);
    expect(ended).toBeGreaterThan(2);
  });

  test('drops texts that are too unlikely, and finds the others as before', async () => {
    const all = await search(session, 16, 0);
    const floor = (all[2]!.logProb + all[3]!.logProb) / 2;
    const options = { maxNewTokens: ROOM, stopToken: STOP, width: 16, lengthPenalty: 0, floor };
    const prompt = Uint32Array.from(PROMPT);
    const found = await beamSearch(session, prompt, { ...options, mask: new SmallLanguage() });
    expect(found.map(({ tokens }) => tokens.join())).toEqual(
      all.slice(0, 3).map(({ tokens }) => tokens.join()),
    );
    const none = { ...options, floor: all[0]!.logProb + 1e-3, mask: new SmallLanguage() };
    expect(await beamSearch(session, prompt, none)).toEqual([]);
  });

  test('reports for each text where the model was least sure', async () => {
    const [best] = await search(session, 4);
    expect(best!.leastLogProb).toBeLessThanOrEqual(best!.logProb / (best!.tokens.length + 1));
    expect(best!.leastLogProb).toBeGreaterThanOrEqual(best!.logProb);
  });

  test('a session that is too small is refused', async () => {
    const small = await DecodeSession.create(decoder, { sequences: 2, ranks: 2 });
    await expect(search(small, 2)).rejects.toThrow(/a beam of 2 needs 2 sequences and 3 ranks/);
    await expect(DecodeSession.create(decoder, { sequences: 17 })).rejects.toThrow(/17 sequences: 1 to 16/);
    await expect(small.pick([{}])).rejects.toThrow(/a prompt comes first/);
    expect(() => small.write([1, 2])).toThrow(/a prompt comes first/);
    await small.open(Uint32Array.of(1));
    expect(() => small.write([1, 2, 3])).toThrow(/3 tokens for 2 sequences/);
    await expect(small.pick([{}, {}])).rejects.toThrow(/2 asks for 1 sequences/);
  });
});

describe('sequences side by side', () => {
  test('get the logits that each would get alone, after they changed places', async () => {
    const decoder = await opinionated(9);
    const many = await DecodeSession.create(decoder, { sequences: 3, ranks: V });
    const alone = await DecodeSession.create(decoder, { ranks: V });
    await many.open(Uint32Array.from(PROMPT));
    many.write([A, B, C]);
    many.reorder([2, 0, 0]);
    many.write([A, A, B]);
    many.reorder([1, 2, 1]);
    many.write([C, B, A]);
    const picks = await many.pick([{}, {}, {}]);
    for (const [row, text] of [
      [A, A, C],
      [A, B, B],
      [A, A, A],
    ].entries()) {
      await alone.open(Uint32Array.from([...PROMPT, ...text]));
      const [expected] = await alone.pick([{}]);
      const byToken = new Map(expected!.ranked.map(({ token, logProb }) => [token, logProb]));
      for (const { token, logProb } of picks[row]!.ranked) {
        expect(Math.abs(logProb - byToken.get(token)!)).toBeLessThan(1e-4);
      }
    }
  });
});
