import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  train,
  type StepReport,
  type TrainOptions,
  type TrainRun,
} from '../../../src/engine/train/trainer.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';
import { metricsOf, tensorsOf } from '../run-files.js';
import { testGpu } from '../test-gpu.js';

const root = mkdtempSync(join(tmpdir(), 'sessions-'));
afterAll(() => rmSync(root, { recursive: true }));

const curveIn = (name: string): StepReport[] => metricsOf(join(root, name));

const tensorsAt = (name: string, step: number): Buffer => tensorsOf(join(root, name), step);

async function run(name: string, options: Partial<TrainOptions> = {}): Promise<StepReport[]> {
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  await train(await testGpu(), {
    config: TINY,
    options: { ...TRAINING, ...options },
    source,
    folder: join(root, name),
  });
  return curveIn(name);
}

describe('a session', () => {
  /** A clock on which every step takes a second. */
  const session = (name: string, more: Partial<TrainRun>, options: Partial<TrainOptions> = {}): TrainRun => {
    const source = countingSource(TRAINING.batchSize, TRAINING.context);
    let ms = 0;
    return {
      config: TINY,
      options: { ...TRAINING, ...options },
      source: { ...source, next: () => ((ms += 1000), source.next()) },
      folder: join(root, name),
      now: () => ms,
      ...more,
    };
  };

  test('ends when its time is up, and the next one continues to the bit', async () => {
    const whole = await run('one-session');
    const gpu = await testGpu();
    expect(await train(gpu, session('sessions', { maxSeconds: 2 }))).toEqual({ step: 2, finished: false });
    expect(await train(gpu, session('sessions', { maxSeconds: 100 }))).toEqual({ step: 6, finished: true });
    expect(curveIn('sessions')).toEqual(whole);
    expect(tensorsAt('sessions', 6).equals(tensorsAt('one-session', 6))).toBe(true);
  });

  test('saves a checkpoint whenever the time without one has passed', async () => {
    const options = { steps: 5, checkpointEvery: 100, checkpointSeconds: 2 };
    await train(await testGpu(), session('by-the-clock', {}, options));
    expect([4, 5].map((step) => tensorsAt('by-the-clock', step).length > 0)).toEqual([true, true]);
    expect(readdirSync(join(root, 'by-the-clock', 'checkpoints'))).toHaveLength(4);
  });

  test('goes on from the mirror when its folder is lost', async () => {
    const whole = await run('not-lost');
    const gpu = await testGpu();
    const mirror = { folder: join(root, 'drive'), along: ['metrics.jsonl'] };
    await train(gpu, session('lost', { maxSeconds: 4, mirror }));
    rmSync(join(root, 'lost'), { recursive: true });
    const warnings: string[] = [];
    const next = session('lost', { mirror, onStart: (info) => warnings.push(...info.warnings) });
    expect(await train(gpu, next)).toEqual({ step: 6, finished: true });
    expect(warnings).toEqual([`step 4 comes from ${mirror.folder}`]);
    expect(curveIn('lost')).toEqual(whole);
    expect(tensorsAt('lost', 6).equals(tensorsAt('not-lost', 6))).toBe(true);
  });
});

describe('a run that has ended', () => {
  test('goes on when it is given more steps, on a schedule of its own, also after an interruption', async () => {
    await run('longer', { steps: 3 });
    const more = { steps: 7, learningRate: 5e-3, warmupSteps: 1 };
    const curve = await run('longer', more);
    const rates = curve.map(({ learningRate }) => learningRate);
    expect(rates).toHaveLength(7);
    expect(rates[3]).toBe(5e-3);
    expect(rates[6]).toBeGreaterThan(TRAINING.minLearningRate);
    expect(rates[6]).toBeLessThan(rates[5]!);

    await run('cut-short', { steps: 3 });
    const stop = new AbortController();
    const source = countingSource(TRAINING.batchSize, TRAINING.context);
    let given = 0;
    await train(await testGpu(), {
      config: TINY,
      options: { ...TRAINING, ...more },
      source: { ...source, next: () => (++given === 2 && stop.abort(), source.next()) },
      folder: join(root, 'cut-short'),
      signal: stop.signal,
    });
    expect(curveIn('cut-short')).toHaveLength(5);
    expect(await run('cut-short', more)).toEqual(curve);
    expect(tensorsAt('cut-short', 7).equals(tensorsAt('longer', 7))).toBe(true);
  });

  test('keeps its other settings, and its learning rate unless there are more steps', async () => {
    await run('kept-settings', { steps: 2 });
    await expect(run('kept-settings', { steps: 4, beta1: 0.5 })).rejects.toThrow(/options\.beta1 = 0\.9/);
    await expect(run('kept-settings', { steps: 2, learningRate: 1 })).rejects.toThrow(
      /options\.learningRate/,
    );
  });
});
