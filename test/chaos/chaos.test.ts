import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { killedRun } from './killed-run.js';
import { FROM_SOURCE, writeText } from './training.js';

const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a training that is killed three times ends with the bytes of one that was not', async () => {
  const text = join(folder, 'text.txt');
  await writeText(text);
  let kills = 0;
  const run = await killedRun(1, new Random(2, 0), {
    ...{ engine: FROM_SOURCE, folder, text, adapter: 'software' },
    wantsKill: () => kills < 3,
    onKill: () => kills++,
  });
  expect(run.faults).toEqual([]);
  expect(run.kills).toHaveLength(3);
  expect(run.compared).toContain('checkpoints/checkpoint-00000060.safetensors');
});
