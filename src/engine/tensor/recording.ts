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
  /** Whether it computes again, in the backward pass, what the forward pass did not keep. */
  isRecomputed: boolean;
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

/** What `recompute` sees of a recording, and changes in it, while its body runs. */
export interface Watcher {
  /** Whether the body runs again: its dispatches compute what the forward pass did not keep. */
  readonly isRerun: boolean;
  /** The storage for a new tensor: a new one from `make`, or one that was kept. */
  place(bytes: number, make: () => Storage): Storage;
  /** @returns whether the recording takes the dispatch @throws EngineError when the body cannot run twice */
  admit(dispatch: RecordedDispatch): boolean;
}

/** Collects the dispatches of ops while `record` runs its body. */
export class Recorder {
  readonly dispatches: RecordedDispatch[] = [];
  watcher: Watcher | undefined;
  readonly #made = new Set<Storage>();
  #path = '';
  #numbers = 0;
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

  /** Numbers from 0 on, for ops whose results depend on their place in the recording. Running them again repeats them. */
  nextNumber(): number {
    return this.#numbers++;
  }

  /** A function that runs a body under the path and with the numbers of now. */
  bookmark(): <T>(body: () => T) => T {
    const [path, numbers] = [this.#path, this.#numbers];
    return (body) => {
      const outer = [this.#path, this.#numbers] as const;
      [this.#path, this.#numbers] = [path, numbers];
      try {
        return body();
      } finally {
        [this.#path, this.#numbers] = outer;
      }
    };
  }

  /** Gives every dispatch since the last call its origin. */
  attribute(op: string, phase: Origin['phase'], path = this.#path): void {
    const origin = { op, phase, path };
    for (const dispatch of this.dispatches.slice(this.#attributed)) dispatch.origin = origin;
    this.#attributed = this.dispatches.length;
  }

  /** A tensor whose memory the plan assigns. Its content is undefined until a dispatch writes it. */
  tensor(shape: Shape, label: string, dtype: DType = 'f32'): Tensor {
    const bytes = sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
    const make = (): Storage => {
      const storage = new Storage(label, bytes);
      storage.isPlanned = true;
      this.#made.add(storage);
      return storage;
    };
    const storage = this.watcher ? this.watcher.place(bytes, make) : make();
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
    const isRecomputed = this.watcher?.isRerun ?? false;
    const dispatch = { kernel, tensors: bound, params, grid, work, isRecomputed };
    if (this.watcher?.admit(dispatch) ?? true) this.dispatches.push(dispatch);
  }

  /** Drops what was recomputed and nobody reads, such as the result of a recomputed block. */
  dropUnused(kept: ReadonlySet<Storage>): void {
    if (!this.dispatches.some(({ isRecomputed }) => isRecomputed)) return;
    const needed = new Set(kept);
    const live = this.dispatches
      .slice()
      .reverse()
      .filter(({ kernel, tensors, isRecomputed }) => {
        const roots = tensors.map(({ storage }) => storage.root);
        const isNeeded = roots.some(
          (root, slot) => kernel.bindings[slot]!.access === 'read_write' && needed.has(root),
        );
        if (isRecomputed && !isNeeded) return false;
        roots.forEach((root) => needed.add(root));
        return true;
      });
    this.dispatches.splice(0, Infinity, ...live.reverse());
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
