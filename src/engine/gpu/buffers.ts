import { DeviceError } from '../errors.js';
import { tooLarge } from '../tensor/recording.js';
import { alignUp } from '../tensor/storage.js';

/** Owns all GPU memory of a device: counts it, refuses buffers that are too large, and reuses released ones. */
export class BufferPool {
  /** Bytes in use now, and their peak. Buffers that wait for reuse are not in use. */
  liveBytes = 0;
  peakBytes = 0;
  readonly #free = new Map<number, GPUBuffer[]>();
  readonly #used = new Set<GPUBuffer>();

  constructor(
    readonly device: GPUDevice,
    readonly limits: { readonly maxBufferSize: number } = device.limits,
  ) {}

  /**
   * A storage buffer of at least `bytes`; its content is undefined.
   *
   * @throws DeviceError `tensor-too-large` naming the tensor, its bytes and the limit
   */
  allocate(label: string, bytes: number): GPUBuffer {
    const size = alignUp(Math.max(bytes, 1));
    this.assertFits(label, size);
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = this.#free.get(size)?.pop() ?? this.device.createBuffer({ label, size, usage });
    this.#used.add(buffer);
    return buffer;
  }

  /** @throws DeviceError `tensor-too-large` when no buffer of this adapter has so many bytes */
  assertFits(label: string, bytes: number): void {
    const { maxBufferSize } = this.limits;
    if (bytes > maxBufferSize) throw tooLarge(label, bytes, `a buffer of this adapter has`, maxBufferSize);
  }

  /**
   * Takes a buffer back. Commands that were submitted before still find their bytes in it.
   *
   * @throws DeviceError `not-allocated` for a buffer that is not in use: releasing it twice would give it to two owners
   */
  release(buffer: GPUBuffer): void {
    if (!this.#used.delete(buffer)) {
      throw new DeviceError('not-allocated', `buffer ${buffer.label} is not in use: it was released before`);
    }
    this.liveBytes -= buffer.size;
    const waiting = this.#free.get(buffer.size);
    if (waiting) waiting.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }

  /** Destroys all buffers that wait for reuse. */
  trim(): void {
    for (const waiting of this.#free.values()) waiting.forEach((buffer) => buffer.destroy());
    this.#free.clear();
  }

  resetPeak(): void {
    this.peakBytes = this.liveBytes;
  }
}
