/**
 * GGUF version 3: a header, typed metadata, the tensors' names and shapes, then their bytes, each at a multiple of 32.
 * Everything little-endian. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { writeFileAtomic } from '../../base/files.js';
import { CheckpointError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';

/** Numbers of the format's types of metadata. */
export const GGUF_VALUE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
/** Numbers of the format's types of tensors, and their bytes per block of elements. */
export const GGUF_TENSOR = {
  F32: { id: 0, block: 1, bytes: 4 },
  F16: { id: 1, block: 1, bytes: 2 },
  Q8_0: { id: 8, block: 32, bytes: 34 },
} as const;
export type GgufTensorType = keyof typeof GGUF_TENSOR;
export const GGUF_VERSION = 3;
export const GGUF_ALIGNMENT = 32;

export type GgufValue =
  | { type: 'u32' | 'f32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'i32s'; value: readonly number[] };

/** A tensor to be written. `read` is called once, when its turn comes. */
export interface GgufTensor {
  name: string;
  type: GgufTensorType;
  /** Row-major, outermost extent first, as everywhere here; the file has the fastest-changing one first. */
  shape: readonly number[];
  /** The bytes as they lie in the file: see `ggufBytes`. */
  read: () => ArrayBufferView | Promise<ArrayBufferView>;
}

/** Bytes of a tensor of this type and shape. */
export function ggufBytes(type: GgufTensorType, shape: readonly number[]): number {
  const { block, bytes } = GGUF_TENSOR[type];
  return (sizeOf(shape) / block) * bytes;
}

const padding = (bytes: number): number => (GGUF_ALIGNMENT - (bytes % GGUF_ALIGNMENT)) % GGUF_ALIGNMENT;

/**
 * Writes a file atomically; the same content gives the same bytes.
 *
 * @throws CheckpointError `tensor-size` when `read` returns the wrong number of bytes; nothing is left behind
 */
export async function writeGgufFile(
  path: string,
  metadata: readonly (readonly [key: string, value: GgufValue])[],
  tensors: readonly GgufTensor[],
): Promise<void> {
  await writeFileAtomic(path, chunks(path, metadata, tensors));
}

async function* chunks(
  path: string,
  metadata: readonly (readonly [string, GgufValue])[],
  tensors: readonly GgufTensor[],
): AsyncGenerator<Uint8Array> {
  const header: Buffer[] = [
    Buffer.from('GGUF'),
    u32(GGUF_VERSION),
    u64(tensors.length),
    u64(metadata.length),
  ];
  for (const [key, value] of metadata) header.push(text(key), ...encode(value));
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    const extents = [...shape].reverse().map(u64);
    header.push(text(name), u32(shape.length), ...extents, u32(GGUF_TENSOR[type].id), u64(offset));
    const bytes = ggufBytes(type, shape);
    offset += bytes + padding(bytes);
  }
  const start = Buffer.concat(header);
  yield start;
  yield Buffer.alloc(padding(start.length));
  for (const { name, type, shape, read } of tensors) {
    const view = await read();
    const bytes = ggufBytes(type, shape);
    if (view.byteLength !== bytes) {
      throw new CheckpointError(
        'tensor-size',
        path,
        `tensor ${name} is ${type} [${shape.join(',')}], ${bytes} bytes, and ${view.byteLength} were given`,
      );
    }
    yield new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    yield Buffer.alloc(padding(bytes));
  }
}

function encode(value: GgufValue): Buffer[] {
  switch (value.type) {
    case 'u32':
      return [u32(GGUF_VALUE.u32), u32(value.value)];
    case 'f32':
      return [u32(GGUF_VALUE.f32), f32(value.value)];
    case 'bool':
      return [u32(GGUF_VALUE.bool), Buffer.from([value.value ? 1 : 0])];
    case 'string':
      return [u32(GGUF_VALUE.string), text(value.value)];
    case 'strings': {
      const { value: list } = value;
      return [u32(GGUF_VALUE.array), u32(GGUF_VALUE.string), u64(list.length), ...list.map(text)];
    }
    case 'i32s': {
      const { value: list } = value;
      const bytes = Buffer.from(Int32Array.from(list).buffer);
      return [u32(GGUF_VALUE.array), u32(GGUF_VALUE.i32), u64(list.length), bytes];
    }
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
