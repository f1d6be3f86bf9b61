import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { brokenBars, type Comparison } from '../../bench/parity/bars.js';
import { packageRoot } from '../../src/base/paths.js';

const tensors = (worst: number) => ({ worst, tensor: 'g0.embed', median: worst / 2 });
const comparison = (error: number): Comparison => ({
  logits: error,
  sameChoice: 1,
  losses: error,
  norms: error,
  firstGradients: tensors(error),
  gradients: tensors(error),
  weights: tensors(error),
  updates: tensors(error),
});
const RIGHT = {
  'PyTorch f32': comparison(8e-7),
  'PyTorch bf16': comparison(6e-3),
  f32: comparison(4e-7),
  f16: comparison(7e-4),
};
const LLAMA = { version: '3', positions: 256, sameChoice: 256, probabilities: 1e-5 };

test('parity: errors under their bars break none', () => {
  expect(brokenBars(RIGHT, LLAMA)).toEqual([]);
  expect(brokenBars(RIGHT, undefined)).toEqual([]);
});

test('parity: every error over its bar is named, and NaN is over every bar', () => {
  const f32 = { ...RIGHT.f32, firstGradients: tensors(5e-7), logits: NaN };
  const f16 = { ...RIGHT.f16, weights: tensors(7e-3) };
  expect(brokenBars({ ...RIGHT, f32, f16 }, { ...LLAMA, sameChoice: 255 })).toEqual([
    'f32: first gradients (g0.embed): 5.00e-7 is over 4.80e-7',
    'f32: logits, beside PyTorch f32: NaN is over 1.60e-6',
    'f16: weights, beside PyTorch bf16: 3.50e-3 is over 3.00e-3',
    'llama.cpp: another token at 1 positions',
  ]);
});

test.each([
  [
    ['--python', 'no-such-python'],
    /^parity: no-such-python has no PyTorch .*: choose another with --python$/,
  ],
  [['--paths', 'f64'], /^parity: there is no kernel path f64; known: f32, f16, tensor$/],
])('parity %s is one line and exit code 2', (options, line) => {
  const child = spawnSync(process.execPath, ['--import', 'tsx', 'bench/parity/main.ts', ...options], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect(child.status).toBe(2);
  expect(child.stderr.trim()).toMatch(line);
});
