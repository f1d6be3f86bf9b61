import { assertMemory } from '../tensor/recording.js';
import { ALIGNMENT, alignUp } from '../tensor/storage.js';
import type { Grid } from '../tensor/grid.js';
import type { RecordedDispatch, Work } from '../tensor/recording.js';
import type { Gpu } from './device.js';
import type { Kernel } from './kernel.js';

/** A dispatch, compiled and bound: it can be encoded any number of times. */
export interface ReadyDispatch {
  kernel: Kernel;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  params: Readonly<Record<string, number>>;
  grid: Grid;
  work: Work;
}

/** Every handle in a recording is a Kernel: the device's own KernelLibrary made it. */
const kernelOf = ({ kernel }: RecordedDispatch): Kernel => kernel as Kernel;

/** Compiles all kernels in parallel, writes all parameters into one buffer, and makes all bind groups. */
export async function prepare(
  gpu: Gpu,
  dispatches: readonly RecordedDispatch[],
): Promise<{ ready: ReadyDispatch[]; params: GPUBuffer | undefined }> {
  const { device } = gpu;
  const kernels = dispatches.map(kernelOf);
  const pipelines = await Promise.all(kernels.map((kernel) => kernel.pipeline(device)));
  const offsets: number[] = [];
  let bytes = 0;
  for (const kernel of kernels) {
    offsets.push(bytes);
    bytes += alignUp(kernel.paramsBytes);
  }
  let params: GPUBuffer | undefined;
  if (bytes > 0) {
    const view = new DataView(new ArrayBuffer(bytes));
    dispatches.forEach(({ params: values }, i) => kernels[i]!.writeParams(values, view, offsets[i]!));
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    params = device.createBuffer({ label: 'params', size: Math.max(bytes, ALIGNMENT), usage });
    device.queue.writeBuffer(params, 0, view.buffer);
  }
  const ready = dispatches.map(({ tensors, params: values, grid, work }, i) => {
    const kernel = kernels[i]!;
    const entries: GPUBindGroupEntry[] = kernel.bindings.map(({ binding }, slot) => {
      assertMemory(kernel, tensors[slot]!);
      const { buffer, offset, bytes: size } = tensors[slot]!.storage;
      return { binding, resource: { buffer: buffer!, offset, size: Math.ceil(size / 4) * 4 } };
    });
    if (kernel.paramsBinding >= 0) {
      const resource = { buffer: params!, offset: offsets[i]!, size: kernel.paramsBytes };
      entries.push({ binding: kernel.paramsBinding, resource });
    }
    const bindGroup = device.createBindGroup({ label: kernel.label, layout: kernel.layout(device), entries });
    return { kernel, pipeline: pipelines[i]!, bindGroup, params: values, grid, work };
  });
  return { ready, params };
}
