import { describe, expect, test } from 'vitest';
import { DeviceError } from '../../../src/engine/errors.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { MetricsReader } from '../../../src/engine/train/metrics.js';

const adapter = process.env.TEST_ADAPTER ?? 'auto';

describe('an error of a command that nobody waits for', () => {
  /** A copy from a buffer to itself. */
  function submitInvalid(gpu: Gpu): void {
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = gpu.device.createBuffer({ label: 'four bytes', size: 4, usage });
    const encoder = gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, buffer, 0, 4);
    gpu.device.queue.submit([encoder.finish()]);
  }

  test('fails the next read-back, which says which command was invalid', async () => {
    const gpu = await Gpu.open({ adapter, kernels: 'f32' });
    const x = gpu.tensor([4], Float32Array.of(1, 2, 3, 4));
    expect(await x.read()).toEqual(Float32Array.of(1, 2, 3, 4));
    submitInvalid(gpu);
    const failure = await x.read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceError);
    expect(failure).toMatchObject({ code: 'gpu-error' });
    expect((failure as Error).message).toMatch(
      /found a command invalid: .*same buffer.*four bytes.*CopyBufferToBuffer/,
    );
    expect((failure as Error).message).not.toContain('\n');
    gpu.close();
  });

  test('fails the next reading of losses and the next wait', async () => {
    const gpu = await Gpu.open({ adapter, kernels: 'f32' });
    const metrics = new MetricsReader(gpu);
    const one = gpu.tensor([2]);
    metrics.note(gpu.tensor([1]), { clip: one, lossScale: one, scalesLoss: false });
    const read = metrics.read();
    // The error arrives while the host waits for the losses.
    gpu.device.dispatchEvent(
      Object.assign(new Event('uncapturederror'), { error: new GPUValidationError('bad') }),
    );
    await expect(read).rejects.toThrow(/found a command invalid: bad/);
    await expect(gpu.idle()).rejects.toThrow(/found a command invalid/);
    metrics.dispose();
    gpu.close();
  });

  test('too little memory is named as such', async () => {
    const gpu = await Gpu.open({ adapter, kernels: 'f32' });
    const x = gpu.tensor([4]);
    const event = Object.assign(new Event('uncapturederror'), { error: new GPUOutOfMemoryError('no 8 GB') });
    gpu.device.dispatchEvent(event);
    await expect(x.read()).rejects.toMatchObject({
      code: 'out-of-memory',
      message: `${gpu.adapter.name} is out of memory: use a smaller batch, context or model (no 8 GB)`,
    });
    gpu.close();
  });
});

test('a device asks for the features that the engine uses, and for no others', async () => {
  const gpu = await Gpu.open({ adapter, kernels: 'f32' });
  const { features, offered } = gpu.adapter;
  expect(features).toContain('subgroups');
  expect(offered).toEqual(expect.arrayContaining(features));
  // `core-features-and-limits` is part of every device.
  const enabled = [...gpu.device.features].filter((feature) => feature !== 'core-features-and-limits');
  expect(enabled.sort()).toEqual([...features].sort());
  const used = ['subgroups', 'shader-f16', 'timestamp-query', 'chromium-experimental-subgroup-matrix'];
  expect(features.filter((feature) => !used.includes(feature))).toEqual([]);
  expect(offered.length).toBeGreaterThan(features.length);
  gpu.close();
});
