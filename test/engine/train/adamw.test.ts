import { describe, expect, test, vi } from 'vitest';
import type { Grid } from '../../../src/engine/tensor/grid.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Parameters as ModelParameters } from '../../../src/engine/nn/parameters.js';
import { ADAMW_DEFAULTS, AdamW } from '../../../src/engine/train/adamw.js';
import { Random, relativeError } from '../numerics.js';
import { rounded } from '../ops/op-check.js';
import { testGpu } from '../test-gpu.js';

// A grid of at most three workgroups, so that a small model shows whether the update continues in strides.
vi.mock('../../../src/engine/tensor/grid.js', async (original) => {
  const real = await original<typeof import('../../../src/engine/tensor/grid.js')>();
  return {
    ...real,
    gridFor: (...parameters: Parameters<typeof real.gridFor>): Grid => [
      Math.min(3, real.gridFor(...parameters)[0]),
    ],
  };
});

// More elements than the first stage of the norm has invocations, so that it continues in strides, too.
const SPECS = [
  { name: 'matrix', shape: [70, 128], std: 0.5, mean: 0, decay: true },
  { name: 'norm', shape: [300], std: 0.1, mean: 1, decay: false },
];
const OPTIONS = { beta1: 0.8, beta2: ADAMW_DEFAULTS.beta2, eps: 0.05, weightDecay: 0.2, clipNorm: 20 };

interface State {
  W: Float64Array;
  m: Float64Array;
  v: Float64Array;
}

/** The update by its definition, in float64. */
function adamwReference(state: State, G: Float64Array, decay: number, lr: number, step: number): void {
  const { beta1, beta2, eps } = OPTIONS;
  for (let i = 0; i < G.length; i++) {
    state.m[i] = beta1 * state.m[i]! + (1 - beta1) * G[i]!;
    state.v[i] = beta2 * state.v[i]! + (1 - beta2) * G[i]! ** 2;
    const mean = state.m[i]! / (1 - beta1 ** (step + 1));
    const variance = state.v[i]! / (1 - beta2 ** (step + 1));
    state.W[i] = state.W[i]! * (1 - lr * decay) - (lr * mean) / (Math.sqrt(variance) + eps);
  }
}

async function optimizer({ halves = false } = {}): Promise<{
  adamw: AdamW;
  parameters: ModelParameters;
  run: () => void;
}> {
  const gpu = await testGpu();
  const parameters = new ModelParameters(gpu, SPECS, { trainable: true, halves });
  parameters.initialise(1);
  const adamw = new AdamW(gpu, parameters, OPTIONS);
  const program = await record(gpu, () => adamw.record());
  return { adamw, parameters, run: () => program.run() };
}

async function readState(adamw: AdamW, arena: number): Promise<Record<keyof State, Float32Array>> {
  const { m, v } = adamw.moments[arena]!;
  const W = adamw.parameters.arenas[arena]!.weights;
  return { W: await W.read(), m: await m.read(), v: await v.read() };
}

describe('AdamW', () => {
  test.each([
    ['alone', { halves: false, scale: 1 }],
    ['with copies in f16 and a loss scale', { halves: true, scale: 4 }],
  ])('agrees with float64 over clipped and unclipped steps: %s', async (_name, { halves, scale }) => {
    const { adamw, parameters, run } = await optimizer({ halves });
    adamw.lossScale.write(Float32Array.of(scale, 0));
    const random = new Random(2);
    const states: State[] = [];
    for (const arena of parameters.arenas.keys()) {
      const { W, m, v } = await readState(adamw, arena);
      states.push({ W: Float64Array.from(W), m: Float64Array.from(m), v: Float64Array.from(v) });
    }
    // Norms of about 5, 50 and 10 with a bound of 20; the gradients are multiplied by the loss scale.
    for (const [step, size] of [0.1, 1, 0.2].entries()) {
      const lr = 0.1 / (step + 1);
      adamw.prepare(step, lr);
      const gradients = parameters.arenas.map(({ grads }) => random.floats(grads!.size, scale * size));
      gradients.forEach((values, i) => parameters.arenas[i]!.grads!.write(values));
      run();

      const squares = gradients.flatMap((values) => [...values]).reduce((sum, g) => sum + g * g, 0);
      const norm = Math.sqrt(squares) / scale;
      const factor = Math.min(1, OPTIONS.clipNorm / norm) / scale;
      expect(relativeError(await adamw.clip.read(), [norm, factor])).toBeLessThan(1e-6);
      expect(norm > OPTIONS.clipNorm).toBe(step === 1);
      expect([...(await adamw.lossScale.read())]).toEqual([scale, halves ? step + 1 : 0]);
      for (const [arena, { decay, half }] of parameters.arenas.entries()) {
        const G = Float64Array.from(gradients[arena]!, (g) => factor * g);
        adamwReference(states[arena]!, G, decay ? OPTIONS.weightDecay : 0, lr, step);
        const found = await readState(adamw, arena);
        for (const part of ['W', 'm', 'v'] as const) {
          expect(relativeError(found[part], states[arena]![part]), `step ${step}, ${part}`).toBeLessThan(
            2e-6,
          );
        }
        if (half) expect(await half.read()).toEqual(rounded(found.W));
      }
    }
  });

  test('copies in f16 are made of all weights', async () => {
    const { parameters } = await optimizer({ halves: true });
    const program = await record(await testGpu(), () => parameters.recordHalves());
    program.run();
    const [{ weights, half }] = parameters.arenas as [(typeof parameters.arenas)[0]];
    expect(await half!.read()).toEqual(rounded(await weights.read()));
  });

  test.each([
    ['NaN', NaN, NaN],
    ['an infinity', -Infinity, Infinity],
    ['a number whose square overflows', 3e20, Infinity],
  ])('a gradient with %s changes nothing, and the norm shows it', async (_name, value, norm) => {
    const { adamw, parameters, run } = await optimizer();
    const before = await Promise.all([...parameters.arenas.keys()].map((arena) => readState(adamw, arena)));
    const grads = new Float32Array(parameters.arenas[1]!.grads!.size).fill(0.1);
    grads[grads.length - 1] = value;
    parameters.arenas[1]!.grads!.write(grads);
    adamw.prepare(0, 0.1);
    run();
    expect([...(await adamw.clip.read())]).toEqual([norm, 0]);
    const after = await Promise.all([...parameters.arenas.keys()].map((arena) => readState(adamw, arena)));
    expect(after).toEqual(before);
  });
});
