import { describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { add } from '../../../src/engine/ops/add.js';
import { DeviceError } from '../../../src/engine/errors.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { testGpu } from '../test-gpu.js';

describe('a recorded program', () => {
  test('reads its inputs again in every run and allocates nothing', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([3], Float32Array.of(1, 2, 3));
    const program = await record(gpu, () => add(add(x, x), x));
    const live = gpu.buffers.liveBytes;
    program.run();
    expect([...(await program.outputs.read())]).toEqual([3, 6, 9]);
    x.write(Float32Array.of(10, 20, 30));
    program.run();
    expect([...(await program.outputs.read())]).toEqual([30, 60, 90]);
    expect(gpu.buffers.liveBytes).toBe(live);
    program.dispose();
    x.dispose();
    expect(gpu.buffers.liveBytes).toBe(live - program.bytes - 256);
  });

  test('intermediates share memory, results do not', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([64], new Float32Array(64).fill(1));
    const chain = await record(gpu, () => {
      let y = x;
      for (let i = 0; i < 10; i++) y = add(y, y);
      return y;
    });
    expect(chain.bytes).toBe(2 * 256);
    chain.run();
    expect((await chain.outputs.read())[63]).toBe(1024);
    const all = await record(gpu, () => {
      const sums = [add(x, x)];
      for (let i = 0; i < 9; i++) sums.push(add(sums.at(-1)!, x));
      return { sums };
    });
    expect(all.bytes).toBe(10 * 256);
    all.run();
    expect((await all.outputs.sums[3]!.read())[0]).toBe(5);
  });

  test('a result that was not returned cannot be read', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([1], Float32Array.of(1));
    let lost = x;
    await record(gpu, () => {
      const kernel = gpu.kernels.get('copy');
      lost = recorder().tensor([1], 'lost');
      expect(() => recorder().dispatch(kernel, { X: x, Y: lost }, { N: 1 }, [70_000])).toThrow(
        /grid 70000 is over this adapter's 65535/,
      );
    });
    await expect(lost.read()).rejects.toThrow(/lost: has no memory/);
  });

  test('an op outside a recording, and a read before any write, are refused', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([1], Float32Array.of(1));
    expect(() => add(x, x)).toThrow(/record\(gpu/);
    await expect(record(gpu, () => add(recorder().tensor([1], 'nothing'), x))).rejects.toThrow(
      /reads nothing before anything wrote it/,
    );
  });

  test('a tensor that the adapter cannot bind is refused, naming tensor, bytes and limit', async () => {
    const gpu = await testGpu();
    expect(() => gpu.tensor([2 ** 20, 2 ** 12], undefined, { label: 'giant' })).toThrow(
      /giant needs 16\.0 GiB, and a buffer of this adapter has at most .*smaller batch/,
    );
  });

  test('integers are read with readAs', async () => {
    const gpu = await testGpu();
    const ids = gpu.tensor([3], Uint32Array.of(1, 2, 3), { label: 'ids' });
    await expect(ids.read()).rejects.toThrow(/ids: is u32: read it with readAs\('u32'\)/);
    expect(await ids.readAs('u32')).toEqual(Uint32Array.of(1, 2, 3));
    ids.dispose();
  });

  test('timestamps cover every dispatch', async () => {
    const gpu = await testGpu();
    if (!gpu.device.features.has('timestamp-query')) return;
    const x = gpu.tensor([4096], new Float32Array(4096));
    const program = await record(gpu, () => add(add(x, x), x));
    const times = await program.profile();
    expect(times.map(({ label }) => label)).toEqual(['add', 'add']);
    for (const { ns, flops } of times) {
      expect(ns).toBeGreaterThan(0);
      expect(flops).toBe(4096);
    }
  });
});

describe('after dispose', () => {
  const recordSum = async (x: Tensor) => record(await testGpu(), () => add(x, x));

  test('disposing again frees nothing twice', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([4], Float32Array.of(1, 2, 3, 4));
    const live = gpu.buffers.liveBytes;
    const program = await recordSum(x);
    const [buffer] = program.buffers;
    program.dispose();
    program.dispose();
    expect(gpu.buffers.liveBytes).toBe(live);
    const [a, b] = [gpu.tensor([4]), gpu.tensor([4])];
    expect(a.storage.buffer).not.toBe(b.storage.buffer);
    [a, b].forEach((tensor) => tensor.dispose());
    expect(() => gpu.buffers.release(buffer!)).toThrow(/is not in use: it was released before/);
    x.dispose();
    x.dispose();
  });

  test('neither the program runs nor its results are read', async () => {
    const gpu = await testGpu();
    const program = await recordSum(gpu.tensor([4]));
    expect(() => program.outputs.dispose()).toThrow(/belongs to a recording: dispose of its program/);
    program.dispose();
    expect(() => program.run()).toThrow(DeviceError);
    expect(() => program.run()).toThrow(/the program was disposed of/);
    await expect(program.profile()).rejects.toThrow(/the program was disposed of/);
    await expect(program.outputs.read()).rejects.toThrow(/has no memory/);
    await expect(recordSum(program.outputs)).rejects.toThrow(/add: add \[4\] has no memory/);
  });

  test('a disposed input is refused by recordings and by programs that read it', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([4], undefined, { label: 'x' });
    const program = await recordSum(x);
    x.dispose();
    expect(() => program.run()).toThrow(/x, which the program uses, was disposed of/);
    await expect(recordSum(x)).rejects.toThrow(/add: x \[4\] has no memory: it was disposed of/);
    program.dispose();
  });
});

test('a tensor of another device is refused', async () => {
  const x = Gpu.planning().tensor([4], undefined, { label: 'x' });
  const gpu = await testGpu();
  await expect(record(gpu, () => add(gpu.tensor([4]), x))).rejects.toThrow(
    /add: x \[4\] is on another Gpu than the recording/,
  );
});
