import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Kernel, KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { record, recorder } from '../../../src/engine/gpu/program.js';
import { testGpu } from '../test-gpu.js';

const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TWICE = `
struct Params { count: u32, factor: f32, shift: i32 }
override GROUP: u32 = 32u;
@group(0) @binding(3) var<storage, read_write> Y: array<f32>;
@group(0) @binding(1) var<storage, read> X: array<f32>;
@group(0) @binding(0) var<uniform> params: Params;
fn write(i: u32) { if (i < params.count) { Y[i] = X[i] * params.factor + f32(params.shift); } }
@compute @workgroup_size(GROUP) fn main(@builtin(global_invocation_id) id: vec3u) { write(id.x); }
`;

describe('what TypeScript knows of a kernel comes from its WGSL', () => {
  test('bindings, access, parameters and workgroup size are reflected', () => {
    const kernel = new Kernel('twice.wgsl', TWICE, {});
    expect(kernel.bindings).toEqual([
      { name: 'X', binding: 1, access: 'read' },
      { name: 'Y', binding: 3, access: 'read_write' },
    ]);
    expect(kernel.paramsBytes).toBe(16);
    expect(kernel.workgroupSize).toEqual([32, 1, 1]);
    expect(new Kernel('twice.wgsl', TWICE, { constants: { GROUP: 8 } }).workgroupSize).toEqual([8, 1, 1]);
  });

  test('parameters are written by name, each in its type', () => {
    const view = new DataView(new ArrayBuffer(32));
    new Kernel('twice.wgsl', TWICE, {}).writeParams({ count: 7, factor: 0.5, shift: -3 }, view, 16);
    expect([view.getUint32(16, true), view.getFloat32(20, true), view.getInt32(24, true)]).toEqual([
      7, 0.5, -3,
    ]);
  });

  test('names that the kernel does not have are refused', () => {
    const kernel = new Kernel('twice.wgsl', TWICE, {});
    const view = new DataView(new ArrayBuffer(16));
    expect(() => kernel.writeParams({ count: 1, factor: 1 }, view, 0)).toThrow(/parameter shift is missing/);
    expect(() => kernel.writeParams({ count: 1, factor: 1, shift: 1, more: 1 }, view, 0)).toThrow(
      /no parameter more/,
    );
    expect(() => new Kernel('twice.wgsl', TWICE, { constants: { NOPE: 1 } })).toThrow(
      /no override constant NOPE/,
    );
  });

  test('binding by name: too few and too many are refused, and the right ones compute', async () => {
    const gpu = await testGpu();
    const kernel = new Kernel('twice.wgsl', TWICE, {});
    const X = gpu.tensor([3], Float32Array.of(1, 2, 3));
    const params = { count: 3, factor: 2, shift: -1 };
    const run = (tensors: (Y: typeof X) => Record<string, typeof X>) =>
      record(gpu, () => {
        const Y = recorder().tensor([3], 'Y');
        recorder().dispatch(kernel, tensors(Y), params, [1]);
        return Y;
      });
    await expect(run((Y) => ({ Y }))).rejects.toThrow(/nothing is bound to X/);
    await expect(run((Y) => ({ X, Y, Z: X }))).rejects.toThrow(/no binding Z/);
    const program = await run((Y) => ({ X, Y }));
    program.run();
    expect([...(await program.outputs.read())]).toEqual([1, 3, 5]);
  });
});

describe('kernels that do not compile', () => {
  test('the error names file, line and message, and shows the source around it', async () => {
    const gpu = await testGpu();
    const broken = TWICE.replace('X[i] * params.factor', 'X[i] * params.count');
    const failure = new Kernel('broken.wgsl', broken, {}).pipeline(gpu.device);
    await expect(failure).rejects.toThrow(/broken\.wgsl:7:\d+: .*f32.*u32[\s\S]*>\s+7 \| fn write/);
    await expect(failure).rejects.toMatchObject({ code: 'kernel_compile' });
  });

  test('a file that is not there, has no entry point or cannot be read', () => {
    const library = new KernelLibrary(folder);
    expect(() => library.get('absent')).toThrow(/no kernel absent\.wgsl/);
    writeFileSync(join(folder, 'empty.wgsl'), 'struct Params { a: u32 }');
    expect(() => library.get('empty')).toThrow(/empty\.wgsl: a kernel file has one @compute entry point/);
    writeFileSync(join(folder, 'bad.wgsl'), 'struct { }');
    expect(() => library.get('bad')).toThrow(/bad\.wgsl.*cannot be read/);
  });
});
