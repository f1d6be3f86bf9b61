import { afterAll } from 'vitest';
import { Gpu, type GpuOptions } from '../../src/engine/gpu/device.js';

const opened = new Map<string, Promise<Gpu>>();

/** The device that all tests of one file share, one for each choice of options. `TEST_ADAPTER=gpu` requires a GPU. */
export function testGpu(options: GpuOptions = {}): Promise<Gpu> {
  const key = JSON.stringify(options);
  let gpu = opened.get(key);
  if (!gpu) {
    gpu = Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32', ...options });
    opened.set(key, gpu);
  }
  return gpu;
}

/** Emulated kernels for matrix units of 8: the same code with other sizes, so a few shapes are enough. */
export function testSmallMatrices(): Promise<Gpu> {
  return testGpu({ kernels: 'tensor', emulateMatrices: 8 });
}

/** Every path that the device offers, and emulated kernels for matrix units. */
export async function testPaths(): Promise<{ name: string; gpu: Gpu }[]> {
  const paths = [
    { name: 'f16', gpu: await testGpu({ kernels: 'f16' }) },
    { name: 'tensor, emulated', gpu: await testGpu({ kernels: 'tensor', emulateMatrices: 16 }) },
  ];
  const best = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
  const { matrixUnits } = best;
  best.close();
  if (matrixUnits) paths.push({ name: 'tensor', gpu: await testGpu({ kernels: 'tensor' }) });
  return paths;
}

afterAll(async () => {
  for (const gpu of opened.values()) (await gpu).close();
  opened.clear();
});
