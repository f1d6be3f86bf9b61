import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockFolder } from '../../src/base/lock.js';
import { parseSettings } from '../../src/data/train-on-corpus.js';
import { readTexts, trainOnText, type TextTraining } from '../../src/data/train-on-text.js';
import { noteSession } from '../../src/engine/report/sessions.js';
import { readRun } from '../../src/engine/report/view.js';
import { listRuns } from '../../src/engine/train/runs.js';
import { testGpu } from '../engine/test-gpu.js';

const root = mkdtempSync(join(tmpdir(), 'train-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

const TEXT = 'noon moon mono onion minion omen. '.repeat(60);
const SHAPE = { nLayer: 1, nHead: 1, width: 16, mlpWidth: 32, context: 16 };
const SETTINGS = {
  ...{ model: SHAPE, steps: 4, context: 16, batchSize: 2, warmupSteps: 1 },
  ...{ checkpointEvery: 2, validateEvery: 2 },
};

async function train(
  name: string,
  settings: Record<string, unknown> = {},
  more: Partial<TextTraining> = {},
): Promise<void> {
  const folder = join(root, name);
  const session = { time: new Date().toISOString(), adapter: 'a', kernels: 'f32', commit: 'c', node: '20' };
  await trainOnText(await testGpu(), {
    ...{ folder, text: TEXT, tokenizer: 'characters', sample: 4 },
    settings: parseSettings({ ...SETTINGS, ...settings }),
    onStart: ({ resumedFrom }) => noteSession(folder, { ...session, resumedFrom }),
    ...more,
  });
}

/** Names and bytes of every file under a folder. */
function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

describe('a run that is refused leaves the folder as it was', () => {
  const folder = join(root, 'kept');
  let files: Map<string, string>;
  beforeAll(async () => {
    await train('kept');
    files = filesIn(folder);
  });

  test.each([
    ['another batch', { batchSize: 4 }, {}, /was saved with options\.batchSize = 2, and this run has 4/],
    ['another text', {}, { text: [...TEXT].reverse().join('') }, /was trained on another text/],
    ['another shape', { model: { ...SHAPE, width: 32 } }, {}, /saved with config\.width = 16, and .* 32/],
  ])('%s', async (_, settings, more, message) => {
    await expect(train('kept', { steps: 6, ...settings }, more)).rejects.toThrow(message);
    expect(filesIn(folder)).toEqual(files);
  });

  test('while another process trains in it', async () => {
    const unlock = await lockFolder(folder);
    await expect(train('kept', { steps: 6 })).rejects.toThrow(/process \d+ is training in this folder/);
    await unlock();
    expect(filesIn(folder)).toEqual(files);
  });

  test('also where only a mirror has the run', async () => {
    const mirror = join(root, 'other-drive');
    await train('mirrored', {}, { mirror });
    await expect(train('empty', { seed: 2 }, { mirror })).rejects.toThrow(
      /other-drive\/checkpoint-00000004-[0-9a-f]{8}\.json: was saved with options\.seed = 1/,
    );
    expect(readdirSync(join(root, 'empty'))).toEqual([]);
  });
});

test('a run that comes from its mirror alone looks the same to engine runs and engine report', async () => {
  const mirror = join(root, 'drive');
  const folder = join(root, 'lost');
  await train('lost', { steps: 3 }, { mirror });
  // A second session, with more steps.
  await train('lost', { steps: 6 }, { mirror });
  const look = async () => ({ runs: await listRuns(folder), report: (await readRun(folder)).view });
  const before = await look();
  expect(before.runs[0]!.checkpoints.map(({ step }) => step)).toEqual([6, 4]);
  expect(before.runs[0]!.best).toBeDefined();
  expect(before.report.sessions.map(({ resumedFrom }) => resumedFrom)).toEqual([0, 3]);
  expect(before.report.progress).toBeDefined();

  rmSync(folder, { recursive: true });
  const said: string[] = [];
  const session = { time: new Date().toISOString(), adapter: 'b', kernels: 'f32', commit: 'c', node: '20' };
  await train(
    'lost',
    { steps: 6 },
    {
      mirror,
      onStart: ({ resumedFrom, warnings }) => {
        said.push(...warnings);
        noteSession(folder, { ...session, resumedFrom });
      },
    },
  );
  expect(said).toEqual([`step 6 comes from ${mirror}`]);
  const after = await look();
  // The process that restored it is a session of its own.
  expect(after.report.sessions.pop()).toEqual({ ...session, resumedFrom: 6 });
  expect(after).toEqual(before);
});

test('a text that is not UTF-8 is refused, with the place', async () => {
  const file = join(root, 'latin.txt');
  writeFileSync(file, Buffer.from('Größe', 'latin1'));
  await expect(readTexts([file])).rejects.toThrow(/latin\.txt: is not UTF-8 at byte 2/);
  writeFileSync(file, 'Größe \ufffd');
  expect(await readTexts([file])).toBe('Größe \ufffd');
});
