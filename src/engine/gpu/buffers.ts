import { DeviceError } from '../errors.js';

/**
 * A place for a tensor's bytes: a GPU buffer, or a range of another storage. Inside a recording the buffer is not
 * known yet: the memory plan assigns it when the recording ends.
 */
export class Storage {
  #buffer: GPUBuffer | undefined;

  constructor(
    readonly label: string,
    readonly bytes: number,
    readonly parent?: Storage,
    /** Bytes from the start of the parent; a multiple of `ALIGNMENT`. */
    readonly offsetInParent = 0,
  ) {}

  /** The storage that has memory of its own. */
  get root(): Storage {
    return this.parent?.root ?? this;
  }

  get buffer(): GPUBuffer | undefined {
    return this.root.#buffer;
  }

  set buffer(buffer: GPUBuffer | undefined) {
    this.root.#buffer = buffer;
  }

  /** Bytes from the start of `buffer`. */
  get offset(): number {
    return this.parent ? this.parent.offset + this.offsetInParent : 0;
  }
}

/** Every storage range starts and ends on this many bytes: WebGPU's largest offset alignment. */
export const ALIGNMENT = 256;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Owns all GPU memory of a device: counts it, refuses what the device cannot bind, and reuses what is given back. */
export class BufferPool {
  /** Bytes in use now, and the most that were in use at once. Buffers waiting for reuse are not in use. */
  liveBytes = 0;
  peakBytes = 0;
  readonly #free = new Map<number, GPUBuffer[]>();

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
    const reused = this.#free.get(size)?.pop();
    if (reused) return reused;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ label, size, usage });
  }

  /** @throws DeviceError `tensor-too-large` where no buffer of this adapter has so many bytes */
  assertFits(label: string, bytes: number): void {
    const { maxBufferSize } = this.limits;
    if (bytes > maxBufferSize) throw tooLarge(label, bytes, `a buffer of this adapter has`, maxBufferSize);
  }

  /** Gives a buffer back; commands that were submitted before still find their bytes in it. */
  release(buffer: GPUBuffer): void {
    this.liveBytes -= buffer.size;
    const waiting = this.#free.get(buffer.size);
    if (waiting) waiting.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }

  /** Destroys the buffers that wait for reuse. */
  trim(): void {
    for (const waiting of this.#free.values()) waiting.forEach((buffer) => buffer.destroy());
    this.#free.clear();
  }

  resetPeak(): void {
    this.peakBytes = this.liveBytes;
  }
}

/** A tensor is over a limit of the adapter, and the op has no way to take it in parts. */
export function tooLarge(label: string, bytes: number, who: string, limit: number): DeviceError {
  return new DeviceError(
    'tensor-too-large',
    `${label} needs ${formatBytes(bytes)}, and ${who} at most ${formatBytes(limit)}; ` +
      'use a smaller batch, context or model',
  );
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
