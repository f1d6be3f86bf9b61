import { Gpu } from '../../../src/engine/gpu/device.js';
import { train } from '../../../src/engine/train/trainer.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

// A training run in a child process, which trainer.test.ts kills. Prints every step it reports.
const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
await train(gpu, {
  config: TINY,
  options: { ...TRAINING, steps: 12, checkpointEvery: 2 },
  source: countingSource(TRAINING.batchSize, TRAINING.context),
  folder: process.argv[2]!,
  onStep: ({ step }) => process.stdout.write(`step ${step}\n`),
});
process.exit(0);
