import type { FileHandle } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import { openTensorFile } from '../train/safetensors.js';
import { unpackHalves } from '../tensor/half.js';
import { sizeOf } from '../tensor/shape.js';
import {
  GGUF_ALIGNMENT,
  GGUF_TENSOR,
  GGUF_VALUE,
  GGUF_VERSION,
  ggufBytes,
  type GgufTensorType,
} from './gguf-write.js';
import { fromQ8 } from './q8.js';
import type { FloatSource } from './stable-lm.js';

/** Values of the metadata; arrays are kept where their elements are strings. */
type Metadata = ReadonlyMap<string, number | bigint | boolean | string | readonly string[]>;

interface Entry {
  type: GgufTensorType;
  /** Row-major, outermost extent first. */
  shape: readonly number[];
  offset: number;
}

/** Bytes of the numbers that metadata may hold, by type. */
const NUMBER_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8] as const;
/** More than any header has. */
const MOST_HEADER = 256 * 2 ** 20;

/** Of ggml. */
const MOST_AXES = 4;

/** An open GGUF file: its header is in memory, its tensors are read one by one. */
export class GgufFile {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    readonly metadata: Metadata,
    readonly tensors: ReadonlyMap<string, Entry>,
    private readonly dataStart: number,
  ) {}

  /** @throws CheckpointError `checkpoint-not-found`, or `gguf-format` saying what is wrong with the file */
  static async open(path: string): Promise<GgufFile> {
    const file = await openTensorFile(path);
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.min(size, MOST_HEADER));
      await file.read(bytes, 0, bytes.length, 0);
      const { metadata, tensors, end } = readHeader(path, bytes);
      const alignment = Number(metadata.get('general.alignment') ?? GGUF_ALIGNMENT);
      const dataStart = Math.ceil(end / alignment) * alignment;
      for (const [name, { type, shape, offset }] of tensors) {
        if (dataStart + offset + ggufBytes(type, shape) > size) {
          throw new CheckpointError(
            'gguf-format',
            path,
            `cut short: tensor ${name} ends behind the file's end`,
          );
        }
      }
      return new GgufFile(path, file, metadata, tensors, dataStart);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** A tensor in f32; undefined if there is none of this name. */
  source(name: string): FloatSource | undefined {
    const entry = this.tensors.get(name);
    if (!entry) return undefined;
    const { type, shape, offset } = entry;
    const read = async (): Promise<Float32Array> => {
      const bytes = new Uint8Array(ggufBytes(type, shape));
      await this.file.read(bytes, 0, bytes.length, this.dataStart + offset);
      if (type === 'Q8_0') return fromQ8(bytes);
      return type === 'F32' ? new Float32Array(bytes.buffer) : unpackHalves(new Uint16Array(bytes.buffer));
    };
    return { shape, read };
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

function readHeader(
  path: string,
  bytes: Buffer,
): { metadata: Metadata; tensors: Map<string, Entry>; end: number } {
  const fail = (message: string): CheckpointError => new CheckpointError('gguf-format', path, message);
  let at = 0;
  const take = (length: number): number => {
    const from = at;
    at += length;
    if (at > bytes.length) throw fail('cut short: the header ends behind the file’s end');
    return from;
  };
  const u32 = (): number => bytes.readUInt32LE(take(4));
  const u64 = (): number => Number(bytes.readBigUInt64LE(take(8)));
  /** A number of things to come, each of one byte at least. */
  const count = (): number => {
    const things = u64();
    if (things > bytes.length - at) throw fail('cut short: the header counts more than the file holds');
    return things;
  };
  const text = (): string => {
    const length = count();
    const from = take(length);
    return bytes.toString('utf8', from, from + length);
  };
  const number = (type: number): number | bigint | boolean => {
    const from = take(NUMBER_BYTES[type] ?? 0);
    if (type === GGUF_VALUE.u32) return bytes.readUInt32LE(from);
    if (type === GGUF_VALUE.f32) return bytes.readFloatLE(from);
    if (type === GGUF_VALUE.bool) return bytes[from] !== 0;
    // Numbers of other widths: none of the keys that we read has one but for lengths, which are whole.
    return NUMBER_BYTES[type] === 8
      ? bytes.readBigUInt64LE(from)
      : bytes.readUIntLE(from, NUMBER_BYTES[type]!);
  };
  const value = (type: number): number | bigint | boolean | string | string[] => {
    if (type === GGUF_VALUE.string) return text();
    if (type !== GGUF_VALUE.array) {
      if (!NUMBER_BYTES[type]) throw fail(`metadata has a value of the unknown type ${type}`);
      return number(type);
    }
    const element = u32();
    const length = count();
    if (element === GGUF_VALUE.string) return Array.from({ length }, text);
    if (!NUMBER_BYTES[element]) throw fail(`metadata has an array of the unknown type ${element}`);
    take(NUMBER_BYTES[element] * length);
    return [];
  };

  if (bytes.toString('latin1', 0, 4) !== 'GGUF') throw fail('this is not a GGUF file');
  take(4);
  const version = u32();
  if (version !== GGUF_VERSION)
    throw fail(`GGUF version ${version}; only version ${GGUF_VERSION} can be read`);
  const tensorCount = count();
  const metadataCount = count();
  const metadata = new Map<string, ReturnType<typeof value>>();
  for (let i = 0; i < metadataCount; i++) {
    const key = text();
    metadata.set(key, value(u32()));
  }
  const tensors = new Map<string, Entry>();
  for (let i = 0; i < tensorCount; i++) {
    const name = text();
    const rank = u32();
    if (rank > MOST_AXES) throw fail(`tensor ${name} has ${rank} axes`);
    const shape = Array.from({ length: rank }, u64).reverse();
    const id = u32();
    const type = (Object.keys(GGUF_TENSOR) as GgufTensorType[]).find((known) => GGUF_TENSOR[known].id === id);
    if (!type) {
      const known = Object.keys(GGUF_TENSOR).join(', ');
      throw fail(`tensor ${name} has the type ${id}; only ${known} can be read`);
    }
    if (sizeOf(shape) % GGUF_TENSOR[type].block !== 0) throw fail(`tensor ${name} has no whole blocks`);
    tensors.set(name, { type, shape, offset: u64() });
  }
  return { metadata, tensors, end: at };
}
