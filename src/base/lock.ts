import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckpointError } from '../engine/errors.js';
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
  const holder = await take(path, mine);
  if (holder) throw inUse(path, holder);
  return () => release(path, mine);
}

/** @returns the living process that has the lock at `path`, or nothing: then it is ours */
async function take(path: string, mine: string): Promise<Holder | undefined> {
  while (!create(path, mine)) {
    const found = await look(path);
    if (found === 'stale') await removeStale(path, mine);
    else if (found === 'unwritten') await sleep(100);
    else if (found !== 'absent') return found;
  }
  return undefined;
}

/**
 * Only whoever holds the lock of a lock may remove it, and looks again once he does: another may have been faster, and
 * a third one's lock be in the stale one's place. Nobody else removes what he then finds stale, for its holder is dead.
 */
async function removeStale(path: string, mine: string): Promise<void> {
  const right = `${path}.lock`;
  const other = await take(right, mine);
  if (other) {
    // It is held for milliseconds: here hangs a process, or a machine is gone.
    if (await isOld(right)) throw inUse(right, other);
    return sleep(5);
  }
  try {
    if ((await look(path)) === 'stale') await rm(path, { force: true });
  } finally {
    await release(right, mine);
  }
}

async function look(path: string): Promise<Holder | 'absent' | 'unwritten' | 'stale'> {
  const text = await read(path);
  if (text === undefined) return 'absent';
  const holder = parse(text);
  if (holder) return isAlive(holder) ? holder : 'stale';
  return (await isOld(path)) ? 'stale' : 'unwritten';
}

function inUse(path: string, { pid, host, since }: Holder): CheckpointError {
  const here = host === hostname();
  return new CheckpointError(
    'folder-in-use',
    path,
    `process ${pid}${here ? '' : ` of ${host}`} trains in this folder, since ${since}: wait for it, stop it, or ` +
      `choose another folder${here ? '' : '; if that machine is gone, remove the file'}`,
  );
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

/**
 * In one go, so that no other work of this process comes between making and writing: an old file that is not written
 * counts as a dead process's.
 *
 * @returns whether the file was not there and is now
 */
function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
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

async function release(path: string, mine: string): Promise<void> {
  if ((await read(path)) === mine) await rm(path, { force: true });
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
