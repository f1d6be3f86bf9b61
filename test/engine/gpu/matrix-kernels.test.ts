import { create } from 'webgpu';
import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { Kernel, KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { choosePath, matrixUnitsOf } from '../../../src/engine/gpu/path.js';
import { defineGlobals } from '../../../src/engine/gpu/vulkan.js';
import { ATTENTION_PASSES } from '../../../src/engine/ops/attention/variants.js';
import { productOn } from '../../../src/engine/ops/matmul/product.js';
import { MATMUL_VARIANTS } from '../../../src/engine/ops/matmul/variants.js';
import { planStep } from '../../../src/engine/train/decoder-step.js';
import { preset } from '../../../src/engine/nn/config.js';

/** Dawn's null backend runs nothing, but compiles and checks WGSL for every feature that Dawn knows. */
async function nullDevice(): Promise<{ device: GPUDevice; close(): void }> {
  defineGlobals();
  const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = (await gpu.requestAdapter())!;
  const requiredFeatures = [...adapter.features] as GPUFeatureName[];
  const device = await adapter.requestDevice({ requiredFeatures });
  // The instance must outlive its device.
  return { device, close: () => void gpu };
}

async function errorsOf(device: GPUDevice, kernel: Kernel): Promise<string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: kernel.label, code: kernel.source });
  const { messages } = await module.getCompilationInfo();
  const error = await device.popErrorScope();
  return [
    ...messages
      .filter(({ type }) => type === 'error')
      .map(({ lineNum, message }) => `${lineNum}: ${message}`),
    ...(error ? [error.message] : []),
  ];
}

/** Every kernel that a training step on matrix units needs at the presets, specialised for both sizes of matrix. */
function variantsInUse(): Kernel[] {
  const kernels = new Map<string, Kernel>();
  const get = KernelLibrary.prototype.get;
  KernelLibrary.prototype.get = function (name, variant) {
    const kernel = get.call(this, name, variant);
    kernels.set(kernel.label, kernel);
    if (variant?.flags?.MATRIX) {
      const small = get.call(this, name, { ...variant, flags: { ...variant.flags, MATRIX_8: true } });
      kernels.set(small.label, small);
    }
    return kernel;
  };
  try {
    for (const name of ['sanity', 'tier-a', 'tier-b']) {
      for (const microBatches of [1, 2]) {
        const shape = { batchSize: 4, context: 512, microBatches };
        planStep(preset(name), shape, Gpu.planning({}, 'gpu', 'tensor'));
      }
    }
  } finally {
    KernelLibrary.prototype.get = get;
  }
  return [...kernels.values()];
}

test('every kernel of a training step on matrix units passes the compiler', async () => {
  const { device, close } = await nullDevice();
  expect(device.features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName)).toBe(true);
  const library = new KernelLibrary();
  const ceilings = [false, true].map((MATRIX_8) => library.get('roofline_matrix', { flags: { MATRIX_8 } }));
  const kernels = [...variantsInUse(), ...ceilings];
  const withMatrices = kernels.filter(({ source }) => source.includes('subgroupMatrixMultiplyAccumulate'));
  expect(withMatrices.length).toBeGreaterThan(4);
  // A driver was seen to crash on modules that have both.
  for (const { label, source } of withMatrices) {
    expect(source, label).not.toMatch(/\b(quad|subgroup(?!Matrix))\w*\(/);
  }
  for (const kernel of kernels) expect(await errorsOf(device, kernel), kernel.label).toEqual([]);
  close();
});

test('every variant of matmul on matrix units passes the compiler, in all its uses', async () => {
  const { device, close } = await nullDevice();
  const library = new KernelLibrary();
  const planner = Gpu.planning({}, 'gpu', 'tensor');
  const problem = { batch: 1, M: 512, N: 512, K: 4096, transposeA: true, transposeB: false };
  const variants = MATMUL_VARIANTS.filter(({ file }) => file === 'matmul.5-matrix');
  expect(variants.length).toBeGreaterThan(1);
  for (const variant of variants) {
    for (const C of ['f16', 'f32'] as const) {
      const product = productOn(planner, problem, { A: 'f16', B: 'f16', C });
      if (!variant.can(product)) continue;
      for (const [MATRIX_8, ACCUMULATE, RESIDUAL, ROTARY, SPANS] of [
        [false, true, false, false, false],
        [true, true, false, false, false],
        [false, false, true, false, false],
        [false, false, false, true, false],
        [false, false, false, true, true],
      ] as const) {
        if (ROTARY && !variant.turnsHeads?.(product, 128)) continue;
        const SPLIT = C === 'f32' && !RESIDUAL && !ROTARY;
        const modes = { ACCUMULATE, RESIDUAL, ROTARY, SPANS, SPLIT, MATRIX_8 };
        const use = { TRANSPOSE_A: true, TRANSPOSE_B: false, ...modes };
        const kernel = library.get(variant.file, { flags: { ...variant.flags?.(product), ...use } });
        expect(await errorsOf(device, kernel), kernel.label).toEqual([]);
      }
    }
  }
  close();
});

test('every variant of attention on matrix units passes the compiler', async () => {
  const { device, close } = await nullDevice();
  const library = new KernelLibrary();
  const planner = Gpu.planning({}, 'gpu', 'tensor');
  for (const { variants } of Object.values(ATTENTION_PASSES)) {
    for (const variant of variants.filter(({ file }) => file.endsWith('.matrix'))) {
      for (const [headDim, MATRIX_8, SPANS] of [
        [64, false, true],
        [128, false, false],
        [40, true, false],
      ] as const) {
        const units = {
          path: planner.path,
          adapter: planner.adapter,
          matrixFlags: { MATRIX: true, MATRIX_8 },
        };
        const use = { device: units, dtype: 'f16', headDim } as const;
        expect(variant.can(use)).toBe(true);
        const flags: Record<string, boolean | number> = {
          ...variant.flags?.(use),
          SPANS,
          ACCUMULATE: SPANS,
        };
        const kernel = library.get(variant.file, { flags, constants: variant.constants?.(use) });
        expect(kernel.source).toContain('subgroupMatrixMultiplyAccumulate');
        if (flags.UNROLLED) expect(kernel.source, kernel.label).not.toMatch(/array<(Left|Result)/);
        expect(await errorsOf(device, kernel), kernel.label).toEqual([]);
      }
    }
  }
  close();
});

test('a plan counts the parts of products that a device computes in parts', () => {
  const bytes = (multiprocessors: number): number => {
    const choices = { preferred: [], stored: new Map<string, string>(), multiprocessors };
    const planner = Gpu.planning({}, 'gpu', 'tensor', choices);
    return planStep(preset('tiny'), { batchSize: 64, context: 256, microBatches: 1 }, planner).total;
  };
  expect(bytes(132)).toBeGreaterThan(bytes(1));
});

test('the compiler finds faults in matrix code', async () => {
  const { device, close } = await nullDevice();
  const kernel = variantsInUse().find(({ label }) => label.startsWith('matmul.5-matrix'))!;
  for (const [from, to] of [
    ['subgroupMatrixLoad<Left, row_major>(&tiles', 'subgroupMatrixLoad<Right, row_major>(&tiles'],
    ['subgroup_matrix_result<f32, SIZE, SIZE>', 'subgroup_matrix_result<f32, 8, SIZE>'],
    ['subgroupMatrixMultiplyAccumulate(a, b, sum)', 'subgroupMatrixMultiplyAccumulate(b, a, sum)'],
  ]) {
    expect(kernel.source).toContain(from);
    const broken = { ...kernel, source: kernel.source.replace(from!, to!) } as Kernel;
    expect(await errorsOf(device, broken)).not.toEqual([]);
  }
  close();
});

test.each([
  [16, 32],
  [8, 8],
] as const)(
  'matrix units of %i are used only with the shape and subgroups that the kernels support',
  (size, subgroup) => {
    const features = ['shader-f16', 'chromium-experimental-subgroup-matrix'];
    const config = {
      componentType: 'f16',
      resultComponentType: 'f32',
      M: size as number,
      N: size as number,
      K: size as number,
    };
    const info = { subgroupMinSize: subgroup, subgroupMaxSize: subgroup, subgroupMatrixConfigs: [config] };
    const withConfigs = (...subgroupMatrixConfigs: (typeof config)[]): number | undefined =>
      matrixUnitsOf(features, { ...info, subgroupMatrixConfigs });
    expect(matrixUnitsOf(features, info)).toBe(size);
    expect(matrixUnitsOf(features.slice(0, 1), info)).toBeUndefined();
    expect(matrixUnitsOf(features.slice(1), info)).toBeUndefined();
    expect(matrixUnitsOf(features, { ...info, subgroupMinSize: 4 })).toBeUndefined();
    expect(matrixUnitsOf(features, { ...info, subgroupMaxSize: 64 })).toBeUndefined();
    expect(withConfigs({ ...config, M: 12 })).toBeUndefined();
    expect(withConfigs({ ...config, resultComponentType: 'f16' })).toBeUndefined();
    expect(withConfigs({ ...config, K: 12 }, config)).toBe(size);
  },
);

test('a kernel path that is unknown, or that the adapter lacks, is refused', () => {
  const adapter = { name: 'some GPU', kind: 'gpu' } as const;
  expect(() => choosePath('fp16' as never, adapter, true)).toThrow(
    /there is no kernel path fp16; known: f32, f16, tensor, auto/,
  );
  expect(() => choosePath('tensor', adapter, false)).toThrow(
    /^the tensor kernel path: some GPU offers no products of f16.*use f16 or f32/,
  );
});
