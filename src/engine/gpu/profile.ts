import { DeviceError } from '../errors.js';
import type { Gpu } from './device.js';
import type { ReadyDispatch, Work } from './program.js';

export interface DispatchTime extends Work {
  /** Kernel file and variant. */
  label: string;
  grid: string;
  /** Start and duration on the GPU's clock, nanoseconds; start counts from the first dispatch. */
  startNs: number;
  ns: number;
}

/** Query sets hold at most this many timestamps (WebGPU spec, section 20). */
const MAX_QUERIES = 4096;

/** Runs the dispatches once, each in a pass of its own between two timestamps. */
export async function timePasses(gpu: Gpu, dispatches: readonly ReadyDispatch[]): Promise<DispatchTime[]> {
  if (!gpu.device.features.has('timestamp-query')) {
    throw new DeviceError(
      'no_timestamps',
      `${gpu.adapter.name} offers no timestamp-query: nothing can be profiled`,
    );
  }
  const stamps: bigint[] = [];
  for (let from = 0; from < dispatches.length; from += MAX_QUERIES / 2) {
    stamps.push(...(await timeChunk(gpu, dispatches.slice(from, from + MAX_QUERIES / 2))));
  }
  const origin = stamps[0] ?? 0n;
  return dispatches.map(({ kernel, grid, work }, i) => ({
    label: kernel.label,
    grid: grid.join('×'),
    startNs: Number(stamps[2 * i]! - origin),
    ns: Number(stamps[2 * i + 1]! - stamps[2 * i]!),
    ...work,
  }));
}

async function timeChunk(gpu: Gpu, dispatches: readonly ReadyDispatch[]): Promise<BigUint64Array> {
  const { device } = gpu;
  const count = dispatches.length * 2;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = device.createBuffer({
    label: 'timestamps',
    size: count * 8,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const encoder = device.createCommandEncoder();
  dispatches.forEach(({ pipeline, bindGroup, grid }, i) => {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
    const pass = encoder.beginComputePass({ timestampWrites });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.queue.submit([encoder.finish()]);
  try {
    return new BigUint64Array(await gpu.readBuffer(resolved, 0, count * 8));
  } finally {
    resolved.destroy();
    querySet.destroy();
  }
}
