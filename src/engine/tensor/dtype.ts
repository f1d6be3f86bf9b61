/** f16 is a storage format: kernels unpack it and compute in f32, except for matrix units, which multiply it. */
export type DType = 'f32' | 'f16' | 'u32' | 'i32';

/** Bytes of one element. */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { f32: 4, f16: 2, u32: 4, i32: 4 };

/** Rows of f16 have a multiple of this many elements: 16 bytes, which kernels read and write at once. */
export const HALVES_PER_READ = 8;

/** f16 is f32 on the host: JavaScript (Node 20) has no array of f16. */
export type HostArray = Float32Array | Uint32Array | Int32Array;

export const HOST_ARRAYS = { f32: Float32Array, u32: Uint32Array, i32: Int32Array } as const;

/**
 * How matrices and activations are stored and multiplied:
 * - `f32`: everything in f32;
 * - `f16`: activations and a copy of the weights in f16; products and sums in f32;
 * - `tensor`: stored like `f16`, multiplied by the adapter's matrix units, which take f16 and sum in f32.
 */
export type KernelPath = 'f32' | 'f16' | 'tensor';

export const KERNEL_PATHS: readonly KernelPath[] = ['f32', 'f16', 'tensor'];
