import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Kernel, KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { add as addOp } from '../../../src/engine/ops/add.js';
import { kernelFolder, packageRoot } from '../../../src/base/paths.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { TINY, TRAINING } from '../tiny-model.js';
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

describe('a kernel is described by its WGSL', () => {
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

  test('buffers are bound by name; missing and unknown names are refused', async () => {
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

/** A tensor whose memory belongs to the program. */
function copyOf(x: Tensor): Tensor {
  const Y = recorder().tensor(x.shape, 'copy');
  recorder().dispatch(x.gpu.kernels.get('copy'), { X: x, Y }, { N: x.size }, [1]);
  return Y;
}

describe('kernels that do not compile', () => {
  test('the error names file, line and message, and shows the source around it', async () => {
    const gpu = await testGpu();
    const broken = TWICE.replace('X[i] * params.factor', 'X[i] * params.count');
    const failure = new Kernel('broken.wgsl', broken, {}).pipeline(gpu.device);
    await expect(failure).rejects.toThrow(/broken\.wgsl:7:\d+: .*f32.*u32[\s\S]*>\s+7 \| fn write/);
    await expect(failure).rejects.toMatchObject({ code: 'kernel-compile' });
  });

  test.each<[string, string, Record<string, number>, RegExp]>([
    [
      'a workgroup over the limit',
      TWICE,
      { GROUP: 4096 },
      /limits\.wgsl:8: .*4096.*exceeds[^\n]*\(limits GROUP=4096\)\n[\s\S]*> +8 \| @compute/,
    ],
    [
      'an empty workgroup',
      TWICE,
      { GROUP: 0 },
      /limits\.wgsl:8: @workgroup_size values must be greater than 0/,
    ],
    [
      'a constant outside its type',
      TWICE,
      { GROUP: -1 },
      /limits\.wgsl:3: .*"GROUP" with value[\s\S]*> +3 \| override GROUP/,
    ],
    [
      'too much workgroup memory',
      `${TWICE}\noverride SIZE: u32 = 4u;\nvar<workgroup> room: array<f32, SIZE>;\n`.replace(
        'write(id.x);',
        'room[id.x] = 1.0;',
      ),
      { SIZE: 1 << 20 },
      /limits\.wgsl:11: .*workgroup storage[\s\S]*> +11 \| var<workgroup> room/,
    ],
    [
      'a number that a constant makes invalid',
      `${TWICE}\noverride SIZE: u32 = 4u;`.replace('write(id.x);', 'write(id.x / (SIZE - 4u));'),
      {},
      /limits\.wgsl:8:.*(division|represented)[\s\S]*> +8 \|/,
    ],
    [
      'a constant without a value',
      `${TWICE}\noverride NEED: u32;`.replace('write(id.x);', 'write(NEED);'),
      {},
      /limits\.wgsl:10: .*NEED[\s\S]*> +10 \| override NEED/,
    ],
  ])(
    'a fault found while creating the pipeline has a place: %s',
    async (_name, source, constants, message) => {
      const gpu = await testGpu();
      const failure = new Kernel('limits.wgsl', source, { constants }).pipeline(gpu.device);
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.toMatchObject({ code: 'kernel-compile' });
    },
  );

  test.each<[string, string, Record<string, number>, RegExp]>([
    [
      'a fraction for an integer constant',
      TWICE,
      { GROUP: 1.5 },
      /^twice\.wgsl: GROUP is 1\.5, and its type is u32/,
    ],
    ['an unknown constant', TWICE, { NOPE: 1 }, /no override constant NOPE; known: GROUP/],
    [
      'a binding that is not a buffer',
      `${TWICE}@group(0) @binding(7) var image: sampler;`,
      {},
      /^twice\.wgsl:9: image is no storage buffer or uniform of group 0\n[\s\S]*> +9 \|/,
    ],
    [
      'a binding of another group',
      `${TWICE}@group(1) @binding(0) var<storage, read> Z: array<f32>;`,
      {},
      /^twice\.wgsl:9: Z is no storage buffer/,
    ],
    [
      'a declaration that cannot be read',
      `${TWICE}struct {`,
      {},
      /^twice\.wgsl:\d+: cannot be read: [^\n]*\n/,
    ],
  ])('a kernel is refused before it is compiled: %s', (_name, source, constants, message) => {
    expect(() => new Kernel('twice.wgsl', source, { constants })).toThrow(message);
  });

  test('a program or training step whose kernels do not compile frees its memory', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'kernels-'));
    const plant = (file: string, from: string, to: string): void => {
      const text = readFileSync(join(kernelFolder, file), 'utf8');
      writeFileSync(join(broken, file), text.replace(from, to));
    };
    plant('add.wgsl', 'Z[i] = X[i] + Y[i];', 'Z[i] = X[i] + params.N;');
    plant('adamw.wgsl', 'let lr = hyper[0];', 'let lr = hyper;');
    const gpu = await testGpu({ kernelFolder: broken });
    const x = gpu.tensor([64], undefined, { label: 'x' });
    const live = gpu.buffers.liveBytes;
    await expect(record(gpu, () => addOp(copyOf(x), x))).rejects.toThrow(/add\.wgsl:26:\d+: /);
    expect(gpu.buffers.liveBytes).toBe(live);

    const decoder = new Decoder(gpu, TINY, { trainable: true });
    const withModel = gpu.buffers.liveBytes;
    const shape = { ...TRAINING, microBatches: 2 };
    await expect(decoderStep(decoder, TRAINING, shape)).rejects.toThrow(/adamw\.wgsl:\d+:\d+: /);
    // The rotary tables stay with the device.
    expect(gpu.buffers.liveBytes - withModel).toBeLessThan(8 * 1024);
    rmSync(broken, { recursive: true });
  });

  test('a kernel that is missing, has no entry point or cannot be read is refused', () => {
    const library = new KernelLibrary(folder);
    expect(() => library.get('absent')).toThrow(/no kernel absent\.wgsl/);
    writeFileSync(join(folder, 'empty.wgsl'), 'struct Params { a: u32 }');
    expect(() => library.get('empty')).toThrow(/empty\.wgsl: a kernel file has one @compute entry point/);
    writeFileSync(join(folder, 'bad.wgsl'), 'struct { }');
    expect(() => library.get('bad')).toThrow(/bad\.wgsl.*cannot be read/);
  });

  test('a fault in an included file names that file; a fault after the #include keeps its line', async () => {
    const gpu = await testGpu();
    const helper = '// One line of comment.\nfn scaled(x: f32) -> f32 { return x * params.factor; }\n';
    const kernel = (lib: string, source: string): Kernel => new Kernel('with.wgsl', source, {}, () => lib);
    const source = TWICE.replace('fn write', '#include "lib/scale.wgsl"\nfn write').replace(
      'X[i] * params.factor',
      'scaled(X[i])',
    );
    await expect(kernel(helper, source).pipeline(gpu.device)).resolves.toBeDefined();
    const inLibrary = kernel(helper.replace('factor', 'count'), source).pipeline(gpu.device);
    await expect(inLibrary).rejects.toThrow(/^lib\/scale\.wgsl:2:\d+: [\s\S]*\n>\s+2 \| fn scaled/);
    const behind = kernel(helper, source.replace('scaled(X[i])', 'scaled(i)')).pipeline(gpu.device);
    await expect(behind).rejects.toThrow(/^with\.wgsl:8:\d+: [\s\S]*\n>\s+8 \| fn write/);
    expect(() => kernel('struct {', source)).toThrow(/^lib\/scale\.wgsl:1: cannot be read/);
  });
});

describe('a folder of kernels', () => {
  const other = mkdtempSync(join(tmpdir(), 'kernels-'));
  afterAll(() => rmSync(other, { recursive: true }));
  mkdirSync(join(other, 'lib'));
  writeFileSync(join(other, 'copy.wgsl'), TWICE);
  writeFileSync(join(other, 'lib', 'put.wgsl'), '// another way to put\n');
  writeFileSync(join(other, 'extra.wgsl'), TWICE);
  const flags = { TRANSPOSE_A: false, TRANSPOSE_B: false, ACCUMULATE: false, RESIDUAL: false };

  test('replaces the kernels it has; all others come from the package', () => {
    const library = new KernelLibrary(other);
    expect(library.get('copy').bindings.map(({ name }) => name)).toEqual(['X', 'Y']);
    expect(library.get('copy').source).toBe(TWICE);
    expect(library.get('matmul.1-naive', { flags }).source).toBe(
      new KernelLibrary().get('matmul.1-naive', { flags }).source,
    );
  });

  test('replaces the included files that lie in its lib/', () => {
    const kernel = new KernelLibrary(other).get('matmul.2-tiles', { flags });
    expect(kernel.source).toContain('// another way to put');
    expect(kernel.source).not.toContain('fn put');
  });

  test('may have kernels that the package lacks', () => {
    const names = new KernelLibrary(other).names();
    expect(names).toEqual([...new Set([...new KernelLibrary().names(), 'extra'])].sort());
  });

  test('must exist', () => {
    expect(() => new KernelLibrary(join(other, 'absent'))).toThrow(
      /folder of kernels .*absent does not exist/,
    );
    const file = join(other, 'copy.wgsl');
    expect(() => new KernelLibrary(file)).toThrow(/folder of kernels .*copy\.wgsl is a file/);
  });

  test('can be named by ENGINE_KERNELS', () => {
    const script = `
      import { KernelLibrary } from './src/engine/gpu/kernel.ts';
      const library = new KernelLibrary();
      console.log(library.get('copy').workgroupSize[0], library.get('to_half').workgroupSize[0]);`;
    const run = (folder?: string): string =>
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        cwd: packageRoot,
        env: { ...process.env, ENGINE_KERNELS: folder },
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
    const named = join(other, 'named');
    mkdirSync(named);
    writeFileSync(join(named, 'copy.wgsl'), TWICE);
    expect(run(named)).toBe('32 64');
    expect(run()).toBe('64 64');
    writeFileSync(join(named, 'gellu.wgsl'), TWICE);
    expect(() => run(named)).toThrow(/gellu\.wgsl replaces no kernel .* nearest names are gelu\.wgsl, /);
  });
});
