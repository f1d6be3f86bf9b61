/**
 * Files that are either whole or absent. A write goes to a temporary file in the target's folder; the file is synced and
 * renamed over the target, and the folder is synced. A reader sees the old bytes or the new ones and never a mixture,
 * whenever the writer is killed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The length of a written file in bytes, and the SHA-256 of its content in hex. */
export interface WrittenFile {
  bytes: number;
  sha256: string;
}

/** Content of a file, whole or in chunks. Chunks are never all in memory at once. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WriteOptions {
  /** Permissions, less the process's umask (default: 0o666). */
  mode?: number | undefined;
}

/**
 * Writes `content` to `path` atomically and creates missing folders. If the content's iterator throws, the target stays
 * untouched, the temporary file is removed, and the error passes through.
 */
export async function writeFileAtomic(
  path: string,
  content: FileContent,
  options: WriteOptions = {},
): Promise<WrittenFile> {
  const { written } = await writeFilesAtomic(
    (async function* () {
      yield { path, content };
    })(),
    options,
  );
  return written[0]!;
}

/**
 * Writes files of one set. All are written and synced under temporary names before the first gets its own, so what fails
 * while they are written, such as a full disk or an iterator that throws, leaves the targets as they were. Only a
 * process that is killed between two renames leaves a mixture.
 */
export async function writeFilesAtomic(
  files: AsyncIterable<{ path: string; content: FileContent }>,
  { mode = 0o666 }: WriteOptions = {},
): Promise<{ paths: string[]; written: WrittenFile[] }> {
  const paths: string[] = [];
  const temporaries: string[] = [];
  const written: WrittenFile[] = [];
  try {
    for await (const { path, content } of files) {
      const folder = dirname(path);
      await makeFolder(folder);
      const temporary = join(folder, temporaryName(basename(path)));
      paths.push(path);
      temporaries.push(temporary);
      written.push(await writeSynced(temporary, content, path, mode));
    }
    for (const [i, path] of paths.entries()) await named(path, rename(temporaries[i]!, path), temporaries[i]);
    for (const folder of new Set(paths.map((path) => dirname(path)))) await syncFolder(folder);
    return { paths, written };
  } catch (error) {
    for (const temporary of temporaries) await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a folder with those that it needs above it. Node's own recursive call never ends where the system says that a
 * folder's parent is missing although it is there, as /proc does.
 * @throws Node's own error when it cannot be made, or when a file is in its place
 */
export async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(folder).catch(async (error: unknown) => {
      const found = await stat(folder).catch(() => undefined);
      if (!found?.isDirectory()) throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await make();
  }
}

/** Writes `value` as indented JSON with a final newline, atomically. */
export function writeJsonAtomic(path: string, value: unknown): Promise<WrittenFile> {
  return writeFileAtomic(path, JSON.stringify(value, null, 2) + '\n');
}

/** SHA-256 of a text (as UTF-8) or of bytes, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file, in hex, read in chunks. @throws Node's own error when the file cannot be read */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/**
 * What comes before a new line of a file of lines: a line break where a killed process, or a copy of a growing file, cut
 * the last line short, which would spoil the new one; else nothing.
 */
export function afterCutLine(file: string): '' | '\n' {
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size === 0) return '';
  const opened = openSync(file, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(opened, last, 0, 1, size - 1);
    return last.toString() === '\n' ? '' : '\n';
  } finally {
    closeSync(opened);
  }
}

/**
 * Removes the temporary files that killed writers left in `folder`, and keeps those of running processes.
 *
 * @returns the removed names
 */
export async function removeStaleTemporaries(folder: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(folder)) {
    const pid = TEMPORARY_NAME.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(folder, name), { force: true });
    removed.push(name);
  }
  return removed;
}

const TEMPORARY_NAME = /^\..+\.(\d+)-[0-9a-f]{8}\.tmp$/;

/** The name contains the writer's process id, which tells leftovers from files that are being written. */
function temporaryName(name: string): string {
  return `.${name}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/** Whether a process with this id exists, under any user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @param target the path that errors name */
async function writeSynced(
  path: string,
  content: FileContent,
  target: string,
  mode: number,
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await named(target, open(path, 'wx', mode), path);
  try {
    for await (const chunk of chunksOf(content)) {
      hash.update(chunk);
      await named(target, writeAll(file, chunk));
      bytes += chunk.byteLength;
    }
    await named(target, file.sync());
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Node's errors of an open file, such as that of a full disk, do not say which file it is.
 * @param temporary the name that the file has meanwhile, which nobody knows
 */
async function named<T>(path: string, action: Promise<T>, temporary?: string): Promise<T> {
  try {
    return await action;
  } catch (error) {
    const { code, path: known } = error as NodeJS.ErrnoException;
    if (code === undefined || (known !== undefined && known !== temporary)) throw error;
    if (temporary !== undefined) {
      const message = (error as Error).message.split(` '${temporary}'`)[0]!;
      throw Object.assign(error as Error, { message: `${message} '${path}'`, path });
    }
    throw Object.assign(error as Error, { message: `${(error as Error).message} '${path}'`, path });
  }
}

function chunksOf(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content, 'utf8')];
  return content instanceof Uint8Array ? [content] : content;
}

/** One write call may write fewer bytes than it was given: at most 2 GiB on Linux. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  const mostPerCall = 1 << 30;
  let offset = 0;
  while (offset < chunk.byteLength) {
    const length = Math.min(mostPerCall, chunk.byteLength - offset);
    offset += (await file.write(chunk, offset, length)).bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot sync a folder.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
