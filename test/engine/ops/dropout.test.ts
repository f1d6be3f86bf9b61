import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { dropout } from '../../../src/engine/ops/dropout.js';
import { testGpu } from '../test-gpu.js';

describe('dropout', () => {
  const count = 20_000;
  const ones = new Float32Array(count).fill(1);

  test('drops at the given rate, keeps the mean, and chooses by step, seed and place in the recording', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([count], ones);
    const step = gpu.tensor([1], Uint32Array.of(1));
    const program = await record(gpu, () => [
      dropout(x, 0.25, { step }),
      dropout(x, 0.25, { step }),
      dropout(x, 0.25, { step, seed: 1 }),
    ]);
    const run = async (): Promise<Float32Array[]> => {
      program.run();
      return Promise.all(program.outputs.map((output) => output.read()));
    };
    const [first, second, named] = await run();
    const dropped = (mask: Float32Array): number => mask.filter((value) => value === 0).length / count;
    // Four standard deviations of a share of 20,000.
    expect(Math.abs(dropped(first!) - 0.25)).toBeLessThan(0.0125);
    expect(first!.every((value) => value === 0 || value === Math.fround(4 / 3))).toBe(true);
    // Independent masks agree in a share of 0.25² + 0.75² of their elements.
    const agree = (a: Float32Array, b: Float32Array): number =>
      a.filter((value, i) => value === b[i]).length / count;
    expect(Math.abs(agree(first!, second!) - 0.625)).toBeLessThan(0.014);
    expect(named).toEqual(second);
    expect((await run())[0]).toEqual(first);
    step.write(Uint32Array.of(2));
    expect(Math.abs(agree((await run())[0]!, first!) - 0.625)).toBeLessThan(0.014);
    program.dispose();
  });

  test('a rate of 0 is no op', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([3]);
    expect(dropout(x, 0, { step: gpu.tensor([1], Uint32Array.of(1)) })).toBe(x);
  });
});
