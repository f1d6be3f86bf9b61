import type { DecoderConfig } from '../../src/engine/nn/config.js';
import { IGNORE_INDEX } from '../../src/engine/ops/ignore-index.js';
import type { BatchSource, TrainOptions } from '../../src/engine/train/trainer.js';
import { ADAMW_DEFAULTS } from '../../src/engine/train/adamw.js';
import { Random } from './numerics.js';

/** Small enough for a test, with every part of a real model. */
export const TINY: DecoderConfig = {
  vocabSize: 13,
  context: 24,
  nLayer: 2,
  nHead: 2,
  width: 64,
  mlpWidth: 48,
  tiedHead: false,
};

export const TRAINING: TrainOptions = {
  steps: 6,
  batchSize: 3,
  context: 12,
  microBatches: 1,
  learningRate: 1e-2,
  minLearningRate: 1e-3,
  warmupSteps: 2,
  ...ADAMW_DEFAULTS,
  seed: 5,
  checkpointEvery: 3,
};

/** Counting up and down, with some targets ignored: easy to learn, and every batch is different. */
export function countingSource(batchSize: number, context: number, vocabSize = TINY.vocabSize): BatchSource {
  let batch = 0;
  return {
    next() {
      const random = new Random(batch++);
      const inputs = new Uint32Array(batchSize * context);
      const targets = new Uint32Array(batchSize * context).fill(IGNORE_INDEX);
      let lossTokens = 0;
      for (let row = 0; row < batchSize; row++) {
        const start = random.integer(0, vocabSize - 1);
        const stride = random.uniform() < 0.5 ? 1 : vocabSize - 1;
        for (let t = 0; t < context; t++) {
          inputs[row * context + t] = (start + t * stride) % vocabSize;
          if (t === 0) continue;
          targets[row * context + t] = (start + (t + 1) * stride) % vocabSize;
          lossTokens++;
        }
      }
      return { inputs, targets, tokens: inputs.length, lossTokens };
    },
    state: () => ({ batch }),
    restore: (state) => (batch = (state as { batch: number }).batch),
  };
}
