import type { KernelPath } from './dtype.js';
import type { Storage } from './storage.js';

/** The limits that decide how work is split. */
export interface DeviceLimits {
  /** Bytes that one binding of a kernel can cover. */
  maxStorageBufferBindingSize: number;
  /** Bytes of one buffer; several dispatches may bind parts of it. */
  maxBufferSize: number;
  maxComputeWorkgroupsPerDimension: number;
  /** Bytes of workgroup memory. */
  maxComputeWorkgroupStorageSize: number;
}

/** One pipeline of a kernel file: flags select code and size arrays, constants set `override` numbers. */
export interface KernelVariant {
  flags?: Readonly<Record<string, boolean | number>> | undefined;
  constants?: Readonly<Record<string, number>> | undefined;
}

export interface KernelBinding {
  name: string;
  binding: number;
  access: 'read' | 'read_write';
}

/** A kernel as a recording sees it; `Kernel` in gpu/kernel.ts implements it. */
export interface KernelHandle {
  /** File name and variant. */
  readonly label: string;
  /** Storage buffers, in the order in which a dispatch binds them. */
  readonly bindings: readonly KernelBinding[];
  readonly workgroupSize: readonly [number, number, number];
}

/** What a device prefers to the order in the tables of variants; see `chooseVariant`. */
export interface KernelChoices {
  /** Names of variants, used wherever they can. */
  readonly preferred: readonly string[];
  /** The fastest variant by op and shape, as measured on this device. */
  readonly stored: ReadonlyMap<string, string>;
  /** How many workgroups run at once, if known: WebGPU does not say. */
  readonly multiprocessors?: number | undefined;
}

/**
 * The device as tensors and ops see it; `Gpu` implements it. Tensors, recordings and autograd know only this interface,
 * so none of them calls WebGPU.
 */
export interface Backend {
  readonly limits: Readonly<DeviceLimits>;
  readonly path: KernelPath;
  readonly adapter: {
    readonly name: string;
    readonly kind: 'gpu' | 'software';
    readonly features: readonly string[];
    /** The least number of lanes in a subgroup, if known. */
    readonly subgroupSize?: number | undefined;
  };
  readonly choices?: KernelChoices | undefined;
  /** Flags of the kernels for matrix units: whether there are any, and of which size. */
  readonly matrixFlags: { readonly MATRIX: boolean; readonly MATRIX_8: boolean };
  readonly kernels: { get(name: string, variant?: KernelVariant): KernelHandle };
  /** Allocates memory for a storage; its content is undefined. */
  allocate(storage: Storage): void;
  /** Fills a storage that has memory with zero bytes. */
  clear(storage: Storage): void;
  /** Replaces the bytes of a storage that has memory. */
  write(storage: Storage, bytes: ArrayBufferView): void;
  /** Copies bytes of a storage to the host once the work submitted so far is done. */
  read(storage: Storage, bytes: number): Promise<ArrayBuffer>;
  /** Frees the memory of a storage. */
  release(storage: Storage): void;
}
