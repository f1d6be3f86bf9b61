import type { Tensor } from '../tensor/tensor.js';
import { tensorSources } from '../nn/model-folder.js';
import type { TensorSource } from './safetensors.js';

/** Tensors as they were at one step. */
export interface Snapshot {
  sources: TensorSource[];
  /** Whether they are copies: then training may go on while they are written. */
  isHeld: boolean;
}

/** The share of the memory that is free which a snapshot may take. */
const SHARE_OF_MEMORY = 0.5;

/**
 * Copies tensors from the device to the host's memory. Where they would take more than half of what is free there, the
 * tensors themselves are returned: they are read one by one while they are written.
 */
export async function snapshot(
  tensors: ReadonlyMap<string, Tensor>,
  freeBytes = process.availableMemory(),
): Promise<Snapshot> {
  const sources = tensorSources(tensors);
  const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
  if (bytes > SHARE_OF_MEMORY * freeBytes) return { sources, isHeld: false };
  const held: TensorSource[] = [];
  for (const source of sources) {
    const values = await source.read();
    held.push({ ...source, read: () => values });
  }
  return { sources: held, isHeld: true };
}

/** What is to be written, and whether training may go on meanwhile. */
export interface Captured {
  write: () => Promise<void>;
  isHeld: boolean;
}

/**
 * Writes checkpoints one after another while training goes on, and counts the time that training waits for them. Two
 * wait to be written at the most: the best weights, and the checkpoint of the same step.
 */
export class Saver {
  #writing: Promise<void> = Promise.resolve();
  /** Ends when all but the last are written. */
  #before: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  #waitedMs = 0;

  constructor(private readonly now: () => number) {}

  /** Seconds that training has waited. */
  get waited(): number {
    return this.#waitedMs / 1000;
  }

  /**
   * Captures a state, and writes it after those before it.
   * @param capture undefined if there is nothing to write
   * @throws what an earlier write threw
   */
  async save(capture: () => Promise<Captured | undefined>): Promise<void> {
    const began = this.now();
    await this.#before;
    this.throwIfFailed();
    const captured = await capture();
    if (captured) {
      this.#before = this.#writing;
      this.#writing = this.#writing
        .then(() => (this.#failure ? undefined : captured.write()))
        .catch((error: unknown) => void (this.#failure ??= { error }));
      if (!captured.isHeld) await this.settled();
    }
    this.#waitedMs += this.now() - began;
  }

  /** @throws what a write in the background threw, as soon as that is known */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Resolves when everything is written. @throws what a write threw */
  async settled(): Promise<void> {
    await this.#writing;
    this.throwIfFailed();
  }
}
