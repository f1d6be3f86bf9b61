import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildCorpus, buildParts } from '../../../../src/data/corpus/build/build.js';
import { contents, smallBuild, temporaryFolder } from './small-build.js';

/** Three parts of a small build in a folder of their own. */
async function partsOf(block: number, indexes: readonly number[]): Promise<string> {
  const parts = await temporaryFolder();
  for (const index of indexes) await buildParts({ ...smallBuild('', { block }), parts }, { index, of: 3 });
  return parts;
}

test('parts in any order, made twice or missing, are joined to the bytes of one build', async () => {
  const whole = await temporaryFolder();
  await buildCorpus(smallBuild(whole));
  const expected = await contents(whole);
  for (const indexes of [[2, 0, 1, 0], [1]]) {
    const joined = await temporaryFolder();
    await buildCorpus(smallBuild(joined, { block: 64, parts: await partsOf(64, indexes) }));
    expect(await contents(joined)).toEqual(expected);
  }
});

test('a part has its own blocks only, and what is there is not made again', async () => {
  const parts = await partsOf(64, [1]);
  const starts = (await readdir(parts)).map((name) => Number(/^block-(\d+)-64\.bin$/.exec(name)![1]));
  expect(starts.length).toBeGreaterThan(1);
  expect(starts.every((start) => (start / 64) % 3 === 1)).toBe(true);
  const before = await contents(parts);
  const build = { ...smallBuild('', { block: 64 }), parts };
  expect(await buildParts(build, { index: 1, of: 3 })).toEqual({ made: 0, found: starts.length });
  expect(await contents(parts)).toEqual(before);
});

test('the join takes blocks from the parts', async () => {
  const [parts, joined] = [await partsOf(64, [0, 1, 2]), await temporaryFolder()];
  const name = (await readdir(parts))[0]!;
  const file = join(parts, name);
  const bytes = await readFile(file);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(file, bytes);
  await expect(buildCorpus(smallBuild(joined, { block: 64, parts }))).rejects.toMatchObject({
    code: 'block-damaged',
    file,
  });
});

test('blocks of another build are refused', async () => {
  const [parts, joined] = [await partsOf(64, [0]), await temporaryFolder()];
  await expect(buildCorpus(smallBuild(joined, { block: 64, parts, seed: 4 }))).rejects.toMatchObject({
    code: 'other-build',
  });
});
