import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { Trace } from '../../../src/engine/gpu/trace.js';
import { lockFolder } from '../../../src/base/lock.js';
import { planStep } from '../../../src/engine/train/decoder-step.js';
import { train, type StepReport, type TrainOptions } from '../../../src/engine/train/trainer.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';
import { metricsOf, tensorsOf } from '../run-files.js';
import { testGpu } from '../test-gpu.js';

const root = mkdtempSync(join(tmpdir(), 'trainer-'));
afterAll(() => rmSync(root, { recursive: true }));

async function run(
  name: string,
  options: Partial<TrainOptions> = {},
  signal?: AbortSignal,
): Promise<StepReport[]> {
  const full = { ...TRAINING, ...options };
  const folder = join(root, name);
  await train(await testGpu(), {
    config: TINY,
    options: full,
    source: countingSource(full.batchSize, full.context),
    folder,
    signal,
  });
  return curveIn(name);
}

const curveIn = (name: string): StepReport[] => metricsOf(join(root, name));

const tensorsAt = (name: string, step: number): Buffer => tensorsOf(join(root, name), step);

describe('training', () => {
  test('learns: the loss of counting falls by far more than half', async () => {
    const curve = await run('learns', { steps: 60, checkpointEvery: 60 });
    expect(curve.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(curve[0]!.loss).toBeGreaterThan(2);
    expect(curve.at(-1)!.loss).toBeLessThan(curve[0]!.loss / 4);
  });

  test('the same seed gives the same curve and the same bytes, another seed different ones', async () => {
    const a = await run('a');
    const b = await run('b');
    expect(b).toEqual(a);
    expect(tensorsAt('b', 6).equals(tensorsAt('a', 6))).toBe(true);
    expect((await run('c', { seed: 6 }))[0]!.loss).not.toBe(a[0]!.loss);
  });

  test('goes on to the bit from a checkpoint of a version that did not keep the smoothed loss', async () => {
    const whole = await run('with-smoothed');
    const folder = join(root, 'without-smoothed');
    cpSync(join(root, 'with-smoothed'), folder, { recursive: true });
    const stem = (step: number): string => join(folder, 'checkpoints', `checkpoint-0000000${step}`);
    for (const end of ['.json', '.safetensors']) rmSync(stem(6) + end);
    const stored = JSON.parse(readFileSync(`${stem(3)}.json`, 'utf8')) as { meta: Record<string, unknown> };
    expect(stored.meta['smoothed']).toBeDefined();
    delete stored.meta['smoothed'];
    writeFileSync(`${stem(3)}.json`, JSON.stringify(stored));
    const curve = await run('without-smoothed');
    expect(curve.map(({ loss }) => loss)).toEqual(whole.map(({ loss }) => loss));
    expect(curve[3]!.smoothedLoss).toBe(curve[3]!.loss);
    expect(tensorsAt('without-smoothed', 6).equals(tensorsAt('with-smoothed', 6))).toBe(true);
  });

  test('a run whose third step is profiled ends with the same bytes; the trace has every dispatch of one step', async () => {
    await run('plain', { microBatches: 2 });
    const gpu = await testGpu();
    const trace = new Trace(gpu.adapter);
    const options = { ...TRAINING, microBatches: 2 };
    const source = countingSource(options.batchSize, options.context);
    await train(gpu, { config: TINY, options, source, folder: join(root, 'profiled'), trace });
    expect(tensorsAt('profiled', 6).equals(tensorsAt('plain', 6))).toBe(true);

    const { traceEvents } = trace.toJSON();
    const rows = traceEvents.flatMap((event) => (event.name === 'thread_name' ? [event.args.name] : []));
    expect(rows).toEqual(['training step', 'clear', 'micro-batch 1', 'micro-batch 2', 'update']);
    const complete = traceEvents.flatMap((event) => (event.ph === 'X' ? [event] : []));
    const encoded = complete.filter(({ name }) => name.startsWith('encode '));
    const dispatches = encoded.reduce((sum, { args }) => sum + Number(args.dispatches), 0);
    expect(complete.filter(({ cat }) => cat === 'dispatch')).toHaveLength(dispatches);
    expect(complete.filter(({ name }) => name.startsWith('adamw'))).toHaveLength(2);
  });

  test('micro-batches sum to the gradient of their union', async () => {
    // The same 6 rows as one batch and as two halves: the order of sums differs, so they are equal up to rounding.
    const whole = await run('whole', { batchSize: 6, steps: 1, checkpointEvery: 1 });
    const one = countingSource(6, TRAINING.context);
    const all = one.next();
    const half = all.inputs.length / 2;
    const parts = [0, 1].map((i) => ({
      inputs: all.inputs.slice(i * half, (i + 1) * half),
      targets: all.targets.slice(i * half, (i + 1) * half),
      tokens: all.tokens / 2,
      lossTokens: all.lossTokens / 2,
    }));
    const reports: StepReport[] = [];
    await train(await testGpu(), {
      config: TINY,
      options: { ...TRAINING, batchSize: 3, microBatches: 2, steps: 1, checkpointEvery: 1 },
      source: { next: () => parts.shift()!, state: () => null, restore: () => {} },
      folder: join(root, 'halves'),
      onStep: (report) => reports.push(report),
    });
    expect(reports[0]!.loss).toBeCloseTo(whole[0]!.loss, 5);
    expect(reports[0]!.gradNorm / whole[0]!.gradNorm).toBeCloseTo(1, 4);
  });

  test('a step uses the memory that the plan without a device predicts', async () => {
    const { adapter, device } = await testGpu();
    const gpu = await Gpu.open({ adapter: adapter.name });
    const { maxStorageBufferBindingSize } = device.limits;
    const planned = planStep(TINY, TRAINING, Gpu.planning({ maxStorageBufferBindingSize }, adapter.kind));
    const folder = join(root, 'memory');
    await train(gpu, {
      config: TINY,
      options: { ...TRAINING, steps: 1 },
      source: countingSource(3, 12),
      folder,
    });
    // Memory that is not the step's: the rotary tables and padding of buffers.
    expect(Math.abs(gpu.buffers.peakBytes / planned.total - 1)).toBeLessThan(0.1);
    gpu.close();
  });
});

describe('a timed run', () => {
  /** A clock on which every step takes 1/8 s, which binary fractions hold exactly. */
  function timed(name: string, options: Partial<TrainOptions> = {}, stopAfter = Infinity) {
    const full = { ...TRAINING, seconds: 2, warmupShare: 0.25, ...options };
    const source = countingSource(full.batchSize, full.context);
    const stop = new AbortController();
    let ms = 0;
    let given = 0;
    const next = () => {
      ms += 125;
      if (++given === stopAfter) stop.abort();
      return source.next();
    };
    const folder = join(root, name);
    return {
      config: TINY,
      options: full,
      source: { ...source, next },
      folder,
      now: () => ms,
      signal: stop.signal,
    };
  }
  test('ends when its time is spent, at the end of the schedule, with a checkpoint', async () => {
    const result = await train(await testGpu(), timed('timed', { steps: 1 }));
    expect(result).toEqual({ step: 16, seconds: 2, finished: true });
    const curve = curveIn('timed');
    expect(curve.map(({ seconds }) => seconds)).toEqual(Array.from({ length: 16 }, (_, i) => (i + 1) / 8));
    const rates = curve.map(({ learningRate }) => learningRate);
    expect(rates.indexOf(Math.max(...rates))).toBe(3);
    expect(Math.max(...rates)).toBeCloseTo(TRAINING.learningRate, 12);
    expect(rates.at(-1)).toBeCloseTo(TRAINING.minLearningRate, 12);
    expect(tensorsAt('timed', 16).length).toBeGreaterThan(0);
  });

  test('continues at the time spent before: with the same step times, the same bytes', async () => {
    await train(await testGpu(), timed('timed-whole'));
    const first = await train(await testGpu(), timed('timed-stopped', {}, 7));
    expect(first).toEqual({ step: 7, seconds: 7 / 8, finished: false });
    const spent: number[] = [];
    const second = await train(await testGpu(), {
      ...timed('timed-stopped'),
      onStart: ({ secondsBefore }) => spent.push(secondsBefore),
    });
    expect(spent).toEqual([7 / 8]);
    expect(second).toEqual({ step: 16, seconds: 2, finished: true });
    expect(curveIn('timed-stopped')).toEqual(curveIn('timed-whole'));
    expect(tensorsAt('timed-stopped', 16).equals(tensorsAt('timed-whole', 16))).toBe(true);
  });

  test('given more time, goes on from where it ended; given no more, ends at once', async () => {
    await train(await testGpu(), timed('more', { seconds: 1 }));
    expect(await train(await testGpu(), timed('more', { seconds: 1 }))).toEqual({
      step: 8,
      seconds: 1,
      finished: true,
    });
    expect(await train(await testGpu(), timed('more', { seconds: 2 }))).toMatchObject({
      step: 16,
      seconds: 2,
    });
    expect(curveIn('more')).toHaveLength(16);
  });

  test('does not mix with a run of a fixed number of steps', async () => {
    await run('counted', { steps: 1 });
    await expect(train(await testGpu(), timed('counted'))).rejects.toThrow(
      /the run was started to train by steps \(--for\), and is now to train for a time; continue it/,
    );
    await train(await testGpu(), timed('by-time', { seconds: 0.5 }));
    await expect(run('by-time')).rejects.toThrow(
      /the run was started to train for a time \(--for\), and is now to train by steps; continue it/,
    );
  });
});

describe('resuming', () => {
  test('an interrupted run continues with the same curve, to the bit', async () => {
    const whole = await run('whole-run', { steps: 6 });
    const stop = new AbortController();
    const folder = join(root, 'stopped');
    const source = countingSource(TRAINING.batchSize, TRAINING.context);
    let given = 0;
    const stopping = {
      ...source,
      next: () => {
        if (++given === 4) stop.abort();
        return source.next();
      },
    };
    const first = await train(await testGpu(), {
      config: TINY,
      options: TRAINING,
      source: stopping,
      folder,
      signal: stop.signal,
    });
    expect(first).toEqual({ step: 4, finished: false });
    expect(await run('stopped')).toEqual(whole);
    expect(tensorsAt('stopped', 6).equals(tensorsAt('whole-run', 6))).toBe(true);
  });

  test('a damaged newest checkpoint is skipped with a warning', async () => {
    const whole = await run('damaged');
    const checkpoints = join(root, 'damaged', 'checkpoints');
    const newest = readdirSync(checkpoints)
      .filter((file) => file.endsWith('.safetensors'))
      .sort()
      .at(-1)!;
    truncateSync(join(checkpoints, newest), 1000);
    const warnings: string[] = [];
    let resumedFrom = -1;
    const folder = join(root, 'damaged');
    await train(await testGpu(), {
      config: TINY,
      options: TRAINING,
      source: countingSource(3, 12),
      folder,
      onStart: (info) => {
        warnings.push(...info.warnings);
        resumedFrom = info.resumedFrom;
      },
    });
    expect(resumedFrom).toBe(3);
    expect(warnings.join()).toMatch(/damaged checkpoint: .*00000006\.safetensors: .*it has 1000 bytes/);
    const curve = metricsOf(folder);
    expect(curve).toEqual(whole);
  });

  test('a folder that another run is using is refused, and nothing in it changes', async () => {
    await run('busy', { steps: 1 });
    const folder = join(root, 'busy');
    const before = readdirSync(folder);
    const unlock = await lockFolder(folder);
    await expect(run('busy', { steps: 2 })).rejects.toThrow(
      /train\.lock: process \d+ is training in this folder/,
    );
    await unlock();
    expect(readdirSync(folder)).toEqual(before);
  });

  test('what the backward pass recomputes may change between runs, and nothing else does', async () => {
    const whole = await run('kept', { steps: 6 });
    const stop = new AbortController();
    const source = countingSource(TRAINING.batchSize, TRAINING.context);
    let given = 0;
    await train(await testGpu(), {
      config: TINY,
      options: { ...TRAINING, recompute: 'mlp' },
      source: { ...source, next: () => (++given === 3 && stop.abort(), source.next()) },
      folder: join(root, 'recomputed'),
      signal: stop.signal,
    });
    expect(given).toBe(3);
    expect(await run('recomputed', { recompute: 'block' })).toEqual(whole);
    expect(tensorsAt('recomputed', 6).equals(tensorsAt('kept', 6))).toBe(true);
  });

  test('a folder with a run of different settings is refused, naming file and field', async () => {
    await run('other', { steps: 3 });
    await expect(run('other', { steps: 3, learningRate: 0.5 })).rejects.toThrow(
      /checkpoint-00000003\.json: was saved with options\.learningRate = 0\.01, and this run has 0\.5/,
    );
  });

  test('SIGKILL at any moment costs no more than the steps since the last checkpoint', async () => {
    const whole = await run('reference', { steps: 12, checkpointEvery: 2 });
    const script = join(import.meta.dirname, 'train-child.ts');
    const folder = join(root, 'killed');
    const start = () =>
      spawn(process.execPath, ['--import', 'tsx', script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const child = start();
    await new Promise<void>((resolve) => {
      let seen = '';
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (/step 5\n/.test(seen)) {
          child.kill('SIGKILL');
          resolve();
        }
      });
      child.on('exit', () => resolve());
    });
    await new Promise((resolve) =>
      child.exitCode !== null || child.signalCode ? resolve(0) : child.on('exit', resolve),
    );
    expect(child.signalCode).toBe('SIGKILL');
    execFileSync(process.execPath, ['--import', 'tsx', script, folder]);
    const curve = metricsOf(folder);
    expect(curve).toEqual(whole);
    expect(tensorsAt('killed', 12).equals(tensorsAt('reference', 12))).toBe(true);
  });
});
