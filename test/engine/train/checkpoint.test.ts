import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  findNewestGood,
  openTensors,
  saveCheckpoint,
  verifyCheckpoint,
  type CheckpointInfo,
} from '../../../src/engine/train/checkpoint.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function save(step: number, keep?: number): Promise<CheckpointInfo> {
  const weight = { name: 'w', dtype: 'F32' as const, shape: [4], read: () => new Float32Array(4).fill(step) };
  const content = { tensors: [weight], meta: { reader: { epoch: step }, lossScale: 1024 } };
  return saveCheckpoint(folder, step, content, keep === undefined ? {} : { keep });
}

async function weights(checkpoint: CheckpointInfo | null): Promise<number[]> {
  const file = await openTensors(checkpoint!);
  const values = new Float32Array((await file.read('w')).buffer);
  await file.close();
  return [...values];
}

async function flipBit(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await writeFile(path, bytes);
}

describe('saveCheckpoint and findNewestGood', () => {
  test('finds the saved step, tensors and metadata', async () => {
    await save(100);
    const { checkpoint, damaged } = await findNewestGood(folder);
    expect(damaged).toEqual([]);
    expect(checkpoint).toMatchObject({ step: 100, meta: { reader: { epoch: 100 }, lossScale: 1024 } });
    expect(await weights(checkpoint)).toEqual([100, 100, 100, 100]);
    expect((await readdir(folder)).sort()).toEqual([
      'checkpoint-00000100.json',
      'checkpoint-00000100.safetensors',
    ]);
  });

  test('the same content gives the same bytes', async () => {
    const read = async (): Promise<string[]> =>
      Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'latin1')));
    await save(7);
    const first = await read();
    await save(7);
    expect(await read()).toEqual(first);
  });

  test('an empty or missing folder has no checkpoint', async () => {
    const none = { checkpoint: null, damaged: [] };
    expect(await findNewestGood(folder)).toEqual(none);
    expect(await findNewestGood(join(folder, 'none'))).toEqual(none);
  });

  test('steps are ordered as numbers', async () => {
    for (const step of [99_999_999, 100_000_000]) await save(step);
    expect((await findNewestGood(folder)).checkpoint?.step).toBe(100_000_000);
  });

  test.each([-1, 0.5, NaN])('step %d is refused', async (step) => {
    await expect(save(step)).rejects.toMatchObject({ code: 'checkpoint-step' });
  });
});

describe('generations', () => {
  const steps = async (): Promise<number[]> =>
    [...new Set((await readdir(folder)).map((name) => Number(/\d+/.exec(name)![0])))].sort((a, b) => a - b);

  test('the newest are kept, never fewer than two', async () => {
    for (const step of [1, 2, 3, 4]) await save(step, 3);
    expect(await steps()).toEqual([2, 3, 4]);
    await save(5, 1);
    expect(await steps()).toEqual([4, 5]);
  });

  test('an incomplete one does not count and is removed', async () => {
    for (const step of [1, 2]) await save(step);
    await rm(join(folder, 'checkpoint-00000002.json'));
    await save(3);
    expect(await steps()).toEqual([1, 3]);
  });

  test('later steps of an earlier run are left alone', async () => {
    for (const step of [8, 9]) await save(step);
    await save(3);
    expect(await steps()).toEqual([3, 8, 9]);
  });

  test('a save that fails removes nothing', async () => {
    for (const step of [1, 2]) await save(step);
    const broken = {
      name: 'w',
      dtype: 'F32' as const,
      shape: [4],
      read: () => Promise.reject(new Error('device lost')),
    };
    await expect(saveCheckpoint(folder, 3, { tensors: [broken], meta: {} })).rejects.toThrow('device lost');
    expect(await steps()).toEqual([1, 2]);
  });
});

describe('after damage the previous generation is used and the reason reported', () => {
  const tensors = (): string => join(folder, 'checkpoint-00000002.safetensors');
  const json = (): string => join(folder, 'checkpoint-00000002.json');

  test.each<[string, string, () => string, () => Promise<unknown>]>([
    ['tensors cut short', 'checkpoint-truncated', tensors, () => truncate(tensors(), 90)],
    ['tensors of length 0', 'checkpoint-truncated', tensors, () => truncate(tensors(), 0)],
    ['one bit of a weight flipped', 'checkpoint-altered', tensors, () => flipBit(tensors(), -1)],
    ['one bit of the header flipped', 'checkpoint-altered', tensors, () => flipBit(tensors(), 12)],
    ['tensors missing', 'checkpoint-incomplete', tensors, () => rm(tensors())],
    ['JSON missing', 'checkpoint-incomplete', json, () => rm(json())],
    ['JSON cut short', 'checkpoint-format', json, () => truncate(json(), 40)],
    ['JSON of something else', 'checkpoint-format', json, () => writeFile(json(), 'null')],
    [
      'JSON of another step',
      'checkpoint-format',
      json,
      async () => {
        await writeFile(json(), await readFile(join(folder, 'checkpoint-00000001.json')));
      },
    ],
  ])('%s', async (_, code, file, damage) => {
    await save(1);
    await save(2);
    await damage();
    const { checkpoint, damaged } = await findNewestGood(folder);
    expect(checkpoint?.step).toBe(1);
    expect(await weights(checkpoint)).toEqual([1, 1, 1, 1]);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]).toMatchObject({ step: 2, reason: { code, file: file() } });
    await expect(verifyCheckpoint(folder, 2)).rejects.toMatchObject({ code });
  });

  test('no undamaged generation', async () => {
    await save(2);
    await rm(json());
    expect(await findNewestGood(folder)).toMatchObject({ checkpoint: null, damaged: [{ step: 2 }] });
  });
});

describe('a writer killed with SIGKILL', () => {
  const script = fileURLToPath(new URL('killed-writer.ts', import.meta.url));

  test.each([
    ['first tensor', []],
    ['last tensor', []],
    ['json', [2]],
  ])(
    'at the %s: the previous generation still loads, and the next save cleans up',
    async (place, unfinished) => {
      await save(1);
      const child = spawnSync(process.execPath, ['--import', 'tsx', script, folder, place], {
        encoding: 'utf8',
      });
      expect(child.signal, child.stderr).toBe('SIGKILL');
      const leftovers = (await readdir(folder)).filter((name) => !name.startsWith('checkpoint-00000001.'));
      expect(leftovers).toHaveLength(1);

      const { checkpoint, damaged } = await findNewestGood(folder);
      expect(await weights(checkpoint)).toEqual([1, 1, 1, 1]);
      expect(damaged.map(({ step }) => step)).toEqual(unfinished);

      await save(3);
      expect((await readdir(folder)).sort()).toEqual(
        [1, 3].flatMap((step) => ['json', 'safetensors'].map((end) => `checkpoint-0000000${step}.${end}`)),
      );
    },
  );
});
