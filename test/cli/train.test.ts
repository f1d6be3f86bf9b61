import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCorpus } from '../../src/data/corpus/build/build.js';
import { smallBuild } from '../data/corpus/build/small-build.js';
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

    const go = [
      'continue',
      '--model',
      join(root, `${tokenizer}-whole`),
      '--adapter',
      adapter,
      '--tokens',
      '8',
    ];
    const continued = engine([...go, 'noon mo']);
    expect(continued.code, continued.stderr).toBe(0);
    expect(continued.stdout).toMatch(/^noon mo[^]+\n$/);
    expect(continued.stdout.length).toBeGreaterThan('noon mo\n'.length);
    if (tokenizer === 'characters') {
      expect(continued.stdout).toHaveLength('noon mo\n'.length + 8);
      expect(engine([...go, 'zebra']).stderr).toContain('the model has no character "z"');
      const asked = engine(['generate', '--schema', 'omop_cdm_5_4', ...go.slice(1, 3), 'How many patients?']);
      expect(asked.stderr).toContain('it continues text and answers no questions; engine continue uses it');
    }

    for (const other of ['letters.txt', 'turned.txt']) {
      const refused = run('cut', { text: join(root, other), steps: 6 });
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('the run in this folder was trained on another text');
      expect(refused.stderr.match(/^engine: .*/gm)).toHaveLength(1);
    }
  });
});

describe('engine train --pairs', () => {
  const corpus = join(root, 'corpus');
  const pairs = join(root, 'feedback.jsonl');
  beforeAll(async () => {
    await buildCorpus(
      smallBuild(corpus, { count: 60, heldOut: 4, tokenizer: { vocabSize: 600, records: 60 } }),
    );
    const lines = [
      { question: 'How many care sites are there?', sql: 'SELECT COUNT(*) FROM care_site' },
      {
        question: 'How many drug exposures does patient 98765 have?',
        sql: 'SELECT COUNT(*) FROM drug_exposure AS d WHERE d.person_id = 98765;',
        schema: 'omop_cdm_5_4',
      },
      { question: 'Beds of 4711?', sql: 'SELECT COUNT(*) FROM beds', schema: 'beds' },
      { question: 'Remove patient 4711', sql: 'DELETE FROM person WHERE person_id = 4711' },
    ];
    writeFileSync(pairs, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  });

  test('mixes them in, says which lines are left out, keeps its split of the memory, and goes on to the bit', () => {
    const options = {
      ...{ corpus, pairs, schema: 'omop_cdm_5_4', 'pairs-share': 0.5 },
      ...{
        steps: 4,
        context: 512,
        'batch-size': 2,
        'micro-batches': 2,
        'checkpoint-every': 2,
        'validate-every': 2,
      },
      mirror: join(root, 'drive'),
    };
    const whole = train('pairs', options, 512);
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stderr).toContain(`${pairs}: line 4 is left out: the statement is no safe SELECT`);
    expect(whole.stderr).toContain(
      `${pairs}: 2 of 4 pairs are trained on; 1 for another schema are left out`,
    );
    expect(whole.stderr).not.toContain('4711');
    // A processor is not made to answer questions that nobody asked for.
    const { validation } = metricsOf(join(root, 'pairs')).at(-1)!;
    expect(validation!.loss).toBeGreaterThan(0);
    expect(validation!.samples).toBeUndefined();
    const runs = engine(['runs', join(root, 'pairs')]);
    expect(runs.stdout).toMatch(/best: step 4, validation loss \d+\.\d+, in pairs\/best/);

    // All four rows would fit at once; the split of the run stays.
    cpSync(join(root, 'pairs'), join(root, 'pairs-cut'), { recursive: true });
    for (const end of ['safetensors', 'json'])
      rmSync(join(root, 'pairs-cut', 'checkpoints', `checkpoint-00000004.${end}`));
    const { mirror, ...alone } = options;
    const again = train('pairs-cut', { ...alone, vram: '1GB' }, 512);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('resuming from step 2');
    expect(again.stderr).toContain('memory: 2 micro-batches of 2 rows');
    expectBitExact('pairs', 'pairs-cut', 4);

    // A lost run comes back from the mirror, with its best weights.
    const restored = train('pairs-restored', options, 512);
    expect(restored.code, restored.stderr).toBe(0);
    expect(restored.stderr).toContain(`step 4 comes from ${mirror}`);
    const best = join('best', 'checkpoints', 'checkpoint-00000004.safetensors');
    expect(readFileSync(join(root, 'pairs-restored', best))).toEqual(readFileSync(join(root, 'pairs', best)));
    expect(existsSync(join(root, 'pairs-restored', 'best', 'tokenizer.json'))).toBe(true);
  });
});
