import { expect, test } from 'vitest';
import {
  checkConfig,
  parameterCount,
  parameterSpecs,
  preset,
  PRESETS,
  trainingFlopsPerToken,
} from '../../../src/engine/nn/config.js';
import { planStep } from '../../../src/engine/train/decoder-step.js';

test('presets have the sizes that their names promise', () => {
  const millions = (name: string): number => parameterCount(preset(name)) / 1e6;
  expect(millions('tiny')).toBeGreaterThan(0.5);
  expect(millions('tiny')).toBeLessThan(1.5);
  expect(millions('carry')).toBeGreaterThan(28);
  expect(millions('carry')).toBeLessThan(32);
  expect(millions('sanity')).toBeGreaterThan(50);
  expect(millions('sanity')).toBeLessThan(100);
  expect(millions('tier-a')).toBeGreaterThan(280);
  expect(millions('tier-a')).toBeLessThan(340);
  expect(millions('tier-b')).toBeGreaterThan(650);
  expect(millions('tier-b')).toBeLessThan(750);
});

test('an untied head costs one more matrix', () => {
  const tied = { ...PRESETS.tiny, tiedHead: true };
  const untied = { ...tied, tiedHead: false };
  expect(parameterCount(untied) - parameterCount(tied)).toBe(tied.vocabSize * tied.width);
  expect(parameterSpecs(untied).at(-1)!.name).toBe('head');
});

test('FLOPs per token agree with the FLOPs of a recorded step', () => {
  // Elementwise work is not in the formula: it is a small share where matrices are wide.
  const config = { ...PRESETS['tier-a'], nLayer: 2, vocabSize: 4096 };
  const { flops } = planStep(config, { batchSize: 2, context: 512, microBatches: 1 });
  const ratio = flops / (1024 * trainingFlopsPerToken(config, 512));
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(1.05);
});

test('invalid values are refused, naming the field', () => {
  expect(() => preset('huge')).toThrow(
    /no preset huge; known: tiny, small, medium, carry, sanity, tier-a, tier-b/,
  );
  expect(() => checkConfig({ ...PRESETS.tiny, nHead: 3 })).toThrow(/width 128 over 3 heads/);
  expect(() => checkConfig({ ...PRESETS.tiny, nLayer: 0 })).toThrow(/nLayer is 0/);
  expect(() => checkConfig({ ...PRESETS.tiny, rotaryDim: 64 })).toThrow(
    /rotaryDim is 64.*at most headDim, 32/,
  );
});
