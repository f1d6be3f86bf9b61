import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import type { Tensor } from '../tensor/tensor.js';

/** Bytes for masks on the GPU, unless two masks per sequence need more. */
const ROOM = 1 << 20;

/**
 * Masks on the GPU. A grammar hands out the same array for the same state, so an array that was uploaded once costs
 * nothing the next time. The oldest masks make room for new ones.
 */
export class MaskStore {
  /** [slots, W] u32; slot 0 allows every token. */
  readonly masks: Tensor;
  readonly #words: number;
  readonly #slots: number;
  readonly #slotOf = new Map<Uint32Array, number>();
  readonly #content: (Uint32Array | undefined)[];
  #next = 1;
  /** Masks that had to be uploaded, and masks that were on the GPU already. */
  uploads = 0;
  hits = 0;
  /** Host time spent on both, milliseconds. */
  ms = 0;

  constructor(
    private readonly gpu: Gpu,
    vocabSize: number,
    /** Sequences that may each hold a mask at once. */
    sequences: number,
  ) {
    this.#words = Math.ceil(vocabSize / 32);
    const room = Math.min(ROOM, gpu.limits.maxStorageBufferBindingSize);
    this.#slots = Math.max(1 + 2 * sequences, Math.floor(room / (4 * this.#words)));
    this.masks = gpu.tensor([this.#slots, this.#words], undefined, { dtype: 'u32', label: 'token masks' });
    this.#content = new Array<Uint32Array | undefined>(this.#slots);
    this.#upload(0, new Uint32Array(this.#words).fill(0xffff_ffff));
  }

  /**
   * The slots of one step's masks; 0 for no mask.
   * @throws ShapeError when a mask allows no token
   */
  slotsOf(masks: readonly (Uint32Array | undefined)[]): number[] {
    const start = performance.now();
    const slots = masks.map((mask) => (mask === undefined ? 0 : this.#slotFor(mask, masks)));
    this.ms += performance.now() - start;
    return slots;
  }

  #slotFor(mask: Uint32Array, needed: readonly (Uint32Array | undefined)[]): number {
    const known = this.#slotOf.get(mask);
    if (known !== undefined) {
      this.hits++;
      return known;
    }
    if (mask.every((word) => word === 0)) throw new ShapeError('sampler', 'the mask allows no token');
    const slot = this.#freeSlot(needed);
    this.#slotOf.set(mask, slot);
    this.#content[slot] = mask;
    this.#upload(slot, mask);
    this.uploads++;
    return slot;
  }

  /** The oldest slot that this step does not need. */
  #freeSlot(needed: readonly (Uint32Array | undefined)[]): number {
    for (;;) {
      const slot = this.#next;
      this.#next = slot + 1 < this.#slots ? slot + 1 : 1;
      const old = this.#content[slot];
      if (old !== undefined && needed.includes(old)) continue;
      if (old !== undefined) this.#slotOf.delete(old);
      return slot;
    }
  }

  /** Words that a mask lacks are zeros: the head may have more rows than the tokenizer has tokens. */
  #upload(slot: number, mask: Uint32Array): void {
    const words = new Uint32Array(this.#words);
    words.set(mask.subarray(0, this.#words));
    const { buffer, offset } = this.masks.storage;
    this.gpu.device.queue.writeBuffer(buffer!, offset + 4 * slot * this.#words, words);
  }

  dispose(): void {
    this.masks.dispose();
  }
}
