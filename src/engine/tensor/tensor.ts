import { ShapeError } from '../errors.js';
import { packHalves, unpackHalves } from './half.js';
import type { Gpu } from '../gpu/device.js';
import { ALIGNMENT, Storage } from '../gpu/buffers.js';

/** f16 is storage alone: kernels unpack it and compute in f32, save the matrix units that multiply it. */
export type DType = 'f32' | 'f16' | 'u32' | 'i32';
export type Shape = readonly number[];

/** Bytes of one element. */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { f32: 4, f16: 2, u32: 4, i32: 4 };

/** Rows of f16 hold a multiple of this many elements: 16 bytes, which kernels read and write at once. */
export const HALVES_PER_READ = 8;

/** f16 comes and goes as f32: the host has no such array. */
type HostArray = Float32Array | Uint32Array | Int32Array;

const HOST_ARRAYS = { f32: Float32Array, u32: Uint32Array, i32: Int32Array } as const;

export interface TensorOptions {
  dtype?: DType;
  label?: string;
  requiresGrad?: boolean;
}

/**
 * A dense row-major array on a GPU. A tensor made by `Gpu.tensor` owns its memory until `dispose`; one made by an op
 * lives in the recording that made it, and its memory is planned when the recording ends.
 */
export class Tensor {
  readonly dtype: DType;
  readonly label: string;
  /** Whether a gradient flows to this tensor. Ops set it on their result when any operand has it. */
  requiresGrad: boolean;
  /** Of a parameter: where `backward` leaves its gradient. */
  grad: Tensor | undefined;
  /** Of a parameter in f32: its copy in f16, which products read; kept up to date by the optimizer. */
  half: Tensor | undefined;

  constructor(
    readonly gpu: Gpu,
    readonly shape: Shape,
    readonly storage: Storage,
    options: TensorOptions = {},
  ) {
    this.dtype = options.dtype ?? 'f32';
    this.label = options.label ?? storage.label;
    this.requiresGrad = options.requiresGrad ?? false;
    if (!shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new ShapeError(
        this.label,
        `a tensor's extents are whole and positive, not ${formatShape(shape)}`,
      );
    }
    if (this.dtype === 'f16' && this.columns % HALVES_PER_READ !== 0) {
      throw new ShapeError(
        this.label,
        `is ${formatShape(shape)} in f16: its last axis must be a multiple of ${HALVES_PER_READ}`,
      );
    }
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get bytes(): number {
    return this.size * BYTES_PER_ELEMENT[this.dtype];
  }

  /** Length of the last axis. */
  get columns(): number {
    return this.shape.at(-1) ?? 1;
  }

  /** All axes but the last, as one. */
  get rows(): number {
    return this.size / this.columns;
  }

  /**
   * The same bytes under another shape, or a part of them: `shape` elements from element `start` on. A view is no op:
   * gradients do not flow through it.
   *
   * @throws ShapeError when the part reaches past the end, or starts where the GPU cannot bind it
   */
  view(shape: Shape, start = 0, label = this.label): Tensor {
    const bytes = sizeOf(shape) * BYTES_PER_ELEMENT[this.dtype];
    const offset = start * BYTES_PER_ELEMENT[this.dtype];
    if (offset + bytes > this.bytes || offset % ALIGNMENT !== 0) {
      throw new ShapeError(
        this.label,
        `a view ${formatShape(shape)} from element ${start} of ${formatShape(this.shape)} must lie inside it and ` +
          `start at a multiple of ${ALIGNMENT} bytes`,
      );
    }
    return new Tensor(this.gpu, shape, new Storage(label, bytes, this.storage, offset), {
      dtype: this.dtype,
      label,
    });
  }

  /** Replaces the content; only for tensors that own their memory, or that a recording keeps. */
  write(data: HostArray): void {
    if (data.length !== this.size) {
      throw new ShapeError(this.label, `holds ${this.size} elements, not ${data.length}`);
    }
    const { device } = this.gpu;
    const bytes = this.dtype === 'f16' ? packHalves(data as Float32Array) : data;
    device.queue.writeBuffer(this.#buffer(), this.storage.offset, bytes as Float32Array<ArrayBuffer>);
  }

  /** Waits for the work submitted so far and copies the content to the host. */
  async read(): Promise<Float32Array> {
    return (await this.readAs('f32')) as Float32Array;
  }

  /** As `read`, for any dtype. */
  async readAs(dtype: Exclude<DType, 'f16'>): Promise<HostArray> {
    const bytes = await this.gpu.readBuffer(this.#buffer(), this.storage.offset, this.bytes);
    return this.dtype === 'f16' ? unpackHalves(new Uint16Array(bytes)) : new HOST_ARRAYS[dtype](bytes);
  }

  /** Gives the memory back. The tensor must not be used afterwards. */
  dispose(): void {
    if (this.storage.parent)
      throw new ShapeError(this.label, 'is a view: dispose of the tensor it looks into');
    if (this.storage.buffer) this.gpu.buffers.release(this.storage.buffer);
    this.storage.buffer = undefined;
  }

  #buffer(): GPUBuffer {
    if (!this.storage.buffer) {
      throw new ShapeError(
        this.label,
        'has no memory: disposed of, or made in a recording that did not return it',
      );
    }
    return this.storage.buffer;
  }
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
