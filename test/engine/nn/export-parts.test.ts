import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { parameterCount, preset } from '../../../src/engine/nn/config.js';
import { exportParts, importParts } from '../../../src/engine/nn/export-parts.js';
import { checkpointFolder, loadConfig, saveConfig } from '../../../src/engine/nn/model-folder.js';
import { toHalf, fromHalf } from '../../../src/engine/tensor/half.js';
import { findNewestGood, openTensors, saveCheckpoint } from '../../../src/engine/train/checkpoint.js';
import { train } from '../../../src/engine/train/trainer.js';
import { engine } from '../../cli/run-engine.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { countingSource, TINY, TRAINING } from '../tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(root, { recursive: true }));

const PART_BYTES = 8192;
const META = { config: TINY, options: { seed: 5 }, source: { batch: 3 } };

/** Values of every size that f16 has: ties, subnormals, zeros of both signs. */
const random = new Random(4);
const weights = Float32Array.from(
  { length: 9000 },
  () => (2 * random.uniform() - 1) * 10 ** random.integer(-9, 3),
);
weights.set([0, -0, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 1.5 * 2 ** -24, 65519.99, -65504]);

async function writeModel(folder: string, values: Float32Array, last = 0.25): Promise<void> {
  await saveConfig(folder, TINY);
  writeFileSync(join(folder, 'tokenizer.json'), '{"words": "é"}');
  const tensor = (name: string, content: Float32Array) => ({
    name,
    dtype: 'F32' as const,
    shape: [content.length],
    read: () => content,
  });
  await saveCheckpoint(checkpointFolder(folder), 7, {
    tensors: [
      tensor('weights.a', values),
      tensor('weights.b', Float32Array.of(0.5, last)),
      tensor(
        'optimizer.0.m',
        values.map((value) => value / 10),
      ),
      tensor('optimizer.lossScale', Float32Array.of(1234.567)),
    ],
    meta: META,
  });
}

async function readModel(folder: string): Promise<Map<string, Float32Array>> {
  const { checkpoint } = await findNewestGood(checkpointFolder(folder));
  const file = await openTensors(checkpoint!);
  const found = new Map<string, Float32Array>();
  for (const name of file.tensors.keys()) found.set(name, new Float32Array((await file.read(name)).buffer));
  await file.close();
  return found;
}

const model = join(root, 'model');
const parts = join(root, 'parts');
const f16 = { dtype: 'f16', partBytes: PART_BYTES, files: ['tokenizer.json', 'absent.json'] } as const;
beforeAll(async () => {
  await writeModel(model, weights);
  await exportParts(model, parts, f16);
});

describe('parts', () => {
  test('none is longer than was asked, and they count themselves', () => {
    const files = readdirSync(parts);
    expect(files).toEqual([1, 2, 3].map((part) => `weights-${part}-of-3.part`));
    for (const file of files) {
      expect(readFileSync(join(parts, file)).length).toBeLessThanOrEqual(PART_BYTES);
    }
  });

  test('the model comes back: f16 values to the bit, the loss scale, step, state and tokenizer', async () => {
    const copy = join(root, 'copy');
    expect(await importParts(parts, copy)).toEqual({ step: 7, momentsLost: true });
    const found = await readModel(copy);
    expect(found.get('weights.a')).toEqual(weights.map((value) => fromHalf(toHalf(value))));
    expect(Object.is(found.get('weights.a')![1], -0)).toBe(true);
    expect(found.get('weights.a')!.subarray(2, 6)).toEqual(Float32Array.of(1, 1 + 2 ** -9, 0, 2 ** -23));
    expect(found.get('optimizer.lossScale')).toEqual(Float32Array.of(1234.567));
    expect(found.get('optimizer.0.m')).toEqual(new Float32Array(weights.length));
    const { checkpoint } = await findNewestGood(checkpointFolder(copy));
    expect(checkpoint).toMatchObject({ step: 7, meta: META });
    expect(await loadConfig(copy)).toEqual(TINY);
    expect(readFileSync(join(copy, 'tokenizer.json'), 'utf8')).toBe('{"words": "é"}');

    // What is in f16 already stays as it is, and the same checkpoint gives the same bytes.
    await exportParts(copy, join(root, 'again'), f16);
    const twice = join(root, 'twice');
    await importParts(join(root, 'again'), twice);
    expect((await readModel(twice)).get('weights.a')).toEqual(found.get('weights.a'));
    await exportParts(model, join(root, 'same'), f16);
    for (const file of readdirSync(parts)) {
      expect(readFileSync(join(root, 'same', file)).equals(readFileSync(join(parts, file)))).toBe(true);
    }
  });

  test('in f32 nothing is rounded', async () => {
    await exportParts(model, join(root, 'f32-parts'), { dtype: 'f32', partBytes: PART_BYTES });
    await importParts(join(root, 'f32-parts'), join(root, 'f32'));
    expect((await readModel(join(root, 'f32'))).get('weights.a')).toEqual(weights);
  });

  test('parts of an earlier export with other sizes are removed', async () => {
    const folder = join(root, 'reused');
    await exportParts(model, folder, { ...f16, partBytes: 4096 });
    await exportParts(model, folder, f16);
    expect(readdirSync(folder)).toEqual(readdirSync(parts));
  });

  test('whatever else lies in the folder stays, and importing takes no notice of it', async () => {
    const folder = join(root, 'shared');
    mkdirSync(join(folder, 'folder.part'), { recursive: true });
    const others = ['film.part', 'weights-1-of-9.part', 'weights-extra-1-of-2.part', 'weights.part'];
    for (const name of others) writeFileSync(join(folder, name), 'of somebody else');
    await exportParts(model, folder, f16);
    for (const name of others) expect(readFileSync(join(folder, name), 'utf8')).toBe('of somebody else');
    expect(readdirSync(folder).sort()).toEqual([...others, 'folder.part', ...readdirSync(parts)].sort());
    rmSync(join(folder, 'weights-1-of-9.part'));
    expect(await importParts(folder, join(root, 'from-shared'))).toMatchObject({ step: 7 });
  });

  test('an export that fails midway leaves the parts of the earlier one, whole', async () => {
    const folder = join(root, 'kept');
    await exportParts(model, folder, f16);
    const broken = join(root, 'last-value');
    await writeModel(broken, weights.with(5, 1), NaN);
    await expect(exportParts(broken, folder, f16)).rejects.toMatchObject({ code: 'f16-overflow' });
    expect(readdirSync(folder)).toEqual(readdirSync(parts));
    for (const file of readdirSync(parts)) {
      expect(readFileSync(join(folder, file)).equals(readFileSync(join(parts, file)))).toBe(true);
    }
  });

  test.skipIf(process.platform === 'win32')('a disk that takes no more is reported with the file', () => {
    const out = join(root, 'full');
    const script = 'ulimit -f 4 && exec "$0" --import tsx src/cli/main.ts "$@"';
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', script, process.execPath, 'export', '--model', model, '--out', out, '--parts', '8KiB'],
      { cwd: packageRoot, encoding: 'utf8' },
    );
    expect(stderr).toMatch(/^engine: EFBIG.*full\/weights-1-of-\d\.part'\n$/);
    expect(status).toBe(2);
    expect(readdirSync(out)).toEqual([]);
  });

  test.each([
    [65520, 'f16-overflow'],
    [NaN, 'f16-overflow'],
  ])('a weight of %s has no f16: refused, and no part is whole', async (value, code) => {
    const folder = join(root, `beyond-${value}`);
    await writeModel(folder, weights.with(8000, value));
    const out = join(folder, 'out');
    await expect(exportParts(folder, out, f16)).rejects.toMatchObject({ code });
    await expect(importParts(out, join(folder, 'copy'))).rejects.toThrow(/out/);
  });
});

describe('importing what is not whole', () => {
  const broken = join(root, 'broken');
  const part = (number: number): string => join(broken, `weights-${number}-of-3.part`);
  beforeEach(() => {
    rmSync(broken, { recursive: true, force: true });
    rmSync(join(root, 'never'), { recursive: true, force: true });
  });

  const faults: [string, RegExp, () => Promise<void> | void][] = [
    ['a missing part', /broken: part 2 is missing, of 3$/m, () => rmSync(part(2))],
    [
      'several missing parts',
      /broken: parts 1, 3 are missing, of 3$/m,
      () => [1, 3].forEach((number) => rmSync(part(number))),
    ],
    [
      'no part at all',
      /broken: has no file with a name like weights-1-of-4\.part$/m,
      () => [1, 2, 3].forEach((n) => rmSync(part(n))),
    ],
    [
      'a folder in place of a part',
      /weights-2-of-3\.part: is not a file$/m,
      () => {
        rmSync(part(2));
        mkdirSync(part(2));
      },
    ],
    [
      'a part cut short',
      /weights-3-of-3\.part: damaged: it has \d+ bytes/,
      () => truncateSync(part(3), 2000),
    ],
    [
      'a part cut within its header',
      /weights-1-of-3\.part: damaged, or not a part/,
      () => truncateSync(part(1), 100),
    ],
    [
      'a changed byte',
      /weights-2-of-3\.part: damaged: its bytes differ/,
      () => {
        const bytes = readFileSync(part(2));
        bytes[6000]! ^= 1;
        writeFileSync(part(2), bytes);
      },
    ],
    [
      'a part of another export',
      /weights-2-of-3\.part: belongs to another export than weights-1-of-3\.part$/m,
      async () => {
        const other = join(root, 'other');
        await writeModel(other, weights.with(5, 1));
        await exportParts(other, join(root, 'other-parts'), f16);
        copyFileSync(join(root, 'other-parts', 'weights-2-of-3.part'), part(2));
      },
    ],
    [
      'the same part twice',
      /weights-2-of-3\.part: is part 1 of 3, as is weights-1-of-3\.part$/m,
      () => copyFileSync(part(1), part(2)),
    ],
  ];
  test.each(faults)('%s', async (_name, message, damage) => {
    await exportParts(model, broken, f16);
    await damage();
    const { code, stdout, stderr } = engine(['import', '--parts', broken, '--model', join(root, 'never')]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^engine: .*\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(root).filter((name) => name.includes('never'))).toEqual([]);
  });

  test('a folder that holds something is left alone', () => {
    const { code, stderr } = engine(['import', '--parts', parts, '--model', model]);
    expect(stderr).toMatch(/model: is not empty/);
    expect(code).toBe(2);
  });

  test('a part that is twice there has its own code', async () => {
    await exportParts(model, broken, f16);
    copyFileSync(part(1), part(2));
    await expect(importParts(broken, join(root, 'never'))).rejects.toMatchObject({ code: 'part-duplicate' });
  });

  test.each(['15', '0MiB', '15XB', '2GiB', '1KiB'])('--parts %s is refused', (size) => {
    const { code, stderr } = engine(['export', '--model', model, '--out', join(root, 'no'), '--parts', size]);
    expect(stderr).toMatch(/^engine: .*\n$/);
    expect(code).toBe(2);
    expect(readdirSync(root)).not.toContain('no');
  });
});

test('the preset carry fits into four parts of 15 MiB, with a tokenizer of a megabyte', () => {
  const header = 100_000; // names and shapes of tensors, and the state of the run
  const bytes = 2 * parameterCount(preset('carry')) + 2 ** 20 + header;
  expect(bytes).toBeLessThanOrEqual(4 * (15 * 2 ** 20 - 512));
});

test('training goes on from imported parts', async () => {
  const gpu = await testGpu();
  const run = { config: TINY, source: countingSource(TRAINING.batchSize, TRAINING.context) };
  const stop = new AbortController();
  const onStep = ({ step }: { step: number }): void => {
    if (step === 3) stop.abort();
  };
  const trained = join(root, 'trained');
  await train(gpu, { ...run, options: TRAINING, folder: trained, signal: stop.signal, onStep });
  await exportParts(trained, join(root, 'trained-parts'), f16);
  const folder = join(root, 'continued');
  const { step } = await importParts(join(root, 'trained-parts'), folder);
  const losses: number[] = [];
  let from = -1;
  await train(gpu, {
    ...run,
    options: TRAINING,
    folder,
    onStart: ({ resumedFrom }) => (from = resumedFrom),
    onStep: ({ loss }) => losses.push(loss),
  });
  expect(from).toBe(step);
  expect(step).toBeGreaterThanOrEqual(3);
  expect(losses).toHaveLength(TRAINING.steps - step);
  for (const loss of losses) expect(loss).toBeLessThan(Math.log(TINY.vocabSize) + 0.5);
});
