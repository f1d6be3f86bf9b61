import { DeviceError } from '../errors.js';
import { Tensor, sizeOf, BYTES_PER_ELEMENT, type DType, type Shape } from '../tensor.js';
import { ALIGNMENT, alignUp, Storage } from './buffers.js';
import type { Gpu } from './device.js';
import type { Kernel } from './kernel.js';
import { planMemory, type Lifetime } from './plan.js';
import type { TapeNode } from '../autograd.js';
import { timeDispatches, type Clock, type DispatchTime } from './profile.js';

/** Workgroups along x, y and z. */
export type Grid = readonly [x: number, y?: number, z?: number];

interface RecordedDispatch {
  kernel: Kernel;
  storages: Storage[];
  params: Readonly<Record<string, number>>;
  grid: Grid;
  /** FLOPs and bytes as the op counts them, for the profile. */
  work: Work;
}

export interface Work {
  flops?: number;
  bytes?: number;
}

export interface ReadyDispatch {
  kernel: Kernel;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  params: Readonly<Record<string, number>>;
  grid: Grid;
  work: Work;
}

/** Collects what ops dispatch between the start and the end of `record`. */
export class Recorder {
  readonly dispatches: RecordedDispatch[] = [];
  /** How to run the recorded ops backwards; see autograd.ts. */
  readonly tape: TapeNode[] = [];
  readonly #made = new Set<Storage>();

  constructor(readonly gpu: Gpu) {}

  /** A tensor whose memory the plan assigns; its content is undefined until a dispatch writes it. */
  tensor(shape: Shape, label: string, dtype: DType = 'f32'): Tensor {
    const storage = new Storage(label, sizeOf(shape) * BYTES_PER_ELEMENT[dtype]);
    this.#made.add(storage);
    return new Tensor(this.gpu, shape, storage, { dtype, label });
  }

  /** Appends one dispatch; tensors are bound by the names that the kernel's WGSL gives its buffers. */
  dispatch(
    kernel: Kernel,
    tensors: Readonly<Record<string, Tensor>>,
    params: Readonly<Record<string, number>>,
    grid: Grid,
    work: Work = {},
  ): void {
    const limit = this.gpu.device.limits.maxComputeWorkgroupsPerDimension;
    if (grid.some((extent) => extent! > limit)) {
      throw new DeviceError(
        'grid_too_large',
        `${kernel.label}: grid ${grid.join('×')} is over this adapter's ${limit} on one axis; use a smaller batch or context`,
      );
    }
    const storages = kernel.bindings.map(({ name }) => {
      const tensor = tensors[name];
      if (!tensor) throw new DeviceError('kernel_binding', `${kernel.label}: nothing is bound to ${name}`);
      return tensor.storage;
    });
    for (const name of Object.keys(tensors)) {
      if (!kernel.bindings.some((binding) => binding.name === name)) {
        throw new DeviceError('kernel_binding', `${kernel.label}: there is no binding ${name}`);
      }
    }
    this.dispatches.push({ kernel, storages, params, grid, work });
  }

  /** First and last use of every storage made here. @throws DeviceError `read_before_write` */
  lifetimes(kept: ReadonlySet<Storage>): Lifetime[] {
    const found = new Map<Storage, Lifetime>();
    this.dispatches.forEach(({ kernel, storages }, index) => {
      storages.forEach((storage, slot) => {
        const root = storage.root;
        if (!this.#made.has(root)) return;
        const known = found.get(root);
        if (known) {
          known.last = index;
        } else {
          if (kernel.bindings[slot]!.access === 'read') {
            throw new DeviceError(
              'read_before_write',
              `${kernel.label} reads ${storage.label} before anything wrote it`,
            );
          }
          found.set(root, { storage: root, first: index, last: index });
        }
      });
    });
    for (const lifetime of found.values()) {
      if (kept.has(lifetime.storage)) lifetime.last = this.dispatches.length;
    }
    return [...found.values()];
  }
}

let current: Recorder | undefined;

/** The recording in progress. @throws DeviceError `not_recording` outside `record` */
export function recorder(): Recorder {
  if (!current) throw new DeviceError('not_recording', 'ops run inside record(gpu, () => …)');
  return current;
}

/**
 * Runs `body` once, keeping every dispatch that its ops ask for; then plans memory, compiles and binds. The program
 * that comes back can be run any number of times: it reads the same input tensors (write new content to them) and
 * writes the tensors that `body` returned, which it keeps; everything between shares memory.
 *
 * @throws DeviceError, ShapeError whatever the ops in `body` throw, and kernels that do not compile
 */
export async function record<T>(gpu: Gpu, body: () => T): Promise<Program<T>> {
  const { recording, outputs } = trace(gpu, body);
  const buffers = assignMemory(recording, outputs);
  return new Program(gpu, await prepare(recording), buffers, outputs);
}

/** What one run of `body` would take: no kernel is compiled, and the device may be one that only plans. */
export function planProgram(
  gpu: Gpu,
  body: () => unknown,
): { bytes: number; flops: number; dispatches: number } {
  const { recording, outputs } = trace(gpu, body);
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  return {
    bytes: planMemory(recording.lifetimes(kept)).reduce((sum, buffer) => sum + buffer.bytes, 0),
    flops: recording.dispatches.reduce((sum, { work }) => sum + (work.flops ?? 0), 0),
    dispatches: recording.dispatches.length,
  };
}

function trace<T>(gpu: Gpu, body: () => T): { recording: Recorder; outputs: T } {
  const recording = new Recorder(gpu);
  const outer = current;
  current = recording;
  try {
    return { recording, outputs: body() };
  } finally {
    current = outer;
  }
}

function assignMemory(recording: Recorder, outputs: unknown): GPUBuffer[] {
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  const buffers: GPUBuffer[] = [];
  try {
    for (const { bytes, tenants } of planMemory(recording.lifetimes(kept))) {
      const buffer = recording.gpu.buffers.allocate(tenants[0]!.storage.label, bytes);
      buffers.push(buffer);
      for (const { storage } of tenants) storage.buffer = buffer;
    }
  } catch (error) {
    buffers.forEach((buffer) => recording.gpu.buffers.release(buffer));
    throw error;
  }
  return buffers;
}

function collectStorages(value: unknown, into: Set<Storage>): void {
  if (value instanceof Tensor) into.add(value.storage.root);
  else if (value instanceof Map) value.forEach((item) => collectStorages(item, into));
  else if (Array.isArray(value)) value.forEach((item) => collectStorages(item, into));
  else if (value && Object.getPrototypeOf(value) === Object.prototype) {
    Object.values(value).forEach((item) => collectStorages(item, into));
  }
}

/** Compiles all kernels side by side, writes all parameters into one buffer, makes all bind groups. */
async function prepare(
  recording: Recorder,
): Promise<{ ready: ReadyDispatch[]; params: GPUBuffer | undefined }> {
  const { gpu, dispatches } = recording;
  const { device } = gpu;
  const pipelines = await Promise.all(dispatches.map(({ kernel }) => kernel.pipeline(device)));
  const offsets: number[] = [];
  let bytes = 0;
  for (const { kernel } of dispatches) {
    offsets.push(bytes);
    bytes += alignUp(kernel.paramsBytes);
  }
  let params: GPUBuffer | undefined;
  if (bytes > 0) {
    const view = new DataView(new ArrayBuffer(bytes));
    dispatches.forEach(({ kernel, params: values }, i) => kernel.writeParams(values, view, offsets[i]!));
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    params = device.createBuffer({ label: 'params', size: Math.max(bytes, ALIGNMENT), usage });
    device.queue.writeBuffer(params, 0, view.buffer);
  }
  const ready = dispatches.map(({ kernel, storages, params: values, grid, work }, i) => {
    const entries: GPUBindGroupEntry[] = kernel.bindings.map(({ binding }, slot) => {
      const { buffer, offset, bytes: size } = storages[slot]!;
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

/** A recorded list of dispatches with its memory. Running it again allocates nothing. */
export class Program<T> {
  readonly #dispatches: readonly ReadyDispatch[];
  readonly #params: GPUBuffer | undefined;

  constructor(
    readonly gpu: Gpu,
    prepared: { ready: ReadyDispatch[]; params: GPUBuffer | undefined },
    readonly buffers: readonly GPUBuffer[],
    /** What the recorded function returned; its tensors hold the results after each run. */
    readonly outputs: T,
  ) {
    this.#dispatches = prepared.ready;
    this.#params = prepared.params;
  }

  /** What a run dispatches, in order. */
  get dispatches(): readonly Pick<DispatchTime, 'label' | 'params' | 'flops' | 'bytes'>[] {
    return this.#dispatches.map(({ kernel, params, work }) => ({ label: kernel.label, params, ...work }));
  }

  get dispatchCount(): number {
    return this.#dispatches.length;
  }

  /** Bytes of everything that the recording made: results kept and room shared between intermediates. */
  get bytes(): number {
    return this.buffers.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** FLOPs of one run, as the ops count them. */
  get flops(): number {
    return this.#dispatches.reduce((sum, { work }) => sum + (work.flops ?? 0), 0);
  }

  /** Submits one run; results are there for the next `read`. @throws DeviceError when the device is lost */
  run(): void {
    this.gpu.throwIfFailed();
    this.gpu.device.queue.submit([this.encode()]);
  }

  /** The commands of one run, to be submitted once. */
  encode(): GPUCommandBuffer {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let set: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, grid } of this.#dispatches) {
      if (pipeline !== set) pass.setPipeline(pipeline);
      set = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
    }
    pass.end();
    return encoder.finish();
  }

  /**
   * One run in which every dispatch is timed by itself, by the GPU's clock where it has one.
   *
   * @throws DeviceError `no_timestamps` where that clock is asked for and there is none
   */
  profile(clock?: Clock): Promise<DispatchTime[]> {
    return timeDispatches(this.gpu, this.#dispatches, clock);
  }

  /** Gives all memory back, that of the results too. */
  dispose(): void {
    this.buffers.forEach((buffer) => this.gpu.buffers.release(buffer));
    this.#params?.destroy();
  }
}
