/** Every storage range starts and ends on this many bytes: WebGPU's largest offset alignment. */
export const ALIGNMENT = 256;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * The place of a tensor's bytes: a GPU buffer, or a range of another storage. A storage of a recording has no buffer until
 * the recording ends and the memory plan assigns one.
 */
export class Storage {
  #buffer: GPUBuffer | undefined;
  /** Whether a recording made it: its program owns the memory, which other storages may share. */
  isPlanned = false;

  constructor(
    readonly label: string,
    readonly bytes: number,
    readonly parent?: Storage,
    /** Bytes from the start of the parent; a multiple of `ALIGNMENT`. */
    readonly offsetInParent = 0,
  ) {}

  /** The outermost storage, which owns the memory. */
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
