import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { splitRows, type RowsToSplit } from '../../src/data/split-rows.js';
import { saveCheckpoint } from '../../src/engine/train/checkpoint.js';
import { Mirror } from '../../src/engine/train/mirror.js';

const root = mkdtempSync(join(tmpdir(), 'split-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a run that only its mirror has keeps its split of the rows, whatever would fit here', async () => {
  const [run, mirror] = [join(root, 'run'), join(root, 'drive')];
  const meta = { options: { batchSize: 2, microBatches: 3 } };
  const saved = await saveCheckpoint(join(run, 'checkpoints'), 5, { tensors: [], meta });
  const copy = new Mirror(mirror, run, [], (line) => expect.unreachable(line));
  copy.copy(saved);
  await copy.settled();
  const given: RowsToSplit = {
    folder: join(root, 'lost'),
    settings: { batchSize: 6, microBatches: 1, recompute: 'none' },
    memory: { bytes: 1000 },
  };
  const perRow = ({ batchSize }: { batchSize: number }): number => 10 * batchSize;
  expect(await splitRows(given, perRow)).toMatchObject({ batchSize: 6, microBatches: 1 });
  expect(await splitRows({ ...given, mirror }, perRow)).toMatchObject(meta.options);
  // Another number of rows is another run, which train refuses by name.
  const more = { ...given, settings: { ...given.settings, batchSize: 8 }, mirror };
  expect(await splitRows(more, perRow)).toMatchObject({ batchSize: 8, microBatches: 1 });
});
