import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckpointError } from './errors.js';
import { isRunning } from './files.js';

/** Who holds a folder. */
interface Holder {
  pid: number;
  host: string;
  /** When the process began, in the kernel's ticks: ids of processes are used again. Absent where there is no /proc. */
  began?: string;
  since: string;
}

const LOCK_FILE = 'train.lock';

/**
 * Takes a folder for this process alone: two runs in one folder would write over each other's checkpoints. The lock of
 * a process that is dead is taken over.
 *
 * @returns gives the folder back
 * @throws CheckpointError `folder-in-use` naming the process that has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE);
  const mine = JSON.stringify(thisProcess());
  for (;;) {
    if (await create(path, mine)) return () => release(path, mine);
    const theirs = await readFile(path, 'utf8').catch(() => undefined);
    if (theirs === undefined) continue; // given back in between
    const holder = parse(theirs);
    if (holder && isAlive(holder)) {
      const where =
        holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} of ${holder.host}`;
      const ifGone = holder.host === hostname() ? '' : `; if that machine is gone, remove the file`;
      throw new CheckpointError(
        'folder-in-use',
        path,
        `${where} trains in this folder, since ${holder.since}: wait for it, stop it, or choose another folder${ifGone}`,
      );
    }
    if (holder || (await isOld(path))) await takeAway(path, theirs);
    else await sleep(100); // just made, and not yet written
  }
}

function thisProcess(): Holder {
  const began = beginningOf(process.pid);
  return {
    pid: process.pid,
    host: hostname(),
    ...(began !== undefined && { began }),
    since: new Date().toISOString(),
  };
}

/** @returns whether the file was not there and is now */
async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined for what no holder wrote whole: a process that was killed while it wrote. */
function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string'
      ? (holder as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A process of another machine cannot be asked, and counts as alive. */
function isAlive({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  return isRunning(pid) && (began === undefined || beginningOf(pid) === began);
}

async function isOld(path: string): Promise<boolean> {
  const written = await stat(path).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > 5000;
}

function beginningOf(pid: number): string | undefined {
  try {
    // proc(5): field 22 of stat; the second, the name in brackets, may hold spaces.
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Removes a stale lock, and no other: where somebody was faster, theirs is put back. */
async function takeAway(path: string, stale: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === mine) await rm(path, { force: true });
}
