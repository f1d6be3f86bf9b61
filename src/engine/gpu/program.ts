import { DeviceError } from '../errors.js';
import { trace } from '../tensor/recorder.js';
import type { Storage } from '../tensor/storage.js';
import type { Tensor } from '../tensor/tensor.js';
import { prepare, type ReadyDispatch } from './bind.js';
import type { Gpu } from './device.js';
import { FiniteCheck } from './finite-check.js';
import type { Kernel } from './kernel.js';
import { assignMemory } from './plan.js';
import { timeDispatches, type Clock, type DispatchTime } from './profile.js';
import { findRaces, type RaceOptions, type RaceReport } from './race-check.js';

export interface RecordOptions {
  /** Whether to check every number that a run reads and writes, for `Program.verify` (default false). */
  checkFinite?: boolean | undefined;
  /** Tensors inside larger ones, whose labels messages use to name the place of a bad number. */
  names?: Iterable<Tensor> | undefined;
}

/**
 * Runs `body` once and keeps every dispatch of its ops; then plans memory, compiles and binds. The resulting program can
 * be run any number of times: it reads the same input tensors (write new content to them) and writes the tensors that
 * `body` returned. All tensors in between share memory.
 *
 * @throws DeviceError, ShapeError whatever the ops in `body` throw, and when a kernel does not compile
 *
 * @example
 * const program = await record(gpu, () => ops.matmul(a, b));
 * program.run();
 * console.log(await program.outputs.read());
 */
export async function record<T>(gpu: Gpu, body: () => T, options: RecordOptions = {}): Promise<Program<T>> {
  const { recording, outputs } = trace(gpu, body);
  const { buffers, lifetimes } = assignMemory(gpu, recording, outputs);
  try {
    const prepared = await prepare(gpu, recording.dispatches);
    const check =
      options.checkFinite && (await FiniteCheck.create(gpu, recording, lifetimes, prepared.ready, options));
    const memory = {
      buffers,
      storages: lifetimes.map(({ storage }) => storage),
      inputs: recording.inputs(),
      valueChecks: recording.valueChecks(),
    };
    return new Program(gpu, prepared, memory, outputs, check || undefined);
  } catch (error) {
    lifetimes.forEach(({ storage }) => (storage.buffer = undefined));
    buffers.forEach((buffer) => gpu.buffers.release(buffer));
    throw error;
  }
}

/** The memory that a program uses. */
interface ProgramMemory {
  /** Allocated for the recording. */
  buffers: readonly GPUBuffer[];
  /** The storages that share `buffers`. */
  storages: readonly Storage[];
  /** Storages that the program reads or writes and does not own. */
  inputs: Iterable<Storage>;
  /** Called once, before the first run. */
  valueChecks: Iterable<() => void>;
}

/** A recorded list of dispatches with its memory. Running it again allocates nothing. */
export class Program<T> {
  readonly #dispatches: readonly ReadyDispatch[];
  readonly #params: GPUBuffer | undefined;
  readonly #memory: ProgramMemory;
  /** With the buffers that the dispatches are bound to. */
  readonly #inputs: readonly { storage: Storage; buffer: GPUBuffer | undefined }[];
  #isChecked = false;
  #isDisposed = false;

  constructor(
    readonly gpu: Gpu,
    prepared: { ready: ReadyDispatch[]; params: GPUBuffer | undefined },
    memory: ProgramMemory,
    /** The recorded function's result; its tensors hold the numbers of the latest run. */
    readonly outputs: T,
    private readonly check?: FiniteCheck,
  ) {
    this.#dispatches = prepared.ready;
    this.#params = prepared.params;
    this.#memory = memory;
    this.#inputs = [...memory.inputs].map((storage) => ({ storage, buffer: storage.buffer }));
  }

  /** The buffers that the recording allocated. */
  get buffers(): readonly GPUBuffer[] {
    return this.#memory.buffers;
  }

  /** The dispatches of a run, in order. */
  get dispatches(): readonly Pick<DispatchTime, 'label' | 'params' | 'flops' | 'bytes'>[] {
    return this.#dispatches.map(({ kernel, params, work }) => ({ label: kernel.label, params, ...work }));
  }

  /** Each kernel once, in the order of first use. */
  get kernels(): readonly Kernel[] {
    return [...new Set(this.#dispatches.map(({ kernel }) => kernel))];
  }

  get dispatchCount(): number {
    return this.#dispatches.length;
  }

  /** Bytes that the recording allocated: results, and the buffers that intermediates share. */
  get bytes(): number {
    return this.buffers.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** FLOPs of one run, as the ops count them. */
  get flops(): number {
    return this.#dispatches.reduce((sum, { work }) => sum + (work.flops ?? 0), 0);
  }

  /**
   * Submits one run; a `read` waits for it.
   *
   * @throws DeviceError when the device has failed, and `disposed` when the program or one of its inputs was disposed of
   * @throws EngineError `uninitialised` in the first run, when it reads a parameter without values
   */
  run(): void {
    this.gpu.throwIfFailed();
    this.gpu.device.queue.submit([this.encode()]);
  }

  /** The commands of one run, to be submitted once. @throws DeviceError `disposed` as `run` */
  encode(): GPUCommandBuffer {
    this.#assertUsable();
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
   * Waits for the runs so far and checks their numbers, if the program was recorded with `checkFinite`.
   *
   * @throws NumericsError naming the op that first wrote a NaN or an infinity, or the tensor that it read one from
   */
  async verify(): Promise<void> {
    await this.check?.verify();
  }

  /**
   * One run in which every dispatch is timed separately, by the GPU's clock if it has one.
   *
   * @throws DeviceError `no-timestamps` when that clock is requested and missing, and `disposed` as `run`
   */
  async profile(clock?: Clock): Promise<DispatchTime[]> {
    this.#assertUsable();
    return timeDispatches(this.gpu, this.#dispatches, clock);
  }

  /**
   * One run in which every kernel with workgroup memory is checked for races; see `findRaces`.
   *
   * @throws DeviceError `race-check` for a kernel that cannot be followed, and `disposed` as `run`
   */
  async findRaces(options?: RaceOptions): Promise<RaceReport> {
    this.#assertUsable();
    return findRaces(this.gpu, this.#dispatches, options);
  }

  #assertUsable(): void {
    if (this.#isDisposed) throw new DeviceError('disposed', 'the program was disposed of: record it again');
    for (const { storage, buffer } of this.#inputs) {
      if (storage.buffer === buffer) continue;
      throw new DeviceError('disposed', `${storage.label}, which the program uses, was disposed of`);
    }
    if (this.#isChecked) return;
    for (const assertValues of this.#memory.valueChecks) assertValues();
    this.#isChecked = true;
  }

  /** Releases all memory, including the results'. Disposing again does nothing. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#memory.storages.forEach((storage) => (storage.buffer = undefined));
    this.buffers.forEach((buffer) => this.gpu.buffers.release(buffer));
    this.#params?.destroy();
    this.check?.dispose();
  }
}
