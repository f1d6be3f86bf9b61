import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CheckpointError } from '../../src/engine/errors.js';
import { lockFolder } from '../../src/engine/lock.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'train.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (holder: object): void => writeFileSync(path, JSON.stringify(holder));
/** The lock that this process would write. */
async function own(): Promise<{ pid: number; host: string; began?: string; since: string }> {
  const unlock = await lockFolder(folder);
  const holder = JSON.parse(readFileSync(path, 'utf8')) as Awaited<ReturnType<typeof own>>;
  await unlock();
  return holder;
}

test('a folder is one process’s at a time, and free when it is given back', async () => {
  const unlock = await lockFolder(folder);
  const second = lockFolder(folder);
  await expect(second).rejects.toThrow(
    new RegExp(
      `train\\.lock: process ${process.pid} trains in this folder, since 20.*choose another folder$`,
    ),
  );
  await expect(second).rejects.toBeInstanceOf(CheckpointError);
  await expect(second).rejects.toMatchObject({ code: 'folder-in-use' });
  await unlock();
  expect(readdirSync(folder)).toEqual([]);
  await (
    await lockFolder(folder)
  )();
});

test('another process that lives is named; once it is killed, its lock is taken over', async () => {
  const child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  write({ pid: child.pid!, host: hostname(), since: 'noon' });
  await expect(lockFolder(folder)).rejects.toThrow(`process ${child.pid} trains in this folder, since noon`);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  await (
    await lockFolder(folder)
  )();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that has a dead one’s id is not taken for it', async () => {
  const holder = await own();
  write(holder);
  await expect(lockFolder(folder)).rejects.toThrow(/trains in this folder/);
  if (holder.began === undefined) return;
  write({ ...holder, began: '1' });
  await (
    await lockFolder(folder)
  )();
});

test('a process of another machine cannot be asked: its lock stays, and the message says what to do', async () => {
  write({ pid: 1 << 22, host: 'elsewhere', since: 'noon' });
  await expect(lockFolder(folder)).rejects.toThrow(
    /process 4194304 of elsewhere trains in this folder, since noon.*if that machine is gone, remove the file/,
  );
});

test('a lock that was cut short is stale once it is old', async () => {
  for (const content of ['', '{"pid":', '17', 'null']) {
    writeFileSync(path, content);
    utimesSync(path, 1, 1);
    await (
      await lockFolder(folder)
    )();
  }
});

test('of many that take over a stale lock at once, one gets it', async () => {
  write({ pid: (1 << 22) + 1, host: hostname(), since: 'noon' });
  const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
