import { trace } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { prepare, type ReadyDispatch } from './bind.js';
import type { Gpu } from './device.js';
import { FiniteCheck } from './finite-check.js';
import { assignMemory } from './plan.js';
import { timeDispatches, type Clock, type DispatchTime } from './profile.js';

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
  const { buffers, lifetimes } = assignMemory(gpu, recording, outputs);
  try {
    const prepared = await prepare(gpu, recording.dispatches);
    const check =
      options.checkFinite && (await FiniteCheck.create(gpu, recording, lifetimes, prepared.ready, options));
    return new Program(gpu, prepared, buffers, outputs, check || undefined);
  } catch (error) {
    lifetimes.forEach(({ storage }) => (storage.buffer = undefined));
    buffers.forEach((buffer) => gpu.buffers.release(buffer));
    throw error;
  }
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
