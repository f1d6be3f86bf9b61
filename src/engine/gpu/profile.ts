import { DeviceError } from '../errors.js';
import type { Gpu } from './device.js';
import type { Work } from '../tensor/recording.js';
import type { ReadyDispatch } from './bind.js';

export interface DispatchTime extends Work {
  /** Kernel file and variant. */
  label: string;
  grid: string;
  /** The kernel's parameters, mostly extents. */
  params: Readonly<Record<string, number>>;
  /** Start, relative to the first dispatch, and duration, in nanoseconds of the GPU's clock. */
  startNs: number;
  ns: number;
}

/** Query sets hold at most this many timestamps (WebGPU spec, section 20). */
const MAX_QUERIES = 4096;

export function hasTimestamps({ device }: Gpu): boolean {
  return device.features.has('timestamp-query');
}

/** The GPU's clock, or the host's, which includes submitting and waiting. */
export type Clock = 'timestamp-query' | 'wall';

/** Runs the dispatches once, separately, and times each by the given clock (default: the best available). */
export function timeDispatches(
  gpu: Gpu,
  dispatches: readonly ReadyDispatch[],
  clock: Clock = hasTimestamps(gpu) ? 'timestamp-query' : 'wall',
): Promise<DispatchTime[]> {
  return clock === 'wall' ? timeSubmissions(gpu, dispatches) : timePasses(gpu, dispatches);
}

async function timeSubmissions(gpu: Gpu, dispatches: readonly ReadyDispatch[]): Promise<DispatchTime[]> {
  await gpu.idle();
  const origin = performance.now();
  const times: DispatchTime[] = [];
  for (const dispatch of dispatches) {
    const start = performance.now();
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, dispatch);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.idle();
    const end = performance.now();
    times.push(describe(dispatch, 1e6 * (start - origin), 1e6 * (end - start)));
  }
  return times;
}

function encode(pass: GPUComputePassEncoder, { pipeline, bindGroup, grid }: ReadyDispatch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
}

function describe({ kernel, params, grid, work }: ReadyDispatch, startNs: number, ns: number): DispatchTime {
  return { label: kernel.label, grid: grid.join('×'), params, startNs, ns, ...work };
}

/**
 * Runs the dispatches once, each in its own pass between two timestamps.
 *
 * @throws DeviceError `no-timestamps`
 */
async function timePasses(gpu: Gpu, dispatches: readonly ReadyDispatch[]): Promise<DispatchTime[]> {
  if (!hasTimestamps(gpu)) {
    throw new DeviceError(
      'no-timestamps',
      `${gpu.adapter.name} offers no timestamp-query: nothing can be profiled`,
    );
  }
  const stamps: bigint[] = [];
  for (let from = 0; from < dispatches.length; from += MAX_QUERIES / 2) {
    stamps.push(...(await timeChunk(gpu, dispatches.slice(from, from + MAX_QUERIES / 2))));
  }
  const origin = stamps[0] ?? 0n;
  return dispatches.map((dispatch, i) =>
    describe(dispatch, Number(stamps[2 * i]! - origin), Number(stamps[2 * i + 1]! - stamps[2 * i]!)),
  );
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
  dispatches.forEach((dispatch, i) => {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
    const pass = encoder.beginComputePass({ timestampWrites });
    encode(pass, dispatch);
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
