import { create } from 'webgpu';
import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { Kernel, KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { hasMatrixUnits } from '../../../src/engine/gpu/path.js';
import { defineGlobals } from '../../../src/engine/gpu/vulkan.js';
import { planStep } from '../../../src/engine/train/step.js';
import { preset } from '../../../src/engine/model/config.js';

/** Dawn's back end that runs nothing: it compiles and checks WGSL for every feature that Dawn knows. */
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

/** Every variant of a kernel file that a training step on matrix units asks for, at the presets. */
function variantsInUse(): Kernel[] {
  const kernels = new Map<string, Kernel>();
  const get = KernelLibrary.prototype.get;
  KernelLibrary.prototype.get = function (name, variant) {
    const kernel = get.call(this, name, variant);
    kernels.set(kernel.label, kernel);
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
  const kernels = [...variantsInUse(), Gpu.planning({}, 'gpu', 'tensor').kernels.get('roofline_matrix')];
  const withMatrices = kernels.filter(({ source }) => source.includes('subgroupMatrixMultiplyAccumulate'));
  expect(withMatrices.length).toBeGreaterThan(4);
  for (const kernel of kernels) expect(await errorsOf(device, kernel), kernel.label).toEqual([]);
  close();
});

test('the compiler of the test above does see faults in matrix code', async () => {
  const { device, close } = await nullDevice();
  const kernel = variantsInUse().find(({ label }) => label.startsWith('matmul.tensor'))!;
  for (const [from, to] of [
    ['subgroupMatrixLoad<Left, row_major>(&tileA', 'subgroupMatrixLoad<Right, row_major>(&tileA'],
    ['subgroup_matrix_result<f32, 16, 16>', 'subgroup_matrix_result<f32, 8, 16>'],
    ['subgroupMatrixMultiplyAccumulate(a, b, sum)', 'subgroupMatrixMultiplyAccumulate(b, a, sum)'],
  ]) {
    expect(kernel.source).toContain(from);
    const broken = { ...kernel, source: kernel.source.replace(from!, to!) } as Kernel;
    expect(await errorsOf(device, broken)).not.toEqual([]);
  }
  close();
});

test('matrix units are those of the one shape that the kernels are written for', () => {
  const features = ['shader-f16', 'chromium-experimental-subgroup-matrix'];
  const config = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };
  const info = { subgroupMinSize: 32, subgroupMaxSize: 32, subgroupMatrixConfigs: [config] };
  expect(hasMatrixUnits(features, info)).toBe(true);
  expect(hasMatrixUnits(features.slice(0, 1), info)).toBe(false);
  expect(hasMatrixUnits(features.slice(1), info)).toBe(false);
  expect(hasMatrixUnits(features, { ...info, subgroupMinSize: 16 })).toBe(false);
  expect(hasMatrixUnits(features, { ...info, subgroupMatrixConfigs: [{ ...config, M: 8 }] })).toBe(false);
  const narrow = [{ ...config, resultComponentType: 'f16' }];
  expect(hasMatrixUnits(features, { ...info, subgroupMatrixConfigs: narrow })).toBe(false);
});
