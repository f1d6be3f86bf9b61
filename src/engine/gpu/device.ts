import { kernelOverrides } from '../../base/paths.js';
import { DeviceError } from '../errors.js';
import type { Backend, DeviceLimits, KernelChoices } from '../tensor/backend.js';
import type { HostArray, KernelPath } from '../tensor/dtype.js';
import type { Shape } from '../tensor/shape.js';
import type { Storage } from '../tensor/storage.js';
import { newTensor, type Tensor, type TensorOptions } from '../tensor/tensor.js';
import { BufferPool } from './buffers.js';
import { choicesFor, wantedChoices } from './kernel-choices.js';
import { KernelLibrary } from './kernel.js';
import {
  candidatePaths,
  choosePath,
  MATRIX_FEATURE,
  matrixUnitsOf,
  type MatrixSize,
  type PathInfo,
} from './path.js';
import { provenPath } from './probe.js';
import {
  defineGlobals,
  openAdapter,
  type AdapterRequest,
  type FoundAdapter,
  type DawnOptions,
} from './vulkan.js';

export interface AdapterSummary extends FoundAdapter {
  vendor: string;
  architecture: string;
  /** The driver's description of itself, with its version. */
  description: string;
  /** The features that the device uses, and all that the adapter offers. */
  features: string[];
  /** The least number of lanes in a subgroup, if known. */
  subgroupSize?: number | undefined;
  offered: string[];
}

/** What kernels and profiles use; shader-f16 is for matrix units and for measuring the ceiling of f16. */
const USED_FEATURES = ['subgroups', 'shader-f16', 'timestamp-query'];

/** What buffers and kernels can need more of than WebGPU guarantees. */
const USED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies (keyof GPUSupportedLimits)[];

export interface GpuOptions extends DawnOptions {
  adapter?: AdapterRequest | undefined;
  /**
   * How matrices are stored and multiplied. `auto`, the default, takes the fastest path that a probe has proven right on a
   * GPU, and f32 on a software adapter.
   */
  kernels?: KernelPath | 'auto' | undefined;
  /** Receives one line when `auto` cannot take the fastest path (default: it goes to stderr). */
  onFallback?: ((line: string) => void) | undefined;
  /**
   * Emulates matrix units of this size: the same loads, stores and loops, one number at a time. For tests.
   */
  emulateMatrices?: MatrixSize | undefined;
  /** Lower limits than the adapter's, to behave like a smaller one. */
  limits?: Partial<DeviceLimits> | undefined;
  /** A folder whose files replace kernels of the same name; ENGINE_KERNELS by default. */
  kernelFolder?: string | undefined;
  /** Names of kernel variants to use wherever they can; those of ENGINE_VARIANTS by default. */
  variants?: readonly string[] | undefined;
  /** How many workgroups run at once; ENGINE_MULTIPROCESSORS by default, and 132 on a GPU: WebGPU does not say. */
  multiprocessors?: number | undefined;
}

/**
 * Dawn keeps what is written in staging memory until the next submission. Submitting now and then keeps that memory small
 * and warm: writing 1 GB takes a third of the time.
 */
const STAGED_BYTES = 4 * 2 ** 20;

/**
 * A device, its memory and its kernels. A process usually opens one; everything else holds a reference to it.
 *
 * @example
 * const gpu = await Gpu.open();
 * const x = gpu.tensor([2, 2], Float32Array.of(1, 2, 3, 4));
 * console.log(await x.read());
 * gpu.close();
 */
export class Gpu implements Backend {
  readonly buffers: BufferPool;
  readonly kernels: KernelLibrary;
  readonly choices: KernelChoices;
  readonly limits: Readonly<DeviceLimits>;
  /** Flags of the kernels for matrix units, which emulate units that the adapter lacks. */
  readonly matrixFlags: { readonly MATRIX: boolean; readonly MATRIX_8: boolean };
  #failure: DeviceError | undefined;
  /** Bytes written since `write` last submitted. */
  #staged = 0;

  private constructor(
    // Held so that Dawn's instance outlives its device.
    readonly instance: GPU,
    readonly device: GPUDevice,
    readonly adapter: AdapterSummary,
    readonly path: KernelPath,
    /** The size of matrix that the adapter's units multiply; undefined without any. */
    readonly matrixUnits: MatrixSize | undefined,
    options: Pick<
      GpuOptions,
      'limits' | 'kernelFolder' | 'emulateMatrices' | 'variants' | 'multiprocessors'
    > & {
      choices?: KernelChoices | undefined;
    } = {},
  ) {
    const size = matrixUnits ?? options.emulateMatrices;
    this.matrixFlags = { MATRIX: matrixUnits !== undefined, MATRIX_8: size === 8 };
    const limit = (name: keyof DeviceLimits): number =>
      Math.min(device.limits[name], options.limits?.[name] ?? Infinity);
    this.limits = {
      maxStorageBufferBindingSize: limit('maxStorageBufferBindingSize'),
      maxBufferSize: limit('maxBufferSize'),
      maxComputeWorkgroupsPerDimension: limit('maxComputeWorkgroupsPerDimension'),
      maxComputeWorkgroupStorageSize: limit('maxComputeWorkgroupStorageSize'),
    };
    this.buffers = new BufferPool(device, this.limits);
    this.kernels = new KernelLibrary(options.kernelFolder);
    const { variants: preferred, kernelFolder } = options;
    const choices = options.choices ?? choicesFor(adapter, { preferred, kernelFolder });
    this.choices = { ...choices, multiprocessors: options.multiprocessors ?? choices.multiprocessors };
    device.addEventListener(
      'uncapturederror',
      ({ error }) => (this.#failure ??= failureOf(error, adapter.name)),
    );
    void device.lost.then(({ reason, message }) => {
      this.#failure ??= new DeviceError('device-lost', `${adapter.name} was lost (${reason}): ${message}`);
    });
  }

  /**
   * Opens the best adapter, or the one asked for, with the features and limits that the engine uses.
   *
   * @throws DeviceError `no-adapter`, `no-matrix-units`, `unknown-kernel-path`, `no-kernel-path` when none is proven
   *   right, `no-device` when the driver refuses, or as `wantedChoices`
   */
  static async open(options: GpuOptions = {}): Promise<Gpu> {
    // Before a kernel path is probed, so that a misspelt name does not count as a fault of the path.
    wantedChoices(options.variants);
    const { gpu: instance, adapter, ...found } = await openAdapter(options.adapter, options);
    const offered = [...adapter.features];
    const { vendor, architecture, description } = adapter.info;
    const { emulateMatrices, kernelFolder = kernelOverrides } = options;
    const matrixUnits = emulateMatrices ? undefined : matrixUnitsOf(offered, adapter.info as PathInfo);
    const hasMatrices = (matrixUnits ?? emulateMatrices) !== undefined;
    let path = choosePath(options.kernels ?? 'auto', found, hasMatrices);
    if ((options.kernels ?? 'auto') === 'auto' && found.kind === 'gpu') {
      const subject = { adapter: found.name, driver: description, kernelFolder, emulateMatrices };
      const proven = await provenPath(subject, candidatePaths(found.kind, hasMatrices));
      path = proven.path;
      if (proven.note) (options.onFallback ?? console.warn)(proven.note);
    }
    const used = matrixUnits ? [...USED_FEATURES, MATRIX_FEATURE] : USED_FEATURES;
    const features = offered.filter((feature) => used.includes(feature));
    const requiredLimits = Object.fromEntries(USED_LIMITS.map((name) => [name, adapter.limits[name]]));
    let device: GPUDevice;
    try {
      device = await adapter.requestDevice({
        requiredFeatures: features as GPUFeatureName[],
        requiredLimits,
      });
    } catch (error) {
      throw new DeviceError('no-device', `${found.name} gives no device: ${(error as Error).message}`);
    }
    const { subgroupMinSize: subgroupSize } = adapter.info as PathInfo;
    const summary = { ...found, vendor, architecture, description, features, offered, subgroupSize };
    return new Gpu(instance, device, summary, path, matrixUnits, options);
  }

  /**
   * A device without memory that runs nothing, for counting a program's memory and FLOPs: tensors and recordings can be
   * made on it, programs cannot run. The limits are WebGPU's widest by default.
   *
   * @param choices those of the device that will run the program: a product in parts takes memory for them
   */
  static planning(
    limits: Partial<DeviceLimits> = {},
    kind: 'gpu' | 'software' = 'gpu',
    path: KernelPath = 'f32',
    choices?: KernelChoices,
  ): Gpu {
    defineGlobals();
    const nothing = (): void => {};
    const device = {
      limits: {
        maxStorageBufferBindingSize: 2 ** 32 - 4,
        maxBufferSize: 2 ** 32,
        maxComputeWorkgroupsPerDimension: 65_535,
        maxComputeWorkgroupStorageSize: 49_152,
        ...limits,
      },
      features: new Set(),
      createBuffer: ({ size }: { size: number }) => ({ size, destroy: nothing }),
      createCommandEncoder: () => ({ clearBuffer: nothing, finish: nothing }),
      queue: { writeBuffer: nothing, submit: nothing },
      addEventListener: nothing,
      lost: new Promise(nothing),
      destroy: nothing,
    };
    // The choice of kernels, and with it the plan, depends on subgroups. Every adapter in use has subgroups.
    const none = { vendor: '', architecture: '', description: '', features: ['subgroups'], offered: [] };
    const summary = { name: 'no device', kind, driver: 'system' as const, ...none };
    return new Gpu(
      {} as GPU,
      device as unknown as GPUDevice,
      summary,
      path,
      path === 'tensor' ? 16 : undefined,
      { choices },
    );
  }

  /**
   * A tensor with its own memory, filled with `data` or zeros. Its dtype is that of `data` by default.
   *
   * @throws DeviceError `tensor-too-large` when the device has no buffer of that size
   */
  tensor(shape: Shape, data?: HostArray, options: TensorOptions = {}): Tensor {
    return newTensor(this, shape, data, options);
  }

  allocate(storage: Storage): void {
    storage.buffer = this.buffers.allocate(storage.label, storage.bytes);
  }

  clear({ buffer, offset, bytes }: Storage): void {
    const encoder = this.device.createCommandEncoder();
    encoder.clearBuffer(buffer!, offset, bytes);
    this.device.queue.submit([encoder.finish()]);
  }

  write(storage: Storage, bytes: ArrayBufferView): void {
    this.device.queue.writeBuffer(storage.buffer!, storage.offset, bytes as Uint8Array<ArrayBuffer>);
    this.#staged += bytes.byteLength;
    if (this.#staged < STAGED_BYTES) return;
    this.device.queue.submit([]);
    this.#staged = 0;
  }

  read(storage: Storage, bytes: number): Promise<ArrayBuffer> {
    return this.readBuffer(storage.buffer!, storage.offset, bytes);
  }

  release(storage: Storage): void {
    if (storage.buffer) this.buffers.release(storage.buffer);
    storage.buffer = undefined;
  }

  /**
   * Copies a range of a buffer to the host, after the work submitted so far.
   *
   * @throws DeviceError when anything has failed on the device, or it was closed
   */
  async readBuffer(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    this.throwIfFailed();
    const size = Math.ceil(bytes / 4) * 4;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = this.device.createBuffer({ label: 'staging', size, usage });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      this.throwIfFailed();
      return staging.getMappedRange().slice(0, bytes);
    } catch (error) {
      this.throwIfFailed();
      throw error;
    } finally {
      staging.destroy();
    }
  }

  /** Resolves when all submitted work is done. */
  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
    this.throwIfFailed();
  }

  /** Throws the first failure that the device reported, if any: errors on a GPU arrive late. */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * Destroys the device and frees its memory; reads that are still waiting fail. The process can then exit: Dawn keeps it
   * alive only while a callback is pending, or while a global such as `navigator.gpu` refers to its instance.
   */
  close(): void {
    this.#failure ??= new DeviceError('device-closed', `${this.adapter.name} was closed`);
    this.device.destroy();
  }
}

/** An error of a command that nobody waited for, such as an invalid dispatch. */
function failureOf(error: GPUError, adapter: string): DeviceError {
  const message = error.message.trim().replace(/\s*\n[\s-]*/g, ' ');
  if (error instanceof GPUOutOfMemoryError) {
    const advice = 'use a smaller batch, context or model';
    return new DeviceError('out-of-memory', `${adapter} is out of memory: ${advice} (${message})`);
  }
  const kind = error instanceof GPUValidationError ? 'found a command invalid' : 'had an internal error';
  return new DeviceError('gpu-error', `${adapter} ${kind}: ${message}`);
}
