import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderInUseError, lockFolder } from '../../src/base/lock.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'train.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (holder: object): void => writeFileSync(path, JSON.stringify(holder));
const dead = { pid: (1 << 22) + 1, host: hostname(), since: 'noon' };
/** The lock that this process writes. */
async function own(): Promise<{ pid: number; host: string; began?: string; since: string }> {
  const unlock = await lockFolder(folder);
  const holder = JSON.parse(readFileSync(path, 'utf8')) as Awaited<ReturnType<typeof own>>;
  await unlock();
  return holder;
}

test('a folder belongs to one process at a time, and is free again once released', async () => {
  const unlock = await lockFolder(folder);
  const second = lockFolder(folder);
  await expect(second).rejects.toThrow(
    new RegExp(
      `train\\.lock: process ${process.pid} is training in this folder, since 20.*choose another folder$`,
    ),
  );
  await expect(second).rejects.toBeInstanceOf(FolderInUseError);
  await expect(second).rejects.toMatchObject({ code: 'folder-in-use' });
  await unlock();
  expect(readdirSync(folder)).toEqual([]);
  await (
    await lockFolder(folder)
  )();
});

test('a living process is named; once it is killed, its lock is taken over', async () => {
  const child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  write({ pid: child.pid!, host: hostname(), since: 'noon' });
  await expect(lockFolder(folder)).rejects.toThrow(
    `process ${child.pid} is training in this folder, since noon`,
  );
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  await (
    await lockFolder(folder)
  )();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that reuses the id of a dead one does not inherit its lock', async () => {
  const holder = await own();
  write(holder);
  await expect(lockFolder(folder)).rejects.toThrow(/is training in this folder/);
  if (holder.began === undefined) return;
  write({ ...holder, began: '1' });
  await (
    await lockFolder(folder)
  )();
});

test('the lock of a process on another machine stays, and the message says what to do', async () => {
  write({ pid: 1 << 22, host: 'elsewhere', since: 'noon' });
  await expect(lockFolder(folder)).rejects.toThrow(
    /process 4194304 of elsewhere is training in this folder, since noon.*if that machine is gone, remove the file/,
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

test('a process that died during a takeover does not block the next one', async () => {
  for (const file of [path, `${path}.lock`, `${path}.lock.lock`]) writeFileSync(file, JSON.stringify(dead));
  await (
    await lockFolder(folder)
  )();
  expect(readdirSync(folder)).toEqual([]);
});

test('a takeover by another process is waited for; one that hangs, or runs on another machine, is named', async () => {
  write(dead);
  const right = `${path}.lock`;
  writeFileSync(right, JSON.stringify({ ...dead, pid: process.ppid }));
  // Dated in the future: it must not look old, however slow this machine is.
  const later = Date.now() / 1000 + 3600;
  utimesSync(right, later, later);
  let got = false;
  const waiting = lockFolder(folder).then((unlock) => ((got = true), unlock));
  await sleep(50);
  expect(got).toBe(false);
  rmSync(right);
  await (
    await waiting
  )();

  write(dead);
  writeFileSync(right, JSON.stringify({ ...dead, host: 'elsewhere' }));
  utimesSync(right, 1, 1);
  await expect(lockFolder(folder)).rejects.toThrow(
    /train\.lock\.lock: process \d+ of elsewhere .*remove the file/,
  );
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(dead);
});

test('an unreadable lock is an error and is not waited for', async () => {
  mkdirSync(path);
  await expect(lockFolder(folder)).rejects.toThrow(/EISDIR/);
});

test('of many attempts to take over a stale lock at once, one succeeds', async () => {
  for (let round = 0; round < 200; round++) {
    write(dead);
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const got = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(got, `round ${round}`).toHaveLength(1);
    await got[0]!();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('of many processes that take over a stale lock at once, one succeeds', async () => {
  const script = fileURLToPath(new URL('lock-child.ts', import.meta.url));
  const children = Array.from({ length: 3 }, () => fork(script, { execArgv: ['--import', 'tsx'] }));
  const answers = (): Promise<unknown[]> =>
    Promise.all(children.map(async (child) => ((await once(child, 'message')) as unknown[])[0]));
  try {
    await answers(); // all are ready
    for (let round = 0; round < 100; round++) {
      write(dead);
      const got = answers();
      for (const child of children) child.send(folder);
      expect((await got).filter(Boolean), `round ${round}`).toHaveLength(1);
    }
  } finally {
    for (const child of children) child.kill();
  }
});
