/**
 * A file cut into parts, for places that take only small files. Each part begins with one line of JSON, padded to 512
 * bytes, that says which part it is, of which export, how long it and the whole are, and the SHA-256 of its bytes:
 *
 *     {"format":"openward-part","version":1,"export":"…","part":2,"parts":4,"bytes":15728128,"wholeBytes":59804000,"sha256":"…"}
 *
 * The bytes after the header lines, in the order of their numbers, are the file.
 */
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { removeStaleTemporaries, sha256, writeFilesAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { CheckpointError } from '../errors.js';
import type { ByteSource } from './safetensors.js';

const FORMAT = 'openward-part';
const VERSION = 1;
const HEADER_BYTES = 512;
const SUFFIX = '.part';
/** A part is in memory while it is written. */
const MOST_BYTES = 2 ** 30;
const LEAST_BYTES = 4 * 1024;

interface PartHeader {
  format: typeof FORMAT;
  version: typeof VERSION;
  /** The same in all parts of one export, and in no other. */
  export: string;
  /** From 1. */
  part: number;
  parts: number;
  /** Of this part, without its header. */
  bytes: number;
  wholeBytes: number;
  sha256: string;
}

/**
 * Writes chunks as `STEM-1-of-4.part` and so on. If that fails, the folder is as it was. Afterwards it removes parts of
 * the same stem that an earlier export left; other files stay. One part is in memory at a time.
 *
 * @param whole `bytes` is the sum of the chunks; `id` names the export
 * @param partBytes the most bytes of a file, its header included
 * @returns the paths of the parts
 * @throws CheckpointError `part-size` for parts smaller than 4 KiB or larger than 1 GiB; nothing is written
 */
export async function writeParts(
  folder: string,
  stem: string,
  whole: { bytes: number; id: string; chunks: AsyncIterable<Uint8Array> },
  partBytes: number,
): Promise<string[]> {
  if (!(partBytes >= LEAST_BYTES && partBytes <= MOST_BYTES)) {
    throw new CheckpointError(
      'part-size',
      folder,
      `parts of ${partBytes} bytes: they must have from ${LEAST_BYTES} to ${MOST_BYTES}`,
    );
  }
  const most = Math.floor(partBytes) - HEADER_BYTES;
  const parts = Math.max(1, Math.ceil(whole.bytes / most));
  const { paths } = await writeFilesAtomic(cut(folder, stem, whole, most, parts));
  const names = new Set(paths.map((path) => basename(path)));
  for (const name of await partNames(folder, stem)) {
    const path = join(folder, name);
    if (!names.has(name) && (await isPart(path))) await rm(path, { force: true });
  }
  await removeStaleTemporaries(folder);
  return paths;
}

/** The parts, one by one. All share a buffer: each must be written before the next is taken. */
async function* cut(
  folder: string,
  stem: string,
  whole: { bytes: number; id: string; chunks: AsyncIterable<Uint8Array> },
  most: number,
  parts: number,
): AsyncGenerator<{ path: string; content: Uint8Array[] }> {
  const width = String(parts).length;
  const buffer = new Uint8Array(Math.min(most, whole.bytes));
  let part = 0;
  let filled = 0;
  const take = (): { path: string; content: Uint8Array[] } => {
    part++;
    const content = buffer.subarray(0, filled);
    const header: PartHeader = {
      format: FORMAT,
      version: VERSION,
      export: whole.id,
      part,
      parts,
      bytes: filled,
      wholeBytes: whole.bytes,
      sha256: sha256(content),
    };
    const line = Buffer.from(`${JSON.stringify(header).padEnd(HEADER_BYTES - 1)}\n`);
    const path = join(folder, `${stem}-${String(part).padStart(width, '0')}-of-${parts}${SUFFIX}`);
    filled = 0;
    return { path, content: [line, content] };
  };
  for await (const chunk of whole.chunks) {
    for (let done = 0; done < chunk.length;) {
      const taken = Math.min(chunk.length - done, buffer.length - filled);
      buffer.set(chunk.subarray(done, done + taken), filled);
      filled += taken;
      done += taken;
      if (filled === buffer.length) yield take();
    }
  }
  if (filled > 0) yield take();
}

/**
 * Opens the parts `STEM-1-of-4.part` and so on in a folder as the file that they were cut from. Every byte is read
 * once, to check it.
 *
 * @throws CheckpointError naming the part: `parts-not-found`, `part-missing`, `part-format`, `part-truncated`,
 *   `part-altered`, `part-duplicate`, or `part-of-another-export`
 */
export async function openParts(folder: string, stem: string): Promise<ByteSource> {
  const names = await partNames(folder, stem);
  if (names.length === 0) {
    throw new CheckpointError(
      'parts-not-found',
      folder,
      `has no file with a name like ${stem}-1-of-4${SUFFIX}`,
    );
  }
  const found: OpenPart[] = [];
  const close = async (): Promise<void> => {
    for (const { file } of found) await file.close();
  };
  try {
    for (const name of names) found.push(await openPart(join(folder, name)));
    checkTogether(folder, found);
    for (const part of found) await checkContent(part);
  } catch (error) {
    await close();
    throw error;
  }
  const ordered = found.sort((a, b) => a.header.part - b.header.part);
  const starts = ordered.map((_, i) =>
    ordered.slice(0, i).reduce((sum, { header: { bytes } }) => sum + bytes, 0),
  );
  const size = ordered[0]!.header.wholeBytes;
  return {
    stat: () => Promise.resolve({ size }),
    close,
    async read(bytes, offset, length, position) {
      const at = starts.findLastIndex((start) => start <= position);
      const { file, header } = ordered[at]!;
      const inPart = position - starts[at]!;
      const wanted = Math.min(length, header.bytes - inPart);
      if (wanted <= 0) return { bytesRead: 0 };
      return file.read(bytes, offset, wanted, HEADER_BYTES + inPart);
    },
  };
}

interface OpenPart {
  path: string;
  header: PartHeader;
  file: FileHandle;
}

async function partNames(folder: string, stem: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new CheckpointError('parts-not-found', folder, whyUnreadable(cause), { cause });
  });
  const numbers = /^-\d+-of-\d+\.part$/;
  return names.filter((name) => name.startsWith(stem) && numbers.test(name.slice(stem.length))).sort();
}

async function isPart(path: string): Promise<boolean> {
  try {
    await (await openPart(path)).file.close();
    return true;
  } catch {
    return false;
  }
}

async function openPart(path: string): Promise<OpenPart> {
  const file = await open(path, 'r');
  try {
    if (!(await file.stat()).isFile()) throw new CheckpointError('part-format', path, 'is not a file');
    const line = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(line, 0, HEADER_BYTES, 0);
    return { path, file, header: parseHeader(path, line.subarray(0, bytesRead).toString('utf8')) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function parseHeader(path: string, line: string): PartHeader {
  let header: Partial<PartHeader> | null = null;
  try {
    header = JSON.parse(line) as Partial<PartHeader> | null;
  } catch {
    // Reported below.
  }
  const { format, version, part = 0, parts = 0, bytes = -1, wholeBytes = -1 } = header ?? {};
  const counts = [part, parts, bytes, wholeBytes].every(Number.isSafeInteger);
  const sensible = counts && part >= 1 && part <= parts && bytes >= 0 && wholeBytes >= bytes;
  if (format !== FORMAT || version !== VERSION || !sensible) {
    throw new CheckpointError(
      'part-format',
      path,
      'damaged, or not a part of exported weights: its first line does not say so',
    );
  }
  return header as PartHeader;
}

/** Whether the parts are all those of one export, from their headers. */
function checkTogether(folder: string, found: readonly OpenPart[]): void {
  const first = found[0]!;
  const { export: id, parts, wholeBytes } = first.header;
  for (const { path, header } of found) {
    if (header.export === id && header.parts === parts && header.wholeBytes === wholeBytes) continue;
    throw new CheckpointError(
      'part-of-another-export',
      path,
      `belongs to another export than ${basename(first.path)}`,
    );
  }
  const byNumber = new Map<number, OpenPart>();
  for (const one of found) {
    const twin = byNumber.get(one.header.part);
    if (twin) {
      throw new CheckpointError(
        'part-duplicate',
        one.path,
        `is part ${one.header.part} of ${parts}, as is ${basename(twin.path)}`,
      );
    }
    byNumber.set(one.header.part, one);
  }
  const missing = Array.from({ length: parts }, (_, i) => i + 1).filter((part) => !byNumber.has(part));
  if (missing.length === 0) return;
  const which = missing.length === 1 ? `part ${missing[0]} is` : `parts ${missing.join(', ')} are`;
  throw new CheckpointError('part-missing', folder, `${which} missing, of ${parts}`);
}

async function checkContent({ path, header, file }: OpenPart): Promise<void> {
  const bytes = (await file.stat()).size - HEADER_BYTES;
  if (bytes !== header.bytes) {
    throw new CheckpointError(
      'part-truncated',
      path,
      `damaged: it has ${bytes} bytes after its first line, and ${header.bytes} were written`,
    );
  }
  if (bytes > MOST_BYTES) throw new CheckpointError('part-size', path, `larger than ${MOST_BYTES} bytes`);
  const content = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await file.read(content, done, bytes - done, HEADER_BYTES + done);
    if (bytesRead === 0) throw new CheckpointError('part-truncated', path, 'damaged: it ends too early');
    done += bytesRead;
  }
  if (sha256(content) === header.sha256) return;
  throw new CheckpointError('part-altered', path, 'damaged: its bytes differ from those written (SHA-256)');
}
