import { expect, test } from 'vitest';
import { measureCeilings } from '../../../src/engine/bench/roofline.js';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

test.each([
  { FUSED: false, SCALAR: false },
  { FUSED: false, SCALAR: true },
  { FUSED: true, SCALAR: false },
  { FUSED: true, SCALAR: true },
])('roofline_fma performs every multiply-add it counts: %o', async (flags) => {
  const gpu = await testGpu();
  const [N, rounds, a, b] = [67, 2, 0.9, 0.5];
  const columns = flags.SCALAR ? 1 : 4;
  const x = new Random(1).floats(N * columns);
  const X = gpu.tensor([N, columns], x);
  const kernel = gpu.kernels.get('roofline_fma', { flags: { ...flags, F16: false } });
  const program = await record(gpu, () => {
    const Y = recorder().tensor([N + 1, columns], 'sums');
    recorder().dispatch(gpu.kernels.get('fill'), { Y }, { N: Y.size, value: -3 }, [1]);
    recorder().dispatch(kernel, { X, Y }, { N, rounds, a, b }, [2]);
    return Y;
  });
  program.run();
  const sums = await program.outputs.read();
  const expected = Array.from(x, (value) => {
    let sum = 0;
    for (let j = 0; j < 8; j++) {
      let z = value + j / 8;
      for (let i = 0; i < 4 * rounds; i++) z = a * z + b;
      sum += z;
    }
    return sum;
  });
  expect(relativeError(sums.subarray(0, N * columns), expected)).toBeLessThan(1e-6);
  expect(sums.subarray(N * columns).every((value) => value === -3)).toBe(true);
  program.dispose();
  X.dispose();
});

test('ceilings are measured by kernels with correct results', async () => {
  const gpu = await testGpu();
  const { bytesPerSecond, f32FlopsPerSecond, matrixFlopsPerSecond } = await measureCeilings(gpu);
  expect(bytesPerSecond).toBeGreaterThan(1e6);
  expect(f32FlopsPerSecond).toBeGreaterThan(1e6);
  expect(matrixFlopsPerSecond === undefined).toBe(!gpu.matrixUnits);
});
