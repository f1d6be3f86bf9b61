import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import type { Decoder } from '../../../src/engine/nn/decoder.js';
import { train, type StepReport, type TrainRun } from '../../../src/engine/train/trainer.js';
import { metricsOf, tensorsOf } from '../run-files.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const full = vi.hoisted(() => ({ from: Infinity }));
// A disk that is full from a checkpoint on: writing its temporary file fails, as the system call would.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...rest) => {
    const file = await real.open(path, ...rest);
    const [, step] = /checkpoint-(\d+)\.safetensors\..*\.tmp$/.exec(String(path)) ?? [];
    if (step === undefined || Number(step) < full.from) return file;
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    file.write = () => Promise.reject(error);
    return file;
  };
  return { ...real, open };
});

const root = mkdtempSync(join(tmpdir(), 'failures-'));
afterAll(() => rmSync(root, { recursive: true }));

async function run(name: string, more: Partial<TrainRun> = {}, gpu?: Gpu): Promise<StepReport[]> {
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  const folder = join(root, name);
  const options = { ...TRAINING, steps: 12 };
  await train(gpu ?? (await testGpu()), { config: TINY, options, source, folder, ...more });
  return metricsOf(folder);
}

const checkpoints = (name: string): string[] => readdirSync(join(root, name, 'checkpoints')).sort();

describe('a loss that stays not finite', () => {
  /** Makes the weights NaN at the step of the first validations, as a fault of the device would. */
  const poison = (times: number): TrainRun['validation'] => ({
    every: 5,
    batches: [],
    ask: (decoder: Decoder) => {
      const weights = decoder.parameters.arenas[0]!.weights;
      if (times-- > 0) weights.write(new Float32Array(weights.size).fill(NaN));
      return Promise.resolve([]);
    },
  });

  test('brings the run back to its last checkpoint, with other records', async () => {
    const plain = await run('undisturbed');
    const said: string[] = [];
    const curve = await run('poisoned', { validation: poison(1), onProblem: (line) => said.push(line) });
    expect(said).toEqual([
      expect.stringMatching(
        /^step \d+: the loss or its gradients are not finite: back to step 3, with other records/,
      ),
    ]);
    expect(curve.map(({ step }) => step)).toEqual(plain.map(({ step }) => step));
    expect(curve.slice(0, 3)).toEqual(plain.slice(0, 3));
    expect(curve[3]!.rolledBackFrom).toBeGreaterThanOrEqual(8);
    // The batches after the one that failed: step 4 reads what an undisturbed step 9 or later does.
    expect(curve[3]!.loss).not.toBe(plain[3]!.loss);
    expect(curve.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(checkpoints('poisoned').at(-1)).toBe('checkpoint-00000012.safetensors');
  });

  test('stops the run after so many returns, and the last checkpoint is a good one', async () => {
    const said: string[] = [];
    await expect(
      run('hopeless', { validation: poison(9), maxRollbacks: 2, onProblem: (line) => said.push(line) }),
    ).rejects.toThrow(
      /not finite, also after 2 returns to a checkpoint; the last checkpoint is of step 3\. Lower/,
    );
    expect(said).toHaveLength(2);
    expect(checkpoints('hopeless')).toEqual(['checkpoint-00000003.json', 'checkpoint-00000003.safetensors']);
    expect(await run('hopeless')).toHaveLength(12);
  });

  test('before the first checkpoint begins again from the first weights', async () => {
    const options = { ...TRAINING, steps: 12, checkpointEvery: 100 };
    const curve = await run('early', { options, validation: poison(1) });
    expect(curve).toHaveLength(12);
    expect(curve[0]!.rolledBackFrom).toBeGreaterThanOrEqual(8);
    expect(curve.at(-1)!.loss).toBeLessThan(curve[0]!.loss);
  });
});

test('a lost device ends the run; the same command goes on from the checkpoint, to the bit', async () => {
  const whole = await run('device-kept');
  const gpu = await Gpu.open({ adapter: (await testGpu()).adapter.name, kernels: 'f32' });
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  let given = 0;
  const next = () => (++given === 6 && gpu.device.destroy(), source.next());
  await expect(run('device-lost', { source: { ...source, next } }, gpu)).rejects.toThrow(
    /was lost \(destroyed\)/,
  );
  expect(checkpoints('device-lost').at(-1)).toBe('checkpoint-00000003.safetensors');
  expect(await run('device-lost')).toEqual(whole);
  const [lost, kept] = ['device-lost', 'device-kept'].map((name) => tensorsOf(join(root, name), 12));
  expect(lost!.equals(kept!)).toBe(true);
});

test('a full disk ends the run, says so, and leaves the checkpoints as they were', async () => {
  full.from = 6;
  await expect(run('full')).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(
      /checkpoint-00000006\.safetensors: the disk is full: free some space .*; it goes on from step 3$/,
    ) as string,
  });
  full.from = Infinity;
  expect(checkpoints('full')).toEqual(['checkpoint-00000003.json', 'checkpoint-00000003.safetensors']);
  expect(await run('full')).toHaveLength(12);
});

test.skipIf(process.getuid?.() !== 0)('a folder that cannot be written to is refused by name', async () => {
  const folder = join(root, 'read-only');
  mkdirSync(folder);
  chmodSync(root, 0o755);
  chownSync(folder, 0, 0);
  chmodSync(folder, 0o555);
  const gpu = await testGpu();
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  // The superuser may write anywhere.
  process.seteuid!(65_534);
  const refused = train(gpu, { config: TINY, options: TRAINING, source, folder }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const error = await refused.finally(() => process.seteuid!(0));
  expect(error).toMatchObject({ code: 'EACCES', message: expect.stringContaining('read-only') as string });
  expect(readdirSync(folder)).toEqual([]);
});

test('a clock of the day that jumps changes nothing', async () => {
  const plain = await run('steady');
  let jump = 0;
  const real = Date.now;
  const clock = vi
    .spyOn(Date, 'now')
    .mockImplementation(() => real() + (jump += 86_400_000 * (jump > 0 ? -2 : 1)));
  try {
    expect(await run('jumping', { maxSeconds: 3600 })).toEqual(plain);
  } finally {
    clock.mockRestore();
  }
});
