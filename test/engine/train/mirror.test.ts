import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findNewestGood, saveCheckpoint, type CheckpointInfo } from '../../../src/engine/train/checkpoint.js';
import { Mirror, restoreFromMirror } from '../../../src/engine/train/mirror.js';

const root = mkdtempSync(join(tmpdir(), 'mirror-'));
afterAll(() => rmSync(root, { recursive: true }));

const save = (run: string, step: number): Promise<CheckpointInfo> => {
  const read = () => new Float32Array([step, 1, 2]);
  const tensors = [{ name: 'a', dtype: 'F32' as const, shape: [3], read }];
  return saveCheckpoint(join(run, 'checkpoints'), step, { tensors, meta: { step } });
};

/** A run of three checkpoints, mirrored, and what the mirror complained about. */
async function mirrored(name: string): Promise<{ run: string; folder: string; problems: string[] }> {
  const [run, folder] = [join(root, name), join(root, `${name}-drive`)];
  const problems: string[] = [];
  const mirror = new Mirror(folder, run, ['model.json', 'absent.json'], (line) => problems.push(line));
  for (const step of [1, 2, 3]) {
    const checkpoint = await save(run, step);
    writeFileSync(join(run, 'model.json'), `{"model": ${Math.min(step, 2)}}`);
    mirror.copy(checkpoint);
    await mirror.settled();
  }
  return { run, folder, problems };
}

describe('a mirror', () => {
  test('holds the two newest checkpoints and the files along, under names that state their content', async () => {
    const { folder, problems } = await mirrored('kept');
    expect(problems).toEqual([]);
    const names = readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{8}\./, '-HASH.'));
    expect(names.sort()).toEqual([
      'checkpoint-00000002-HASH.json',
      'checkpoint-00000002-HASH.safetensors',
      'checkpoint-00000003-HASH.json',
      'checkpoint-00000003-HASH.safetensors',
      'manifest.json',
      'model-HASH.json',
    ]);
  });

  test('restores a run that is gone, whole', async () => {
    const { run, folder } = await mirrored('gone');
    const tensors = readFileSync(join(run, 'checkpoints', 'checkpoint-00000003.safetensors'));
    rmSync(run, { recursive: true });
    expect(await restoreFromMirror(folder, run, -1)).toEqual({ step: 3, problems: [] });
    const { checkpoint } = await findNewestGood(join(run, 'checkpoints'));
    expect(checkpoint).toMatchObject({ step: 3, meta: { step: 3 } });
    expect(readFileSync(checkpoint!.tensorsPath).equals(tensors)).toBe(true);
    expect(readFileSync(join(run, 'model.json'), 'utf8')).toBe('{"model": 2}');
  });

  test('leaves a run alone that is as far', async () => {
    const { run, folder } = await mirrored('as-far');
    writeFileSync(join(run, 'model.json'), 'mine');
    expect(await restoreFromMirror(folder, run, 3)).toEqual({ step: undefined, problems: [] });
    expect(readFileSync(join(run, 'model.json'), 'utf8')).toBe('mine');
  });

  test('passes over a damaged checkpoint and names its file', async () => {
    const { run, folder } = await mirrored('damaged');
    rmSync(run, { recursive: true });
    const name = readdirSync(folder).find((file) => /^checkpoint-00000003.*safetensors$/.test(file))!;
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(folder, name), bytes);
    const { step, problems } = await restoreFromMirror(folder, run, -1);
    expect(step).toBe(2);
    expect(problems).toEqual([
      `skipping step 3 of the mirror: ${join(folder, name)} differs from what was copied (SHA-256)`,
    ]);
  });

  test('that cannot be written is told, and the run goes on', async () => {
    const run = join(root, 'full');
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const problems: string[] = [];
    const mirror = new Mirror(join(file, 'drive'), run, [], (line) => problems.push(line));
    mirror.copy(await save(run, 7));
    await mirror.settled();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^step 7 was not copied to .*a-file\/drive: ENOTDIR/);
  });

  test('is not restored from a folder of something else, and a folder that is absent holds nothing', async () => {
    const run = join(root, 'nothing');
    const other = mkdtempSync(join(root, 'other-'));
    writeFileSync(join(other, 'manifest.json'), '{"name": "an app"}');
    await expect(restoreFromMirror(other, run, -1)).rejects.toThrow(/manifest\.json: is not the manifest/);
    expect(await restoreFromMirror(join(root, 'absent'), run, -1)).toEqual({
      step: undefined,
      problems: [],
    });
    expect(existsSync(run)).toBe(false);
  });
});
