import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { hostForward } from '../../../src/engine/nn/host-forward.js';
import type { OpenWeights } from '../../../src/engine/nn/open-weights.js';
import { TokenBatch } from '../../../src/engine/ops/embedding.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

const TOKENS = [3, 1, 12, 0, 7, 7, 5];

/** A decoder of random weights, and the same weights as a file would give them. */
async function both(change: Partial<typeof TINY>) {
  const gpu = await testGpu();
  const config = { ...TINY, ...change };
  const decoder = new Decoder(gpu, config, { trainable: false });
  const random = new Random(3);
  const tensors: OpenWeights['tensors'] = new Map(
    [...decoder.parameters.tensors].map(([name, tensor]) => {
      const values = random.floats(tensor.size, 0.5);
      tensor.write(values);
      return [name, { shape: tensor.shape, stored: 'F32', read: () => Promise.resolve(values) }];
    }),
  );
  return { gpu, decoder, weights: { config, tensors } };
}

describe('the decoder on the processor', () => {
  test.each([{ tiedHead: true }, { tiedHead: false, rotaryDim: 8, rotaryBase: 500, layernormEps: 1e-2 }])(
    'gives the logits of the decoder on the device: %j',
    async (change) => {
      const { gpu, decoder, weights } = await both(change);
      const batch = new TokenBatch(gpu, [1, TOKENS.length], TINY.vocabSize);
      batch.write(Uint32Array.from(TOKENS));
      const program = await record(gpu, () => decoder.logits(decoder.hidden(batch)));
      program.run();
      const { logits } = await hostForward(weights, TOKENS, 0);
      expect(
        relativeError(
          await program.outputs.read(),
          logits.flatMap((row) => [...row]),
        ),
      ).toBeLessThan(1e-5);
      const last = await hostForward(weights, TOKENS);
      expect(last.logits).toEqual([logits.at(-1)]);
      program.dispose();
      decoder.dispose();
    },
  );

  test('attends to nothing later, and shares sum to 1', async () => {
    const { decoder, weights } = await both({});
    const { attention } = await hostForward(weights, TOKENS);
    const T = TOKENS.length;
    expect(attention).toHaveLength(TINY.nLayer);
    for (const layer of attention) {
      expect(layer).toHaveLength(TINY.nHead * T * T);
      for (let head = 0; head < TINY.nHead; head++) {
        for (let i = 0; i < T; i++) {
          const row = layer.subarray((head * T + i) * T, (head * T + i + 1) * T);
          expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          expect(row.subarray(0, i + 1).every((share) => share > 0)).toBe(true);
          expect(row.subarray(i + 1).every((share) => share === 0)).toBe(true);
        }
      }
    }
    decoder.dispose();
  });

  test.each([[[]], [[13]], [[0.5, -1]], [Array.from({ length: 25 }, () => 0)]])(
    'refuses what the model cannot read: %j',
    async (tokens) => {
      const { decoder, weights } = await both({});
      await expect(hostForward(weights, tokens)).rejects.toMatchObject({ code: 'shape' });
      decoder.dispose();
    },
  );
});
