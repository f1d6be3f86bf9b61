import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadDecoder } from '../../../src/engine/nn/model-folder.js';
import { PROGRESS_FILE, type TrainProgress } from '../../../src/engine/train/progress.js';
import { listRuns } from '../../../src/engine/train/runs.js';
import { train, type StepReport, type TrainRun } from '../../../src/engine/train/trainer.js';
import type { Validation } from '../../../src/engine/train/validation.js';
import { metricsOf, tensorsOf } from '../run-files.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'validation-'));
afterAll(() => rmSync(root, { recursive: true }));

const batches = (count: number): Validation['batches'] => {
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  return Array.from({ length: count }, () => source.next());
};

async function run(name: string, more: Partial<TrainRun> = {}): Promise<StepReport[]> {
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  const folder = join(root, name);
  await train(await testGpu(), { config: TINY, options: TRAINING, source, folder, ...more });
  return metricsOf(folder);
}

describe('validation', () => {
  test('has the loss that a step on the same batch would report, and leaves the run as it is', async () => {
    const plain = await run('plain');
    const [next] = batches(4).slice(3);
    const curve = await run('validated', { validation: { every: 3, batches: [next!] } });
    const { loss } = curve[2]!.validation!;
    // Step 4 reads the same batch with the same weights.
    expect(loss).toBeCloseTo(curve[3]!.loss, 5);
    expect(curve.map(({ validation }) => validation !== undefined)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(curve.map(({ validation: _, ...line }) => line)).toEqual(plain);
    expect(tensorsOf(join(root, 'validated'), 6).equals(tensorsOf(join(root, 'plain'), 6))).toBe(true);
  });

  test('weighs batches by their targets', async () => {
    const all = batches(3);
    const each: number[] = [];
    for (const [i, batch] of all.entries()) {
      const [line] = (await run(`one-${i}`, {
        options: { ...TRAINING, steps: 1 },
        validation: { every: 1, batches: [batch] },
      })) as [StepReport];
      each.push(line.validation!.loss!);
    }
    const few = { ...all[2]!, targets: all[2]!.targets.map((target, i) => (i < 30 ? target : 0xffffffff)) };
    few.lossTokens = few.targets.reduce((sum, target) => sum + Number(target !== 0xffffffff), 0);
    const [line] = await run('all', {
      options: { ...TRAINING, steps: 1 },
      validation: { every: 1, batches: [all[0]!, few] },
    });
    const [first] = await run('few', {
      options: { ...TRAINING, steps: 1 },
      validation: { every: 1, batches: [few] },
    });
    const [a, b] = [all[0]!.lossTokens, few.lossTokens];
    expect(line!.validation!.loss).toBeCloseTo((a * each[0]! + b * first!.validation!.loss!) / (a + b), 5);
  });

  test('keeps the weights with the most right answers in a model folder of their own, which engine runs names', async () => {
    const right = [1, 3, 2];
    const folder = join(root, 'best-run');
    writeFileSync(join(root, 'note.txt'), 'x');
    const asked: number[] = [];
    const curve = await run('best-run', {
      validation: {
        every: 2,
        batches: [],
        ask: (_, step) => {
          asked.push(step);
          // The run's folder has the files of its model by now.
          writeFileSync(join(folder, 'words.json'), '{}');
          return Promise.resolve(
            [1, 2, 3, 4].map((n) => ({ question: `q${n}`, right: n <= right[asked.length - 1]! })),
          );
        },
      },
      modelFiles: ['words.json'],
    });
    expect(asked).toEqual([2, 4, 6]);
    expect(curve.flatMap(({ step, validation }) => (validation?.best ? [step] : []))).toEqual([2, 4]);
    expect(curve[3]!.validation).toMatchObject({ right: 3, asked: 4, best: true });
    const { decoder, checkpoint } = await loadDecoder(await testGpu(), join(folder, 'best'));
    decoder.dispose();
    expect(checkpoint.step).toBe(4);
    expect(existsSync(join(folder, 'best', 'words.json'))).toBe(true);
    expect((await listRuns(folder))[0]!.best).toEqual({ step: 4, right: 3, asked: 4 });
  });

  test('is done again the same when an interrupted run goes on', async () => {
    const validation = { every: 2, batches: batches(2) };
    const whole = await run('whole', { validation });
    const stop = new AbortController();
    const source = countingSource(TRAINING.batchSize, TRAINING.context);
    let given = 0;
    const next = () => (++given === 5 && stop.abort(), source.next());
    await run('cut', { validation, signal: stop.signal, source: { ...source, next } });
    expect(await run('cut', { validation })).toEqual(whole);
  });
});

test('progress.jsonl says where the run stands by the clock, with the rate and its share of the ceiling', async () => {
  let ms = 0;
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  const told: TrainProgress[] = [];
  await run('clock', {
    source: { ...source, next: () => ((ms += 1000), source.next()) },
    now: () => ms,
    maxSeconds: 100,
    flopsPerStep: 500,
    ceilingFlops: 1e6,
    onProgress: (progress) => told.push(progress),
  });
  const lines = readFileSync(join(root, 'clock', PROGRESS_FILE), 'utf8')
    .trim()
    .split('\n');
  const last = JSON.parse(lines.at(-1)!) as TrainProgress;
  expect(last).toEqual(told.at(-1));
  expect(last).toMatchObject({ step: 6, sessionSecondsLeft: 94, checkpointSeconds: 3, secondsLeft: 0 });
  expect(last.memoryBytes).toBeGreaterThan(1000);
  expect(last.flopsPerSecond).toBeCloseTo((1000 * 500) / last.stepMs, 6);
  expect(last.utilisation).toBeCloseTo(last.flopsPerSecond / 1e6, 12);
});
