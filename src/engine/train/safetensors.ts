/**
 * The safetensors format: 8 bytes with the header's length, the header (JSON: name → dtype, shape, byte range), then
 * the tensors' bytes without gaps. Everything little-endian, tensors row-major.
 * Source: https://github.com/huggingface/safetensors#format
 */
import { open, type FileHandle } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import { writeFileAtomic, type WrittenFile } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';

/** Bytes of one element, by the format's names of dtypes. */
export const SAFETENSORS_BYTES = { F32: 4, F16: 2, U32: 4, I32: 4 } as const;
export type SafetensorsDtype = keyof typeof SAFETENSORS_BYTES;

/** A tensor to be written. `read` is called once, when its turn comes, so one tensor at a time is in memory. */
export interface TensorSource {
  name: string;
  dtype: SafetensorsDtype;
  shape: readonly number[];
  /** Row-major little-endian elements: exactly the bytes of shape and dtype. */
  read: () => ArrayBufferView | Promise<ArrayBufferView>;
}

/** A tensor in a file. */
export interface TensorEntry {
  dtype: SafetensorsDtype;
  shape: readonly number[];
  /** Offset of its bytes in the file. */
  offset: number;
  bytes: number;
}

/** The most bytes of a tensor that are hashed and written at once. */
const PIECE_BYTES = 1 << 24;
const METADATA = '__metadata__';
/** Tensors start at a multiple of this; the header is padded with spaces. */
const ALIGNMENT = 8;
/** The reference implementation refuses longer headers. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Writes tensors atomically, sorted by falling element size, then by name: each is aligned, and the same tensors give
 * the same bytes.
 * @throws CheckpointError `tensor-name` for a duplicate or reserved name, `tensor-size` when `read` returns the wrong
 *   number of bytes for shape and dtype. Nothing is left behind.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<WrittenFile> {
  return writeFileAtomic(path, layOut(path, tensors, metadata).chunks);
}

/** A safetensors file that is made chunk by chunk: the header, then each tensor. */
export interface SafetensorsLayout {
  /** The length of the file, known before any tensor is read. */
  bytes: number;
  header: Uint8Array;
  chunks: AsyncGenerator<Uint8Array>;
}

/**
 * The bytes that `writeSafetensors` writes, for a caller that puts them elsewhere.
 *
 * @param path named in errors
 * @throws CheckpointError as `writeSafetensors`
 */
export function layOut(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const sorted = [...tensors].sort(
    (a, b) => SAFETENSORS_BYTES[b.dtype] - SAFETENSORS_BYTES[a.dtype] || compareText(a.name, b.name),
  );
  const header = encodeHeader(path, sorted, metadata);
  const bytes = sorted.reduce((sum, { dtype, shape }) => sum + byteLength(dtype, shape), header.length);
  return { bytes, header, chunks: fileChunks(path, sorted, header) };
}

async function* fileChunks(
  path: string,
  tensors: readonly TensorSource[],
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield header;
  for (const tensor of tensors) {
    const view = await tensor.read();
    const expected = byteLength(tensor.dtype, tensor.shape);
    if (view.byteLength !== expected) {
      throw new CheckpointError(
        'tensor-size',
        path,
        `tensor ${tensor.name} is ${tensor.dtype} [${tensor.shape.join(',')}], ${expected} bytes, and ${view.byteLength} were given`,
      );
    }
    // In pieces: the next steps of a training run on the same thread.
    for (let at = 0; at < view.byteLength; at += PIECE_BYTES)
      yield new Uint8Array(view.buffer, view.byteOffset + at, Math.min(PIECE_BYTES, view.byteLength - at));
  }
}

function encodeHeader(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  const names = new Set([METADATA]);
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    if (names.has(name)) {
      throw new CheckpointError('tensor-name', path, `the tensor name ${name} is reserved or a duplicate`);
    }
    names.add(name);
    const begin = end;
    end += byteLength(dtype, shape);
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)), 'utf8');
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(8 + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length), 0);
  json.copy(bytes, 8);
  return bytes;
}

/** What a `SafetensorsFile` reads from: a file's handle, or a file that is kept in parts. */
export interface ByteSource {
  stat(): Promise<{ size: number }>;
  /** Reads up to `length` bytes into `bytes` from `offset`; none at the end. */
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/** An open safetensors file: its header is in memory, its tensors are read one by one. */
export class SafetensorsFile {
  private constructor(
    readonly path: string,
    private readonly file: ByteSource,
    /** In the order of their bytes. */
    readonly tensors: ReadonlyMap<string, TensorEntry>,
    readonly metadata: Readonly<Record<string, string>>,
  ) {}

  /**
   * Opens a file and checks its header: dtypes are known, ranges fit the shapes and cover the rest of the file.
   * @throws CheckpointError `checkpoint-not-found`, `safetensors-truncated` or `safetensors-format`.
   */
  static async open(path: string): Promise<SafetensorsFile> {
    return SafetensorsFile.over(path, await openTensorFile(path));
  }

  /** As `open`, for bytes that are open already. They are closed if this throws. */
  static async over(path: string, file: ByteSource): Promise<SafetensorsFile> {
    try {
      const { tensors, metadata } = await readHeader(path, file);
      return new SafetensorsFile(path, file, tensors, metadata);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * A copy of one tensor's bytes.
   * @throws CheckpointError `tensor-missing` when the file has no such tensor.
   */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.tensors.get(name);
    if (entry === undefined) throw new CheckpointError('tensor-missing', this.path, `has no tensor ${name}`);
    return readExactly(this.path, this.file, entry.offset, entry.bytes);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function readHeader(
  path: string,
  file: ByteSource,
): Promise<{ tensors: Map<string, TensorEntry>; metadata: Record<string, string> }> {
  const fail = (message: string): CheckpointError => new CheckpointError('safetensors-format', path, message);
  const fileBytes = (await file.stat()).size;
  if (fileBytes < 8) throw truncated(path, `${fileBytes} bytes are too few for a safetensors file`);
  const start = Buffer.from(await readExactly(path, file, 0, 8));
  const headerBytes = Number(start.readBigUInt64LE(0));
  if (headerBytes > MAX_HEADER_BYTES)
    throw fail(`a header of ${headerBytes} bytes: this is not a safetensors file`);
  const dataStart = 8 + headerBytes;
  if (dataStart > fileBytes)
    throw truncated(path, `the header ends at byte ${dataStart}, the file at ${fileBytes}`);

  let header: unknown;
  try {
    const text = Buffer.from(await readExactly(path, file, 8, headerBytes));
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    throw fail(`the header is not JSON (${(cause as Error).message})`);
  }
  if (!isObject(header)) throw fail('the header is not a JSON object');

  const { [METADATA]: rawMetadata = {}, ...rawTensors } = header;
  const metadata = asTextRecord(rawMetadata);
  if (metadata === null) throw fail(`${METADATA} must map names to strings`);
  const entries = Object.entries(rawTensors)
    .map(([name, raw]): [string, TensorEntry] => [name, tensorEntry(name, raw, dataStart, fail)])
    .sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
  let end = dataStart;
  for (const [name, { offset, bytes }] of entries) {
    if (offset < end) throw fail(`tensor ${name} overlaps the one before it`);
    if (offset > end) throw fail(`bytes ${end} to ${offset}, before tensor ${name}, belong to no tensor`);
    end = offset + bytes;
    if (end > fileBytes)
      throw truncated(path, `tensor ${name} ends at byte ${end}, the file at ${fileBytes}`);
  }
  if (end < fileBytes) throw fail(`the last ${fileBytes - end} bytes belong to no tensor`);
  return { tensors: new Map(entries), metadata };
}

function tensorEntry(
  name: string,
  raw: unknown,
  dataStart: number,
  fail: (message: string) => CheckpointError,
): TensorEntry {
  if (!isObject(raw)) throw fail(`tensor ${name} is not a JSON object`);
  const { dtype, shape, data_offsets: range } = raw;
  if (!isDtype(dtype)) {
    const known = Object.keys(SAFETENSORS_BYTES).join(', ');
    throw fail(`tensor ${name} has the dtype ${JSON.stringify(dtype)}; known are ${known}`);
  }
  if (!isListOfSizes(shape)) throw fail(`tensor ${name} has the shape ${JSON.stringify(shape)}`);
  if (!isListOfSizes(range) || range.length !== 2 || range[0]! > range[1]!) {
    throw fail(`tensor ${name} has the data_offsets ${JSON.stringify(range)}`);
  }
  const [begin, end] = [range[0]!, range[1]!];
  const bytes = byteLength(dtype, shape);
  if (end - begin !== bytes) {
    throw fail(
      `tensor ${name} is ${dtype} [${shape.join(',')}], ${bytes} bytes, but has a range of ${end - begin}`,
    );
  }
  return { dtype, shape, offset: dataStart + begin, bytes };
}

async function readExactly(
  path: string,
  file: ByteSource,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const mostPerCall = 1 << 30;
  let done = 0;
  while (done < length) {
    const wanted = Math.min(mostPerCall, length - done);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done);
    if (bytesRead === 0) throw truncated(path, `ends at byte ${position + done}`);
    done += bytesRead;
  }
  return bytes;
}

function truncated(path: string, message: string): CheckpointError {
  return new CheckpointError('safetensors-truncated', path, `cut short: ${message}`);
}

function byteLength(dtype: SafetensorsDtype, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, SAFETENSORS_BYTES[dtype]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(SAFETENSORS_BYTES, value);
}

function isListOfSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function asTextRecord(value: unknown): Record<string, string> | null {
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) return null;
  return value as Record<string, string>;
}

/** By UTF-16 units: the same on every machine, regardless of its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @throws CheckpointError `checkpoint-not-found` */
export async function openTensorFile(path: string): Promise<FileHandle> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new CheckpointError('checkpoint-not-found', path, whyUnreadable(cause), { cause });
  });
  if (!(await file.stat()).isDirectory()) return file;
  await file.close();
  throw new CheckpointError('checkpoint-not-found', path, 'is a folder: name a file');
}
