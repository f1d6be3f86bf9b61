import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { sha256 } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';

/**
 * The file of a value index: eight bytes that name the format, sections one after the other, the directory as JSON, and
 * a trailer: SHA-256 of the directory, its length, and the eight bytes again. A file that was cut short has no trailer.
 * All numbers are little-endian. A node is a place in the tree of values: the words on the way to it from the root.
 */
export const MAGIC = 'OWVALUE1';
export const TRAILER_BYTES = 32 + 4 + 8;
/** Entries of the text section per block: the first is whole, the others share its beginning. */
export const BLOCK_ENTRIES = 16;

/**
 * - `words`: UTF-16 units of all words, in order of their units; `wordEnds` where each ends (u32).
 * - `nodeWords`: the word that leads to each node; nodes level by level, the root first; siblings in order of words.
 * - `firstChild`: the children of node n are `firstChild[n]` up to `firstChild[n + 1]`.
 * - `nodeEntries`: 1 + the first entry of the values that end at a node; 0 if none does.
 * - `typoStarts`, `typoWords`: words by the low bits of the hash of a variant (see typo.ts).
 * - `letters`: the letter bits of each word (see typo.ts).
 * - `text`: entries in the order of their words, in blocks: shared bytes, 2 · own bytes + (1 if it is the last of its
 *   node), own bytes, column set; numbers as LEB128. `textBlocks`: where each block starts (u32).
 */
export const SECTIONS = [
  'words', 'wordEnds', 'letters', 'nodeWords', 'firstChild', 'nodeEntries', 'typoStarts', 'typoWords', 'textBlocks',
  'text',
] as const; // prettier-ignore
export type SectionName = (typeof SECTIONS)[number];

const count = z.number().int().min(0);

const directoryShape = z.object({
  version: z.literal(1),
  bundle: z.object({ name: z.string(), hash: z.string() }),
  /** `table.column`, with the number of different values it has. */
  columns: z.array(z.object({ name: z.string(), values: count })),
  /** The sets of columns that entries name by number. */
  sets: z.array(z.array(count)),
  values: count,
  words: count,
  nodes: count,
  sections: z.record(
    z.enum(SECTIONS),
    z.object({ offset: count, bytes: count, sha256: z.string().length(64) }),
  ),
});

/** What the file of a value index says about itself. */
export type ValueDirectory = z.infer<typeof directoryShape>;

/**
 * A hash of what an index depends on: the names and types of tables and columns. Descriptions, synonyms and keys may
 * change without a new index.
 */
export function structureHash(bundle: SchemaBundle): string {
  const tables = bundle.tables.map(({ name, columns }) => [
    name,
    ...columns.map((c) => `${c.name} ${c.type}`),
  ]);
  return sha256(JSON.stringify(tables));
}

/** The bytes after the last section. */
export function trailerOf(directory: ValueDirectory): Buffer {
  const json = Buffer.from(JSON.stringify(directory));
  const end = Buffer.alloc(TRAILER_BYTES);
  createHash('sha256').update(json).digest().copy(end);
  end.writeUInt32LE(json.length, 32);
  end.write(MAGIC, 36, 'latin1');
  return Buffer.concat([json, end]);
}

/** An open index file whose directory is intact. The sections are not checked yet. */
export interface OpenedFile {
  fd: number;
  directory: ValueDirectory;
}

/** @throws DataError `values-not-found`, `values-unreadable`, `values-cut-short`, `values-damaged` */
export function openDirectory(path: string): OpenedFile {
  const fd = openFile(path);
  try {
    return { fd, directory: readDirectory(fd, path) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? new DataError({ code: 'values-not-found', file: path, message: 'no such file', hint: HINT })
      : new DataError({ code: 'values-unreadable', file: path, message: whyUnreadable(error) });
  }
}

const HINT = 'engine values build makes one';

function readDirectory(fd: number, path: string): ValueDirectory {
  const stat = fstatSync(fd);
  const { size } = stat;
  if (stat.isDirectory()) {
    throw new DataError({
      code: 'values-unreadable',
      file: path,
      message: 'is a folder; give a file',
      hint: HINT,
    });
  }
  const unreadable = !stat.isFile() || size < MAGIC.length + TRAILER_BYTES;
  if (unreadable || readBytes(fd, 0, MAGIC.length).toString('latin1') !== MAGIC) {
    const message = 'is not a value index of this version';
    throw new DataError({ code: 'values-unreadable', file: path, message, hint: HINT });
  }
  const trailer = readBytes(fd, size - TRAILER_BYTES, TRAILER_BYTES);
  const length = trailer.readUInt32LE(32);
  const isWhole = trailer.toString('latin1', 36) === MAGIC && length + TRAILER_BYTES + MAGIC.length <= size;
  if (!isWhole) {
    const message = 'was cut short: its end is missing';
    throw new DataError({ code: 'values-cut-short', file: path, message, hint: 'build it again' });
  }
  const json = readBytes(fd, size - TRAILER_BYTES - length, length);
  if (!createHash('sha256').update(json).digest().equals(trailer.subarray(0, 32))) {
    throw damaged(path, 'directory');
  }
  const parsed = directoryShape.safeParse(JSON.parse(json.toString()));
  if (!parsed.success) throw damaged(path, 'directory');
  const end = Object.values(parsed.data.sections).reduce((sum, { bytes }) => sum + bytes, MAGIC.length);
  if (end !== size - TRAILER_BYTES - length) throw damaged(path, 'length');
  return parsed.data;
}

export function damaged(path: string, part: string): DataError {
  const message = `is damaged: its ${part} does not match its checksum`;
  return new DataError({ code: 'values-damaged', file: path, message, hint: 'build it again' });
}

/** Reads exactly `length` bytes. @throws RangeError at the end of the file */
export function readBytes(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  readInto(fd, bytes, position);
  return bytes;
}

export function readInto(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    const read = readSync(fd, bytes, at, Math.min(bytes.length - at, 1 << 28), position + at);
    if (read === 0) throw new RangeError('the file ends too early');
    at += read;
  }
}

/** A whole section, checked. @throws DataError `values-damaged` */
export function readSection(file: OpenedFile, path: string, name: SectionName): ArrayBuffer {
  const { offset, bytes, sha256: expected } = file.directory.sections[name];
  const content = new Uint8Array(bytes);
  readInto(file.fd, content, offset);
  if (sha256(content) !== expected) throw damaged(path, `section ${name}`);
  return content.buffer;
}

/** Checks a section that stays in the file. @throws DataError `values-damaged` */
export function checkSection(file: OpenedFile, path: string, name: SectionName): void {
  const { offset, bytes, sha256: expected } = file.directory.sections[name];
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(bytes, 1 << 20));
  for (let at = 0; at < bytes; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, bytes - at));
    readInto(file.fd, part, offset + at);
    hash.update(part);
  }
  if (hash.digest('hex') !== expected) throw damaged(path, `section ${name}`);
}
