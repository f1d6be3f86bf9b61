import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckpointError } from '../../../src/engine/errors.js';
import {
  SAFETENSORS_BYTES,
  SafetensorsFile,
  writeSafetensors,
  type SafetensorsDtype,
  type TensorSource,
} from '../../../src/engine/train/safetensors.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
  path = join(folder, 'a.safetensors');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function source(name: string, dtype: SafetensorsDtype, shape: number[], bytes: Uint8Array): TensorSource {
  return { name, dtype, shape, read: () => bytes };
}

const anyTensor = fc
  .record({
    name: fc.oneof(
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.constantFrom('__proto__', '7', 'block.0.w', 'é"\n'),
    ),
    dtype: fc.constantFrom(...(Object.keys(SAFETENSORS_BYTES) as SafetensorsDtype[])),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain((tensor) => {
    const length = tensor.shape.reduce((n, size) => n * size, SAFETENSORS_BYTES[tensor.dtype]);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ ...tensor, bytes }));
  });

/** A file with this header, followed by `dataBytes` bytes. */
async function writeRaw(header: unknown, dataBytes: number): Promise<void> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  await writeFile(path, Buffer.concat([start, json, Buffer.alloc(dataBytes, 1)]));
}

describe('writing and reading', () => {
  test('every tensor comes back, bit by bit', async () => {
    const tensors = fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(tensors, async (list) => {
        await writeSafetensors(
          path,
          list.map(({ name, dtype, shape, bytes }) => source(name, dtype, shape, bytes)),
          { made: 'here' },
        );
        const file = await SafetensorsFile.open(path);
        expect([...file.tensors.keys()].sort()).toEqual(list.map(({ name }) => name).sort());
        expect(file.metadata).toEqual({ made: 'here' });
        for (const { name, dtype, shape, bytes } of list) {
          const entry = file.tensors.get(name)!;
          expect(entry).toMatchObject({ dtype, shape });
          expect(entry.offset % SAFETENSORS_BYTES[dtype]).toBe(0);
          expect(await file.read(name)).toEqual(bytes);
        }
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  test('the bytes of a file are as expected', async () => {
    await writeSafetensors(path, [
      { name: 'h', dtype: 'F16', shape: [1], read: () => new Uint16Array([0x3c00]) },
      { name: 'w', dtype: 'F32', shape: [1, 2], read: () => Promise.resolve(new Float32Array([1, -2])) },
    ]);
    const bytes = await readFile(path);
    const header =
      '{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1],"data_offsets":[8,10]}}';
    expect(bytes.readBigUInt64LE(0)).toBe(112n);
    expect(bytes.subarray(8, 120).toString()).toBe(header.padEnd(112));
    expect(bytes.subarray(120).toString('hex')).toBe('0000803f' + '000000c0' + '003c');
  });

  test('the order of the tensors does not matter; only one is in memory at a time', async () => {
    let reading = 0;
    const slow = (name: string): TensorSource => ({
      name,
      dtype: 'U32',
      shape: [2],
      read: async () => {
        reading++;
        await new Promise((resolve) => setImmediate(resolve));
        expect(reading--).toBe(1);
        return Uint32Array.from(name, (char) => char.charCodeAt(0));
      },
    });
    const one = await writeSafetensors(path, ['ab', 'cd', 'ef'].map(slow));
    expect(await writeSafetensors(path, ['ef', 'ab', 'cd'].map(slow))).toEqual(one);
  });

  test('a view into a larger buffer writes only its own bytes', async () => {
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    await writeSafetensors(path, [{ name: 'v', dtype: 'F32', shape: [2], read: () => view }]);
    const file = await SafetensorsFile.open(path);
    expect(new Float32Array((await file.read('v')).buffer)).toEqual(new Float32Array([1, 2]));
    await expect(file.read('w')).rejects.toMatchObject({ code: 'tensor-missing' });
    await file.close();
  });

  test.each<[string, string, TensorSource[]]>([
    ['bytes that do not fit the shape', 'tensor-size', [source('w', 'F32', [2], new Uint8Array(4))]],
    ['a name given twice', 'tensor-name', [0, 1].map(() => source('w', 'F32', [], new Uint8Array(4)))],
    ['a reserved name', 'tensor-name', [source('__metadata__', 'F32', [], new Uint8Array(4))]],
  ])('%s: refused, and the old file is kept', async (_, code, tensors) => {
    await writeSafetensors(path, [source('old', 'F32', [], new Uint8Array(4))]);
    const before = await readFile(path);
    const failure = writeSafetensors(path, tensors);
    await expect(failure).rejects.toBeInstanceOf(CheckpointError);
    await expect(failure).rejects.toMatchObject({ code, file: path });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });
});

describe('an invalid file is refused', () => {
  test('cut short anywhere', async () => {
    await writeSafetensors(path, [
      source('w', 'F32', [3], new Uint8Array(12)),
      source('h', 'F16', [2], new Uint8Array(4)),
    ]);
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await expect(SafetensorsFile.open(path)).rejects.toMatchObject({
        code: 'safetensors-truncated',
        file: path,
      });
    }
  });

  const entry = (begin: unknown, end: unknown, more: object = {}): object => ({
    dtype: 'F32',
    shape: [2],
    data_offsets: [begin, end],
    ...more,
  });
  test.each<[string, unknown, number, string]>([
    ['bytes after the last tensor', { a: entry(0, 8) }, 9, 'last 1 bytes'],
    ['tensors that overlap', { a: entry(0, 8), b: entry(4, 12) }, 12, 'tensor b overlaps'],
    ['the same bytes for two tensors', { a: entry(0, 8), b: entry(0, 8) }, 8, 'overlaps'],
    ['a gap', { a: entry(0, 8), b: entry(12, 20) }, 20, 'before tensor b'],
    ['a range that ends past the file', { a: entry(0, 8), b: entry(8, 16) }, 12, 'tensor b ends'],
    ['a range that does not fit the shape', { a: entry(0, 4) }, 4, 'tensor a'],
    ['a range that runs backwards', { a: entry(8, 0) }, 8, 'tensor a'],
    ['a negative offset', { a: entry(-8, 0) }, 8, 'tensor a'],
    ['an offset that is not a number', { a: entry('0', 8) }, 8, 'tensor a'],
    ['an unknown dtype', { a: entry(0, 8, { dtype: 'F8' }) }, 8, 'tensor a has the dtype "F8"'],
    [
      'the name of an object method as a dtype',
      { a: entry(0, 8, { dtype: 'toString' }) },
      8,
      'tensor a has the dtype',
    ],
    ['a shape that is not a list', { a: entry(0, 8, { shape: 2 }) }, 8, 'tensor a has the shape'],
    ['a fractional shape', { a: entry(0, 8, { shape: [0.5, 4] }) }, 8, 'tensor a has the shape'],
    ['a tensor that is not an object', { a: null }, 0, 'tensor a'],
    ['metadata values that are not strings', { __metadata__: { a: 1 } }, 0, '__metadata__'],
    ['a header that is not an object', [], 0, 'not a JSON object'],
    ['a header that is not JSON', '{"a":', 0, 'not JSON'],
  ])('%s', async (_, header, dataBytes, place) => {
    await writeRaw(header, dataBytes);
    const failure = SafetensorsFile.open(path);
    await expect(failure).rejects.toBeInstanceOf(CheckpointError);
    await expect(failure).rejects.toMatchObject({
      file: path,
      message: expect.stringContaining(place) as string,
    });
  });

  test('an absurd header length', async () => {
    await writeFile(path, Buffer.alloc(16, 0xff));
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: 'safetensors-format' });
  });

  test('a missing file', async () => {
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({
      code: 'checkpoint-not-found',
      file: path,
    });
  });
});
