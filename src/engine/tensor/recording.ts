import { formatBytes } from '../../base/format-bytes.js';
import { DeviceError } from '../errors.js';
import type { Backend, KernelHandle } from './backend.js';
import { BYTES_PER_ELEMENT, type DType } from './dtype.js';
import type { Grid } from './grid.js';
import { formatShape, sizeOf, type Shape } from './shape.js';
import { Storage } from './storage.js';
import { Tensor } from './tensor.js';

export interface RecordedDispatch {
  kernel: KernelHandle;
  /** In the order of the kernel's bindings. */
  tensors: Tensor[];
  params: Readonly<Record<string, number>>;
  grid: Grid;
  /** FLOPs and bytes, as the op counts them, for the profile. */
  work: Work;
  /** The op that recorded it, if known. */
  origin?: Origin | undefined;
}

/** The place in a model where a dispatch was recorded. */
export interface Origin {
  op: string;
  phase: 'forward' | 'backward' | 'update';
  /** Module path, as `Recorder.within` builds it: `layers.3`; empty at the top. */
  path: string;
}

export interface Work {
  flops?: number | undefined;
  bytes?: number | undefined;
}

/** The first and last dispatch that uses a storage. A kept storage lives to the end. */
export interface Lifetime {
  storage: Storage;
  first: number;
  last: number;
}

/** Collects the dispatches of ops while `record` runs its body. */
export class Recorder {
  readonly dispatches: RecordedDispatch[] = [];
  readonly #made = new Set<Storage>();
  #path = '';
  /** Dispatches before this one have an origin. */
  #attributed = 0;

  constructor(readonly gpu: Backend) {}

  /** The current module path. */
  get path(): string {
    return this.#path;
  }

  /** Runs `body` under a longer module path; nested parts are joined by dots. Only messages use the path. */
  within<T>(part: string, body: () => T): T {
    const outer = this.#path;
    this.#path = outer ? `${outer}.${part}` : part;
    try {
      return body();
    } finally {
      this.#path = outer;
    }
  }

  /** Gives every dispatch since the last call its origin. */
  attribute(op: string, phase: Origin['phase'], path = this.#path): void {
    const origin = { op, phase, path };
    for (const dispatch of this.dispatches.slice(this.#attributed)) dispatch.origin = origin;
    this.#attributed = this.dispatches.length;
  }

  /** A tensor whose memory the plan assigns. Its content is undefined until a dispatch writes it. */
  tensor(shape: Shape, label: string, dtype: DType = 'f32'): Tensor {
    const storage = new Storage(label, sizeOf(shape) * BYTES_PER_ELEMENT[dtype]);
    storage.isPlanned = true;
    this.#made.add(storage);
    return new Tensor(this.gpu, shape, storage, { dtype, label });
  }

  /** Appends one dispatch; tensors are bound by the names that the kernel's WGSL gives its buffers. */
  dispatch(
    kernel: KernelHandle,
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
      if (tensor.gpu !== this.gpu) {
        throw new DeviceError(
          'other-device',
          `${kernel.label}: ${tensor.label} ${formatShape(tensor.shape)} is on another Gpu than the recording`,
        );
      }
      if (!this.#made.has(tensor.storage.root)) assertMemory(kernel, tensor);
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

  /** The storages that the dispatches bind and that were made elsewhere, such as inputs and parameters. */
  inputs(): Set<Storage> {
    const roots = this.dispatches.flatMap(({ tensors }) => tensors.map(({ storage }) => storage.root));
    return new Set(roots.filter((root) => !this.#made.has(root)));
  }

  /** Checks of the parameters that the dispatches read; see `Tensor.assertValues`. */
  valueChecks(): Set<() => void> {
    const checks = new Set<() => void>();
    for (const { kernel, tensors } of this.dispatches) {
      tensors.forEach(({ assertValues }, slot) => {
        if (assertValues && kernel.bindings[slot]!.access === 'read') checks.add(assertValues);
      });
    }
    return checks;
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

/** @throws DeviceError `disposed` for a tensor without memory */
export function assertMemory(kernel: KernelHandle, tensor: Tensor): void {
  if (tensor.storage.buffer) return;
  throw new DeviceError(
    'disposed',
    `${kernel.label}: ${tensor.label} ${formatShape(tensor.shape)} has no memory: ` +
      'it was disposed of, or another recording made it and did not return it',
  );
}

/** A tensor exceeds a limit of the adapter, and the op cannot split it. */
export function tooLarge(label: string, bytes: number, who: string, limit: number): DeviceError {
  return new DeviceError(
    'tensor-too-large',
    `${label} needs ${formatBytes(bytes)}, and ${who} at most ${formatBytes(limit)}; ` +
      'use a smaller batch, context or model',
  );
}
