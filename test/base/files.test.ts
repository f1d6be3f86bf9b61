import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  makeFolder,
  removeStaleTemporaries,
  sha256,
  sha256File,
  writeFileAtomic,
  writeJsonAtomic,
} from '../../src/base/files.js';
import { systemFault } from '../../src/base/system-faults.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('makeFolder', () => {
  test('makes what is missing, and is done where all is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await makeFolder(path);
    await makeFolder(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test('fails at a file, and where the system makes no folders', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test.runIf(process.platform === 'linux')(
    'ends where a parent is there and said to be missing',
    async () => {
      await expect(makeFolder('/proc/runs')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/runs' });
    },
  );
});

describe('writeFileAtomic', () => {
  test('writes text, bytes and chunks, and reports length and SHA-256', async () => {
    const path = join(folder, 'deep', 'er', 'a.txt');
    const text = await writeFileAtomic(path, 'naïve');
    expect(text).toEqual({ bytes: 6, sha256: sha256('naïve') });
    expect(await readFile(path, 'utf8')).toBe('naïve');

    async function* chunks(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield new Uint8Array([1, 2]);
      yield new Uint8Array(0);
      yield new Uint8Array([3]);
    }
    const streamed = await writeFileAtomic(path, chunks());
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(streamed).toEqual({ bytes: 3, sha256: await sha256File(path) });
    expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['a.txt']);
  });

  test('a file gets the permissions that are asked for', async () => {
    const path = join(folder, 'private.bin');
    await writeFileAtomic(path, 'x', { mode: 0o600 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('content that fails half-way leaves the old file and no temporary one', async () => {
    const path = join(folder, 'a.bin');
    await writeFileAtomic(path, 'old');
    function* failing(): Generator<Uint8Array> {
      yield new Uint8Array([9, 9, 9]);
      throw new Error('the disk of the source broke');
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('the disk of the source broke');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.bin']);
  });
});

test('an error names the file that was meant, never its temporary name', async () => {
  const target = join(folder, 'is-a-folder');
  mkdirSync(target);
  const error = await writeFileAtomic(target, 'x').catch(
    (reason: unknown) => reason as NodeJS.ErrnoException,
  );
  expect(error).toMatchObject({ code: 'EISDIR', path: target });
  expect(systemFault(error)).toBe(`${target}: is a folder, not a file (EISDIR)`);
  expect(String(error)).not.toContain('.tmp');
});

test('writeJsonAtomic: same value, same bytes', async () => {
  const path = join(folder, 'a.json');
  await writeJsonAtomic(path, { a: [1, 2] });
  expect(await readFile(path, 'utf8')).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}\n');
});

test('removeStaleTemporaries: removes leftovers of dead processes only', async () => {
  // Linux gives no process an id above 2^22.
  const dead = `.a.bin.${(1 << 22) + 1}-0123abcd.tmp`;
  const alive = `.a.bin.${process.pid}-0123abcd.tmp`;
  for (const name of [dead, alive, 'a.bin', 'b.tmp']) await writeFile(join(folder, name), 'x');
  expect(await removeStaleTemporaries(folder)).toEqual([dead]);
  expect((await readdir(folder)).sort()).toEqual([alive, 'a.bin', 'b.tmp'].sort());
});
