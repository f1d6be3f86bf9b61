import { DeviceError } from '../errors.js';
import { BYTES_PER_ELEMENT, formatShape, sizeOf, Tensor, type DType, type Shape } from '../tensor/tensor.js';
import { ALIGNMENT, alignUp, Storage, tooLarge } from './buffers.js';
import type { Gpu } from './device.js';
import type { Kernel } from './kernel.js';
import { FiniteCheck } from './finite-check.js';
import { planMemory, type Lifetime } from './plan.js';
import type { TapeNode } from '../tensor/autograd.js';
import { timeDispatches, type Clock, type DispatchTime } from './profile.js';

/** Workgroups along x, y and z. */
export type Grid = readonly [x: number, y?: number, z?: number];

export interface RecordedDispatch {
  kernel: Kernel;
  /** In the order of the kernel's bindings. */
  tensors: Tensor[];
  params: Readonly<Record<string, number>>;
  grid: Grid;
  /** FLOPs and bytes as the op counts them, for the profile. */
  work: Work;
  /** What asked for it, where that is known. */
  origin?: Origin;
}

/** Where in a model a dispatch comes from. */
export interface Origin {
  op: string;
  phase: 'forward' | 'backward' | 'update';
  /** The part of the model, as `Recorder.within` was told: `layers.3`; empty outside of any. */
  path: string;
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
  #path = '';
  /** Dispatches before this one have their origin. */
  #attributed = 0;

  constructor(readonly gpu: Gpu) {}

  /** The part of the model that is being recorded. */
  get path(): string {
    return this.#path;
  }

  /** Names the part of a model to which the ops of `body` belong, for messages; parts of parts are joined by dots. */
  within<T>(part: string, body: () => T): T {
    const outer = this.#path;
    this.#path = outer ? `${outer}.${part}` : part;
    try {
      return body();
    } finally {
      this.#path = outer;
    }
  }

  /** The dispatches since the last call are those of `op`. */
  attribute(op: string, phase: Origin['phase'], path = this.#path): void {
    const origin = { op, phase, path };
    for (const dispatch of this.dispatches.slice(this.#attributed)) dispatch.origin = origin;
    this.#attributed = this.dispatches.length;
  }

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
    const limit = this.gpu.limits.maxComputeWorkgroupsPerDimension;
    if (grid.some((extent) => extent! > limit)) {
      throw new DeviceError(
        'grid-too-large',
        `${kernel.label}: grid ${grid.join('×')} is over this adapter's ${limit} on one axis; use a smaller batch or context`,
      );
    }
    const bound = kernel.bindings.map(({ name }) => {
      const tensor = tensors[name];
      if (!tensor) throw new DeviceError('kernel-binding', `${kernel.label}: nothing is bound to ${name}`);
      const { maxStorageBufferBindingSize } = this.gpu.limits;
      if (tensor.bytes > maxStorageBufferBindingSize) {
        const label = `${this.#path && `${this.#path}: `}${tensor.label} ${formatShape(tensor.shape)}`;
        throw tooLarge(label, tensor.bytes, 'this adapter binds', maxStorageBufferBindingSize);
      }
      return tensor;
    });
    for (const name of Object.keys(tensors)) {
      if (!kernel.bindings.some((binding) => binding.name === name)) {
        const known = kernel.bindings.map((binding) => binding.name).join(', ');
        throw new DeviceError(
          'kernel-binding',
          `${kernel.label}: there is no binding ${name}; known: ${known}`,
        );
      }
    }
    this.dispatches.push({ kernel, tensors: bound, params, grid, work });
  }

  /** First and last use of every storage made here. @throws DeviceError `read-before-write` */
  lifetimes(kept: ReadonlySet<Storage>): Lifetime[] {
    const found = new Map<Storage, Lifetime>();
    this.dispatches.forEach(({ kernel, tensors }, index) => {
      tensors.forEach(({ storage }, slot) => {
        const root = storage.root;
        if (!this.#made.has(root)) return;
        const known = found.get(root);
        if (known) {
          known.last = index;
        } else {
          if (kernel.bindings[slot]!.access === 'read') {
            throw new DeviceError(
              'read-before-write',
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

/** The recording in progress. @throws DeviceError `not-recording` outside `record` */
export function recorder(): Recorder {
  if (!current) throw new DeviceError('not-recording', 'ops run inside record(gpu, () => …)');
  return current;
}

export interface RecordOptions {
  /** Look at every number that a run reads and writes, so that `Program.verify` can say where a bad one came from. */
  checkFinite?: boolean;
  /** Tensors after which bad numbers are named, where what a kernel was bound to holds several of them. */
  names?: Iterable<Tensor>;
}

/**
 * Runs `body` once, keeping every dispatch that its ops ask for; then plans memory, compiles and binds. The program
 * that comes back can be run any number of times: it reads the same input tensors (write new content to them) and
 * writes the tensors that `body` returned, which it keeps; everything between shares memory.
 *
 * @throws DeviceError, ShapeError whatever the ops in `body` throw, and kernels that do not compile
 */
export async function record<T>(gpu: Gpu, body: () => T, options: RecordOptions = {}): Promise<Program<T>> {
  const { recording, outputs } = trace(gpu, body);
  const { buffers, lifetimes } = assignMemory(recording, outputs);
  try {
    const prepared = await prepare(recording);
    const check =
      options.checkFinite && (await FiniteCheck.create(recording, lifetimes, prepared.ready, options));
    return new Program(gpu, prepared, buffers, outputs, check || undefined);
  } catch (error) {
    lifetimes.forEach(({ storage }) => (storage.buffer = undefined));
    buffers.forEach((buffer) => gpu.buffers.release(buffer));
    throw error;
  }
}

/** What one run of `body` would take: no kernel is compiled, and the device may be one that only plans. */
export function planProgram(
  gpu: Gpu,
  body: () => unknown,
): { bytes: number; flops: number; dispatches: number } {
  const { recording, outputs } = trace(gpu, body);
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  const plan = planMemory(recording.lifetimes(kept));
  for (const { bytes, tenants } of plan) gpu.buffers.assertFits(tenants[0]!.storage.label, bytes);
  return {
    bytes: plan.reduce((sum, buffer) => sum + buffer.bytes, 0),
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

function assignMemory(
  recording: Recorder,
  outputs: unknown,
): { buffers: GPUBuffer[]; lifetimes: Lifetime[] } {
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  const lifetimes = recording.lifetimes(kept);
  const buffers: GPUBuffer[] = [];
  try {
    for (const { bytes, tenants } of planMemory(lifetimes)) {
      const buffer = recording.gpu.buffers.allocate(tenants[0]!.storage.label, bytes);
      buffers.push(buffer);
      for (const { storage } of tenants) storage.buffer = buffer;
    }
  } catch (error) {
    buffers.forEach((buffer) => recording.gpu.buffers.release(buffer));
    throw error;
  }
  return { buffers, lifetimes };
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
  const ready = dispatches.map(({ kernel, tensors, params: values, grid, work }, i) => {
    const entries: GPUBindGroupEntry[] = kernel.bindings.map(({ binding }, slot) => {
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
    private readonly check?: FiniteCheck,
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
    if (this.check) {
      this.check.encode(encoder);
      return encoder.finish();
    }
    const pass = encoder.beginComputePass();
    let set: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, grid } of this.#dispatches) {
      if (pipeline !== set) pass.setPipeline(pipeline);
      set = pipeline;
      pass.setBindGroup(0, bindGroup);
      // Each argument that crosses into Dawn costs time; most grids have one axis.
      if (grid.length === 1) pass.dispatchWorkgroups(grid[0]);
      else pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
    pass.end();
    return encoder.finish();
  }

  /**
   * Waits for the runs so far and looks at what they computed, where the program was recorded with `checkFinite`.
   *
   * @throws NumericsError naming the op that first wrote a NaN or an infinity, or the tensor that it read one from
   */
  async verify(): Promise<void> {
    await this.check?.verify();
  }

  /**
   * One run in which every dispatch is timed by itself, by the GPU's clock where it has one.
   *
   * @throws DeviceError `no-timestamps` where that clock is asked for and there is none
   */
  profile(clock?: Clock): Promise<DispatchTime[]> {
    return timeDispatches(this.gpu, this.#dispatches, clock);
  }

  /** Gives all memory back, that of the results too. */
  dispose(): void {
    this.buffers.forEach((buffer) => this.gpu.buffers.release(buffer));
    this.#params?.destroy();
    this.check?.dispose();
  }
}
