import { ShapeError } from '../errors.js';
import type { Backend } from './backend.js';
import { BYTES_PER_ELEMENT, HALVES_PER_READ, HOST_ARRAYS, type DType, type HostArray } from './dtype.js';
import { packHalves, unpackHalves } from './half.js';
import { formatShape, sizeOf, type Shape } from './shape.js';
import { ALIGNMENT, Storage } from './storage.js';

export interface TensorOptions {
  dtype?: DType | undefined;
  label?: string | undefined;
  requiresGrad?: boolean | undefined;
}

/**
 * A dense row-major array on a GPU. A tensor from `Gpu.tensor` owns its memory until `dispose`. One that an op made
 * belongs to its recording, and gets its memory when the recording ends.
 */
export class Tensor {
  readonly dtype: DType;
  readonly label: string;
  /** Whether a gradient flows to this tensor. An op sets it on its result if it is set on any operand. */
  requiresGrad: boolean;
  /** Whether the host ever wrote it: tells initial values of parameters from the zeros of fresh memory. */
  isWritten = false;
  /** For a parameter: where `backward` writes its gradient. */
  grad: Tensor | undefined;
  /** For an f32 parameter: its f16 copy, which products read and the optimizer updates. */
  half: Tensor | undefined;
  /** The tensor that this is a view of. */
  #viewed: Tensor | undefined;
  /** For a parameter: throws if nothing gave it values. A program calls it before its first run. */
  assertValues: (() => void) | undefined;

  constructor(
    readonly gpu: Backend,
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
   * The same bytes under another shape, or a part of them: `shape` elements from element `start` on. A view is not an op:
   * gradients do not flow through it, and ops refuse a view of a tensor that requires one. Use `ops.reshape` there.
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
    const storage = new Storage(label, bytes, this.storage, offset);
    const view = new Tensor(this.gpu, shape, storage, { dtype: this.dtype, label });
    view.#viewed = this;
    view.assertValues = this.assertValues;
    return view;
  }

  /** Whether this is a view of a tensor that requires a gradient, and requires none. */
  get cutsGradient(): boolean {
    if (this.requiresGrad || !this.#viewed) return false;
    return this.#viewed.requiresGrad || this.#viewed.cutsGradient;
  }

  /**
   * Replaces the content of a tensor that owns its memory, or that a recording keeps.
   *
   * @throws ShapeError for data of another length or dtype
   */
  write(data: HostArray): void {
    if (data.length !== this.size) {
      throw new ShapeError(this.label, `holds ${this.size} elements, not ${data.length}`);
    }
    const host = this.dtype === 'f16' ? Float32Array : HOST_ARRAYS[this.dtype];
    if (!(data instanceof host)) {
      throw new ShapeError(
        this.label,
        `is ${this.dtype} and takes a ${host.name}, not a ${data.constructor.name}`,
      );
    }
    this.#assertMemory();
    this.gpu.write(this.storage, this.dtype === 'f16' ? packHalves(data as Float32Array) : data);
    this.isWritten = true;
  }

  /**
   * Waits for the work submitted so far and copies the content to the host.
   *
   * @throws ShapeError for a tensor of integers: see `readAs`
   */
  async read(): Promise<Float32Array> {
    if (this.dtype === 'u32' || this.dtype === 'i32') {
      throw new ShapeError(this.label, `is ${this.dtype}: read it with readAs('${this.dtype}')`);
    }
    return (await this.readAs('f32')) as Float32Array;
  }

  /** Like `read`, for any dtype. */
  async readAs(dtype: Exclude<DType, 'f16'>): Promise<HostArray> {
    this.#assertMemory();
    const bytes = await this.gpu.read(this.storage, this.bytes);
    return this.dtype === 'f16' ? unpackHalves(new Uint16Array(bytes)) : new HOST_ARRAYS[dtype](bytes);
  }

  /**
   * Frees the memory. The tensor must not be used afterwards.
   *
   * @throws ShapeError for a view, and for a tensor that a recording made: its program frees it
   */
  dispose(): void {
    if (this.storage.parent)
      throw new ShapeError(this.label, 'is a view: dispose of the tensor it looks into');
    if (this.storage.isPlanned)
      throw new ShapeError(this.label, 'belongs to a recording: dispose of its program');
    this.gpu.release(this.storage);
  }

  #assertMemory(): void {
    if (this.storage.buffer) return;
    throw new ShapeError(
      this.label,
      'has no memory: it was disposed of, or a recording made it and did not return it',
    );
  }
}

/**
 * A tensor with its own memory, filled with `data` or zeros. The dtype is that of `data` by default.
 *
 * @throws DeviceError `tensor-too-large` when the device has no buffer of that size
 */
export function newTensor(gpu: Backend, shape: Shape, data?: HostArray, options: TensorOptions = {}): Tensor {
  const label = options.label ?? 'tensor';
  const dtype =
    options.dtype ?? (data instanceof Uint32Array ? 'u32' : data instanceof Int32Array ? 'i32' : 'f32');
  const storage = new Storage(label, sizeOf(shape) * BYTES_PER_ELEMENT[dtype]);
  const tensor = new Tensor(gpu, shape, storage, { ...options, dtype, label });
  gpu.allocate(storage);
  if (data) tensor.write(data);
  else gpu.clear(storage);
  return tensor;
}
