import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockFolder } from '../../../src/base/lock.js';
import { parameterCount } from '../../../src/engine/nn/config.js';
import { saveConfig } from '../../../src/engine/nn/model-folder.js';
import { saveCheckpoint } from '../../../src/engine/train/checkpoint.js';
import { listRuns } from '../../../src/engine/train/runs.js';
import { TINY, TRAINING } from '../tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'runs-'));
afterAll(() => rmSync(root, { recursive: true }));

async function fakeRun(folder: string, steps: readonly number[], options: object): Promise<void> {
  await saveConfig(folder, TINY);
  for (const step of steps) {
    const read = () => new Float32Array(3);
    const tensors = [{ name: 'a', dtype: 'F32' as const, shape: [3], read }];
    await saveCheckpoint(join(folder, 'checkpoints'), step, { tensors, meta: { options } });
  }
  const line = (step: number): string => JSON.stringify({ step, loss: 1 / step }) + '\n';
  writeFileSync(join(folder, 'metrics.jsonl'), line(7) + line(8));
}

test('runs are listed with steps, loss, checkpoints and who trains; a cut checkpoint and a cut line of metrics are passed over', async () => {
  const [a, b] = [join(root, 'a'), join(root, 'b')];
  await fakeRun(a, [3, 6], { ...TRAINING, steps: 20 });
  truncateSync(join(a, 'checkpoints', 'checkpoint-00000006.safetensors'), 5);
  appendFileSync(join(a, 'metrics.jsonl'), '{"step": 9, "lo');
  await fakeRun(b, [5], { ...TRAINING, seconds: 60 });
  const unlock = await lockFolder(b);
  const runs = await listRuns(root);
  await unlock();
  const parameters = parameterCount(TINY);
  expect(runs).toMatchObject([
    { name: 'a', parameters, steps: { done: 8, planned: 20 }, loss: 1 / 8, training: undefined },
    { name: 'b', parameters, steps: { done: 8, planned: undefined }, training: process.pid },
  ]);
  expect(runs[0]!.checkpoints.map(({ step }) => step)).toEqual([6, 3]);
  expect(runs[0]!.checkpoints[0]!.problem).toMatch(/00000006\.safetensors: cut short or altered: it has 5/);
  expect(runs[0]!.checkpoints[1]!.problem).toBeUndefined();
  expect(await listRuns(a)).toEqual([runs[0]]);
});

test('runs are found one folder deeper too, and a run without a checkpoint is one', async () => {
  const folder = join(root, 'deep');
  await fakeRun(join(folder, 'demo', 'model'), [], {});
  await fakeRun(join(folder, 'c'), [5], {});
  await fakeRun(join(folder, 'c', 'best'), [5], {});
  const runs = await listRuns(folder);
  expect(runs.map(({ name, checkpoints }) => [name, checkpoints.length])).toEqual([
    ['c', 1],
    ['demo/model', 0],
  ]);
});

test('a folder that is not there is told', async () => {
  await expect(listRuns(join(root, 'absent'))).rejects.toThrow(/absent: there is no such file or folder/);
});
