import { describe, expect, test } from 'vitest';
import { Sampler } from '../../../src/engine/decode/sampler.js';
import {
  CONTROL_WORDS,
  pickWords,
  readPick,
  selectReference,
  selectTokens,
  writeControl,
  type Draw,
  type Pick,
} from '../../../src/engine/decode/select-tokens.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

interface Row {
  logits: Float32Array;
  mask: Uint32Array;
  draw: Draw;
}

async function onGpu(rows: readonly Row[], V: number, ranks: number): Promise<Pick[]> {
  const gpu = await testGpu();
  const W = Math.ceil(V / 32);
  const logits = gpu.tensor([rows.length, V], Float32Array.from(rows.flatMap((row) => [...row.logits])));
  // Slots in reverse, so that using a row's number as its slot fails.
  const masks = gpu.tensor(
    [rows.length, W],
    Uint32Array.from([...rows].reverse().flatMap(({ mask }) => [...mask])),
  );
  const words = new Uint32Array(rows.length * CONTROL_WORDS);
  rows.forEach(({ draw }, row) => writeControl(words, row, rows.length - 1 - row, draw));
  const controls = gpu.tensor([rows.length, CONTROL_WORDS], words);
  const program = await record(gpu, () => selectTokens(logits, masks, controls, ranks));
  program.run();
  const picks = (await program.outputs.readAs('u32')) as Uint32Array;
  program.dispose();
  [logits, masks, controls].forEach((tensor) => tensor.dispose());
  expect(picks).toHaveLength(rows.length * pickWords(ranks));
  return rows.map((_, row) => readPick(picks, row, ranks));
}

/** Sets each bit with this probability, and at least one. */
function randomMask(random: Random, V: number, share: number): Uint32Array {
  const mask = new Uint32Array(Math.ceil(V / 32));
  const allow = (token: number): void => void (mask[token >>> 5]! |= 1 << (token & 31));
  for (let token = 0; token < V; token++) if (random.uniform() < share) allow(token);
  allow(random.integer(0, V - 1));
  return mask;
}

describe('selectTokens', () => {
  test.each([
    { V: 13, ranks: 1, share: 0.5 },
    { V: 32, ranks: 3, share: 1 },
    { V: 1024, ranks: 5, share: 0.02 },
    { V: 1024, ranks: 1, share: 1 },
    { V: 16_389, ranks: 17, share: 0.001 },
    { V: 16_389, ranks: 2, share: 0.9 },
  ])('agrees with float64: $V tokens, $share of them allowed, $ranks ranks', async ({ V, ranks, share }) => {
    const random = new Random(V + ranks);
    const rows = Array.from({ length: 12 }, (_, i) => ({
      logits: random.floats(V, 6),
      mask: randomMask(random, V, share),
      draw: {
        temperature: i % 3 === 0 ? 0 : random.uniform(0.3, 2),
        uniform: Math.fround(random.uniform()),
      },
    }));
    const picks = await onGpu(rows, V, ranks);
    for (const [i, { logits, mask, draw }] of rows.entries()) {
      const expected = selectReference(logits, mask, ranks, draw);
      expect(picks[i]!.ranked.map(({ token }) => token)).toEqual(expected.ranked.map(({ token }) => token));
      expect(picks[i]!.drawn?.token).toBe(expected.drawn?.token);
      for (const [rank, { logProb }] of picks[i]!.ranked.entries()) {
        expect(Math.abs(logProb - expected.ranked[rank]!.logProb)).toBeLessThan(1e-5);
      }
    }
  });

  test('chooses the same tokens as the sampler on the host, greedy and drawn', async () => {
    const V = 500;
    const random = new Random(3);
    for (const temperature of [0, 0.7, 2]) {
      const rows = Array.from({ length: 16 }, (_, seed) => {
        const logits = random.floats(V, 5);
        const mask = randomMask(random, V, 0.1);
        const chosen = new Sampler({ temperature, seed }).sample(logits, mask);
        return { logits, mask, chosen, draw: { temperature, uniform: firstUniform(seed) } };
      });
      const picks = await onGpu(rows, V, 1);
      for (const [i, { chosen }] of rows.entries()) {
        const pick = picks[i]!.drawn ?? picks[i]!.ranked[0]!;
        expect(pick.token).toBe(chosen.token);
        expect(pick.logProb).toBeCloseTo(chosen.logProb, 5);
      }
    }
  });

  test('equal logits are ranked by their number, and a draw may end at the last token', async () => {
    const V = 2000;
    const flat = { logits: new Float32Array(V), mask: new Uint32Array(63).fill(0xffff_ffff) };
    const ended = { ...flat, logits: Float32Array.from(flat.logits, (_, v) => (v > 1500 ? -1e4 : 0)) };
    const [first, last, lastWithWeight] = await onGpu(
      [
        { ...flat, draw: { temperature: 1, uniform: 0 } },
        { ...flat, draw: { temperature: 1, uniform: 1 } },
        { ...ended, draw: { temperature: 1, uniform: 1 } },
      ],
      V,
      4,
    );
    expect(first!.ranked.map(({ token }) => token)).toEqual([0, 1, 2, 3]);
    expect([first, last, lastWithWeight].map((pick) => pick!.drawn!.token)).toEqual([0, V - 1, 1500]);
    expect(first!.ranked[0]!.logProb).toBeCloseTo(-Math.log(V), 5);
  });

  test('ignores bits beyond the vocabulary and logits that the mask hides', async () => {
    const logits = Float32Array.of(1, NaN, 5, 2);
    const row = { logits, mask: Uint32Array.of(0xffff_fff9), draw: { temperature: 1, uniform: 0.5 } };
    const [pick] = await onGpu([row], 4, 3);
    expect(pick!.ranked.map(({ token }) => token)).toEqual([3, 0]);
    await expect(onGpu([{ ...row, mask: Uint32Array.of(0b0011) }], 4, 1)).rejects.toThrow(/not a number/);
    await expect(onGpu([{ ...row, mask: Uint32Array.of(0xffff_fff0) }], 4, 1)).rejects.toThrow(
      /allows no token/,
    );
    const V = 200;
    const all = new Uint32Array(7).fill(0xffff_ffff);
    for (const token of [0, 33, V - 1]) {
      const broken = { ...row, logits: new Float32Array(V), mask: all };
      broken.logits[token] = NaN;
      await expect(onGpu([broken], V, 1)).rejects.toThrow(/not a number/);
    }
  });
});

/** The number that a sampler with this seed draws first. */
function firstUniform(seed: number): number {
  return new Random(seed).uniform();
}
