import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compareEvidence, gatherEvidence, Refused, type Evidence } from '../../bench/peers/check.js';
import { ours } from '../../bench/peers/ours.js';
import type { TrainingProblem } from '../../bench/peers/problem.js';
import { kernelFolder } from '../../src/base/paths.js';
import { stepBatch } from '../../src/engine/bench/step.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import type { DecoderConfig } from '../../src/engine/nn/config.js';
import { ADAMW_DEFAULTS } from '../../src/engine/train/adamw.js';

// Heads of 16, which the kernels in blocks serve on every adapter.
const CONFIG: DecoderConfig = {
  vocabSize: 64,
  context: 40,
  nLayer: 1,
  nHead: 2,
  width: 32,
  mlpWidth: 32,
  tiedHead: true,
};
const folder = mkdtempSync(join(tmpdir(), 'peers-'));
const open = (kernels?: string): Promise<Gpu> =>
  Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32', kernelFolder: kernels });

afterAll(() => rmSync(folder, { recursive: true }));

async function trainingProblem(gpu: Gpu): Promise<TrainingProblem> {
  const [B, T] = [2, 40];
  const decoder = new Decoder(gpu, CONFIG, { trainable: false, seed: 1 });
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array; decay: boolean }>();
  for (const { name, shape, decay } of decoder.parameters.specs) {
    weights.set(name, { shape, values: await decoder.parameters.get(name).read(), decay });
  }
  decoder.dispose();
  const batch = stepBatch({ preset: 'tiny', config: CONFIG, B, T, squares: [] });
  const optimizer = { ...ADAMW_DEFAULTS, learningRate: 1e-3 };
  return { kind: 'training', config: CONFIG, B, T, weights, batch, optimizer };
}

async function evidenceOf(gpu: Gpu, problem: TrainingProblem): Promise<Evidence> {
  const prepared = await ours(gpu).prepare(problem);
  const evidence = await gatherEvidence(problem, prepared);
  prepared.dispose();
  gpu.close();
  return evidence;
}

test('a peer that loads V over K without a barrier is refused, though its losses are nearly right', async () => {
  const text = readFileSync(join(kernelFolder, 'attention_forward.blocks.wgsl'), 'utf8');
  // Without the barrier before the weights are read, and without the one before V is loaded.
  const barriers = [...text.matchAll(/workgroupBarrier\(\);/g)].map(({ index }) => index);
  const afterV = barriers[4]!;
  const planted = text.slice(0, afterV) + ' '.repeat(19) + text.slice(afterV + 19);
  expect(planted).not.toEqual(text);
  writeFileSync(join(folder, 'attention_forward.blocks.wgsl'), planted);

  const gpu = await open();
  const problem = await trainingProblem(gpu);
  const expected = await evidenceOf(gpu, problem);
  expect(expected.gradients.size).toBe(problem.weights.size);
  expect(compareEvidence(problem, await evidenceOf(await open(), problem), expected)).toMatchObject({
    result: 0,
    gradient: 0,
  });

  const found = await evidenceOf(await open(folder), problem);
  const refuse = (): unknown => compareEvidence(problem, found, expected);
  expect(refuse).toThrow(Refused);
  try {
    refuse();
  } catch (error) {
    const { differences } = error as Refused;
    // Losses alone passed such an engine: they were allowed 1e-3.
    expect(differences.result).toBeLessThan(1e-3);
    expect(differences.gradient).toBeGreaterThan(1e-2);
  }
});

test('a gradient that is missing or not a number is refused', () => {
  const problem = { kind: 'training' } as TrainingProblem;
  const evidence = (gradients: [string, Float32Array][]): Evidence => ({
    results: [Float32Array.of(2)],
    gradients: new Map(gradients),
  });
  const expected = evidence([['w', Float32Array.of(1, 2)]]);
  expect(() => compareEvidence(problem, evidence([]), expected)).toThrow(/the gradient of w differs/);
  const broken = evidence([['w', Float32Array.of(1, NaN)]]);
  expect(() => compareEvidence(problem, broken, expected)).toThrow(/the gradient of w differs/);
});
