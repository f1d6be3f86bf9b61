import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Saver, snapshot } from '../../../src/engine/train/saver.js';
import { train, type TrainRun } from '../../../src/engine/train/trainer.js';
import { metricsOf, tensorsOf } from '../run-files.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const disk = vi.hoisted(() => ({ opened: Promise.resolve() }));
// A slow disk: a file of tensors opens only when `opened` resolves.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...rest) => {
    if (/\.safetensors\..*\.tmp$/.test(String(path))) await disk.opened;
    return real.open(path, ...rest);
  };
  return { ...real, open };
});

const root = mkdtempSync(join(tmpdir(), 'saver-'));
afterAll(() => rmSync(root, { recursive: true }));

const OPTIONS = { ...TRAINING, steps: 9, checkpointEvery: 4 };

async function run(name: string, more: Partial<TrainRun> = {}): Promise<string> {
  const folder = join(root, name);
  const source = countingSource(TRAINING.batchSize, TRAINING.context);
  await train(await testGpu(), { config: TINY, options: OPTIONS, source, folder, ...more });
  return folder;
}

describe('a checkpoint', () => {
  test('is written while the next steps run, with the weights of its own step', async () => {
    const calm = await run('calm');
    let open = (): void => {};
    disk.opened = new Promise((resolve) => (open = resolve));
    setTimeout(open, 60_000).unref(); // A trainer that waits would wait for ever.
    const seen: Record<number, boolean> = {};
    const slow = join(root, 'slow');
    await run('slow', {
      onStep: ({ step }) => {
        seen[step] = existsSync(join(slow, 'checkpoints', 'checkpoint-00000004.json'));
        if (step === 7) open();
      },
    });
    expect(seen[7]).toBe(false);
    for (const step of [8, 9]) expect(tensorsOf(slow, step).equals(tensorsOf(calm, step))).toBe(true);
    expect(metricsOf(slow)).toEqual(metricsOf(calm));
  });

  test('is whole when a run fails while it is written', async () => {
    let open = (): void => {};
    disk.opened = new Promise((resolve) => (open = resolve));
    const failing = run('failing', {
      onStep: ({ step }) => {
        if (step < 6) return;
        setTimeout(open, 50);
        throw new Error('the device is gone');
      },
    });
    await expect(failing).rejects.toThrow('the device is gone');
    expect(readFileSync(join(root, 'failing', 'checkpoints', 'checkpoint-00000004.json'), 'utf8')).toContain(
      '"step": 4',
    );
  });
});

describe('a snapshot', () => {
  test('holds copies where they fit into half of the memory, and else the tensors themselves', async () => {
    const gpu = await testGpu();
    const tensor = gpu.tensor([4], Float32Array.of(1, 2, 3, 4));
    const tensors = new Map([['a', tensor]]);
    const [held, read] = [await snapshot(tensors, 32), await snapshot(tensors, 31)];
    tensor.write(new Float32Array(4));
    expect(held.isHeld).toBe(true);
    expect(await held.sources[0]!.read()).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(read.isHeld).toBe(false);
    expect(await read.sources[0]!.read()).toEqual(new Float32Array(4));
  });
});

describe('a saver', () => {
  test('waits for a third, counts the time, and tells a failure before anything else is written', async () => {
    let ms = 0;
    const saver = new Saver(() => ms);
    const written: string[] = [];
    const finish: (() => void)[] = [];
    const save = (name: string, takes: number, isHeld = true): Promise<void> =>
      saver.save(() => {
        ms += takes;
        const write = (): Promise<void> =>
          new Promise((resolve) =>
            finish.push(() => {
              written.push(name);
              resolve();
            }),
          );
        return Promise.resolve({ isHeld, write });
      });
    await save('best', 100);
    await save('checkpoint', 200);
    expect([written, saver.waited]).toEqual([[], 0.3]);
    const third = save('third', 0);
    ms += 1000;
    finish.shift()!();
    await third;
    expect([written, saver.waited]).toEqual([['best'], 1.3]);
    await vi.waitFor(() => finish.shift()!());
    await vi.waitFor(() => finish.shift()!());
    await saver.settled();
    expect(written).toEqual(['best', 'checkpoint', 'third']);

    const full = new Error('full');
    await saver.save(() => Promise.resolve({ isHeld: true, write: () => Promise.reject(full) }));
    await saver.save(() =>
      Promise.resolve({ isHeld: true, write: () => Promise.resolve(void written.push('no')) }),
    );
    await expect(saver.settled()).rejects.toBe(full);
    await expect(save('late', 0)).rejects.toBe(full);
    expect(() => saver.throwIfFailed()).toThrow(full);
    expect(written).not.toContain('no');
  });
});
