import { expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { crossEntropy } from '../../../src/engine/ops/cross-entropy.js';
import { headLoss } from '../../../src/engine/ops/head-loss.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { linear } from '../../../src/engine/ops/linear.js';
import { backward } from '../../../src/engine/tensor/autograd.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

test('cross-entropy without targets is 0, and so is its gradient', async () => {
  const gpu = await testGpu();
  const logits = gpu.tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6), { requiresGrad: true });
  const targets = gpu.tensor([2], Uint32Array.of(IGNORE_INDEX, IGNORE_INDEX));
  const program = await record(gpu, () => {
    const loss = crossEntropy(logits, targets);
    return [loss, ...backward(loss, { wanted: [logits] })];
  });
  program.run();
  const [loss, dLogits] = await Promise.all(program.outputs.map((output) => output.read()));
  expect([...loss!, ...dLogits!]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('cross-entropy and head loss agree, in value and in the gradient of the logits', async () => {
  const gpu = await testGpu();
  const [N, C, V] = [37, 6, 11];
  const random = new Random(8);
  const [x, head] = [
    gpu.tensor([N, C], random.floats(N * C), { requiresGrad: true }),
    gpu.tensor([V, C], random.floats(V * C), { requiresGrad: true }),
  ];
  const ids = Uint32Array.from({ length: N }, (_, n) => (n % 4 ? n % V : IGNORE_INDEX));
  const targets = gpu.tensor([N], ids);
  const factor = gpu.tensor([1], Float32Array.of(1 / ids.filter((id) => id !== IGNORE_INDEX).length));
  const [plain, fused] = await Promise.all(
    [() => crossEntropy(linear(x, head), targets), () => headLoss(x, head, targets, factor)].map(
      async (lossOf) => {
        const program = await record(gpu, () => {
          const loss = lossOf();
          return [loss, ...backward(loss, { wanted: [x, head] })];
        });
        program.run();
        return Promise.all(program.outputs.map((output) => output.read()));
      },
    ),
  );
  plain!.forEach((values, i) => expect(relativeError(values, fused![i]!)).toBeLessThan(1e-6));
});
