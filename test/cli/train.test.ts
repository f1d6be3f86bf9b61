import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricsOf, tensorsOf } from '../engine/run-files.js';
import { engine, type Outcome } from './run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'train-'));
afterAll(() => rmSync(root, { recursive: true }));

const adapter = process.env.TEST_ADAPTER ?? 'software';

/** `engine train` of a decoder that compiles and trains in seconds on a software adapter. */
function train(model: string, options: Record<string, string | number>, context: number): Outcome {
  const shape = { nLayer: 1, nHead: 1, width: 16, mlpWidth: 32, context };
  const all = { model: join(root, model), 'warmup-steps': 1, adapter, ...options };
  return engine([
    'train',
    ...Object.entries(shape).flatMap(([name, value]) => ['--set', `model.${name}=${value}`]),
    ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ]);
}

function expectBitExact(whole: string, cut: string, step: number): void {
  expect(tensorsOf(join(root, cut), step).equals(tensorsOf(join(root, whole), step))).toBe(true);
  expect(metricsOf(join(root, cut))).toEqual(metricsOf(join(root, whole)));
}

describe('engine train --text', () => {
  const text = join(root, 'text.txt');
  beforeAll(() => {
    const words = ['noon', 'moon', 'mono', 'onion', 'minion', 'omen'];
    const line = (_: unknown, i: number): string =>
      words[(i * i + 3 * i) % 6]! + (i % 9 === 0 ? '.\n\n' : ' ');
    writeFileSync(text, Array.from({ length: 900 }, line).join(''));
    // Other letters: the character tokenizer of the first text cannot write it.
    writeFileSync(join(root, 'letters.txt'), 'quick brown fox '.repeat(200));
    // The same letters.
    writeFileSync(join(root, 'turned.txt'), readFileSync(text, 'utf8').split('').reverse().join(''));
  });
  const options = {
    ...{ text, steps: 6, context: 16, 'batch-size': 2, 'checkpoint-every': 3, 'validate-every': 3 },
    sample: 12,
  };

  test.each([
    ['characters', {}],
    ['bpe', { 'vocab-size': 340 }],
  ])('%s: writes a sample, goes on to the bit, and refuses another text', (tokenizer, more) => {
    const run = (name: string, change: Record<string, string | number> = {}): Outcome =>
      train(`${tokenizer}-${name}`, { ...options, ...more, tokenizer, ...change }, 16);
    const whole = run('whole');
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stdout).toMatch(/^trained 6 steps: /);
    const [sample] = metricsOf(join(root, `${tokenizer}-whole`)).at(-1)!.validation!.samples!;
    expect(sample!.answer!.length).toBeGreaterThan(0);
    const [shown] = sample!.answer!.trim().split('\n');
    expect(whole.stderr).toContain(shown);

    // The folder as a kill before the second checkpoint leaves it.
    cpSync(join(root, `${tokenizer}-whole`), join(root, `${tokenizer}-cut`), { recursive: true });
    for (const end of ['safetensors', 'json'])
      rmSync(join(root, `${tokenizer}-cut`, 'checkpoints', `checkpoint-00000006.${end}`));
    const second = run('cut');
    expect(second.stderr).toContain('resuming from step 3');
    expectBitExact(`${tokenizer}-whole`, `${tokenizer}-cut`, 6);

    for (const other of ['letters.txt', 'turned.txt']) {
      const refused = run('cut', { text: join(root, other), steps: 6 });
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('the run in this folder was trained on another text');
      expect(refused.stderr.match(/^engine: .*/gm)).toHaveLength(1);
    }
  });
});
