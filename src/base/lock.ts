import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from './errors.js';
import { isRunning } from './files.js';

/** Another process holds the lock of a folder. */
export class FolderInUseError extends AppError<'folder-in-use'> {
  constructor(
    readonly file: string,
    message: string,
  ) {
    super('folder-in-use', `${file}: ${message}`);
  }
}

/** The process that holds a folder. */
interface Holder {
  pid: number;
  host: string;
  /** When the process started, in the kernel's ticks, since process ids are reused. Absent on systems without /proc. */
  began?: string | undefined;
  since: string;
}

const LOCK_FILE = 'train.lock';

/** A lock file that is older than this and still unfinished belongs to a process that died while writing it. */
const OLD_MS = 5000;

/**
 * Takes a folder for this process alone: two runs in one folder would overwrite each other's checkpoints. The lock of a
 * dead process is taken over.
 *
 * @returns releases the folder
 * @throws FolderInUseError naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, LOCK_FILE);
  const mine = JSON.stringify(thisProcess());
  const holder = await take(file, mine);
  if (holder) throw inUse(file, holder);
  return () => release(file, mine);
}

/** The process that holds a folder, or undefined if none does. */
export async function holderOf(folder: string): Promise<{ pid: number; host: string } | undefined> {
  const found = await inspect(join(folder, LOCK_FILE));
  return typeof found === 'string' ? undefined : found;
}

/** @returns the living process that holds the lock, or undefined once it is ours */
async function take(file: string, mine: string): Promise<Holder | undefined> {
  while (!create(file, mine)) {
    const found = await inspect(file);
    if (found === 'stale') await removeStale(file, mine);
    else if (found === 'unwritten') await sleep(100);
    else if (found !== 'absent') return found;
  }
  return undefined;
}

/**
 * Removes a stale lock while holding a guard, a second lock beside it. The stale lock is checked again under it: another
 * process may have removed it in the meantime, and a third one's valid lock may lie in its place.
 */
async function removeStale(file: string, mine: string): Promise<void> {
  const guard = `${file}.lock`;
  const other = await take(guard, mine);
  if (other) {
    // A guard is held for milliseconds. An old one means a hung process, or a machine that is gone.
    if (await isOld(guard)) throw inUse(guard, other);
    return sleep(5);
  }
  try {
    if ((await inspect(file)) === 'stale') await rm(file, { force: true });
  } finally {
    await release(guard, mine);
  }
}

async function inspect(file: string): Promise<Holder | 'absent' | 'unwritten' | 'stale'> {
  const text = await read(file);
  if (text === undefined) return 'absent';
  const holder = parse(text);
  if (holder) return isAlive(holder) ? holder : 'stale';
  return (await isOld(file)) ? 'stale' : 'unwritten';
}

function inUse(file: string, { pid, host, since }: Holder): FolderInUseError {
  const here = host === hostname();
  return new FolderInUseError(
    file,
    `process ${pid}${here ? '' : ` of ${host}`} is training in this folder, since ${since}: wait for it, stop it, ` +
      `or choose another folder${here ? '' : '; if that machine is gone, remove the file'}`,
  );
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    began: startOf(process.pid),
    since: new Date().toISOString(),
  };
}

/**
 * Creates and writes the lock in one synchronous call. Otherwise other work of this process could come between, and an
 * old, empty lock counts as that of a dead process.
 *
 * @returns whether the file did not exist before
 */
function create(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined for an incomplete lock: its process was killed while writing it. */
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

/** A process on another machine cannot be checked, and counts as alive. */
function isAlive({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  return isRunning(pid) && (began === undefined || startOf(pid) === began);
}

async function isOld(file: string): Promise<boolean> {
  const written = await stat(file).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > OLD_MS;
}

function startOf(pid: number): string | undefined {
  try {
    // proc(5): the start time is field 22 of stat. Field 2, the name in brackets, may hold spaces.
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

async function release(file: string, mine: string): Promise<void> {
  if ((await read(file)) === mine) await rm(file, { force: true });
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
