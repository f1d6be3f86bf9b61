import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { record, type Program } from '../gpu/program.js';
import type { Decoder } from '../model/decoder.js';
import { appendToCache, attentionDecode, type KeyValueCache } from '../ops/attention-decode.js';
import { attention } from '../ops/attention.js';
import { TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import type { Tensor } from '../tensor.js';

/** Prompts are padded to a multiple of this, so that few lengths need a program of their own. */
const PREFILL_STEP = 32;

/**
 * One sequence being written: a cache of keys and values, a program for prompts of each length met, and one that
 * adds a single token. `prefill` starts anew, so one session serves any number of questions.
 */
export class DecodeSession {
  readonly #prefills = new Map<number, Prefill>();
  #length = 0;

  private constructor(
    readonly decoder: Decoder,
    /** The most tokens, prompt and answer together, that the cache holds. */
    readonly context: number,
    private readonly cache: readonly KeyValueCache[],
    /** [1] u32: positions in the cache. */
    private readonly lengths: Tensor,
    private readonly token: TokenBatch,
    private readonly stepProgram: Program<Tensor>,
  ) {}

  static async create(decoder: Decoder, context: number = decoder.config.context): Promise<DecodeSession> {
    const { gpu, config } = decoder;
    if (!(context >= 1 && context <= config.context)) {
      throw new ShapeError('decode', `context is ${context} and the model's is ${config.context}`);
    }
    const shape = [1, config.nHead, context, config.width / config.nHead];
    const lengths = gpu.tensor([1], undefined, { dtype: 'u32', label: 'cache length' });
    const cache = Array.from({ length: config.nLayer }, (_, layer) => ({
      keys: gpu.tensor(shape, undefined, { label: `keys ${layer}` }),
      values: gpu.tensor(shape, undefined, { label: `values ${layer}` }),
      lengths,
    }));
    const token = new TokenBatch(gpu, [1, 1], config.vocabSize);
    const stepProgram = await record(gpu, () => {
      const hidden = decoder.hidden(token, (layer, qkv) => {
        const rotated = decoder.rotate(qkv, lengths);
        appendToCache(rotated, cache[layer]!);
        return attentionDecode(rotated, cache[layer]!);
      });
      return decoder.logits(hidden);
    });
    return new DecodeSession(decoder, context, cache, lengths, token, stepProgram);
  }

  /** Positions in the cache. */
  get length(): number {
    return this.#length;
  }

  /**
   * Forgets what was there and reads a prompt.
   *
   * @returns the logits [V] of the token that follows it
   * @throws ShapeError for an empty prompt, or one longer than the context
   */
  async prefill(prompt: Uint32Array): Promise<Float32Array> {
    if (prompt.length === 0 || prompt.length > this.context) {
      throw new ShapeError('decode', `the prompt has ${prompt.length} tokens: 1 to ${this.context} fit`);
    }
    const T = Math.min(this.context, Math.ceil(prompt.length / PREFILL_STEP) * PREFILL_STEP);
    let prefill = this.#prefills.get(T);
    if (!prefill) {
      prefill = await this.#recordPrefill(T);
      this.#prefills.set(T, prefill);
    }
    // What stands behind the prompt is attended to by nothing before it, and later tokens overwrite its keys.
    const padded = new Uint32Array(T);
    padded.set(prompt);
    this.lengths.write(Uint32Array.of(0));
    prefill.batch.write(padded);
    prefill.last.write(Uint32Array.of(prompt.length - 1));
    prefill.program.run();
    this.#setLength(prompt.length);
    return prefill.program.outputs.read();
  }

  /**
   * Adds one token.
   *
   * @returns the logits [V] of the token that follows
   * @throws ShapeError when the cache is full or no prompt was read
   */
  async step(token: number): Promise<Float32Array> {
    if (this.#length === 0) throw new ShapeError('decode', 'a prompt comes first: call prefill');
    if (this.#length >= this.context)
      throw new ShapeError('decode', `the cache is full: ${this.context} tokens`);
    this.token.write(Uint32Array.of(token));
    this.stepProgram.run();
    this.#setLength(this.#length + 1);
    return this.stepProgram.outputs.read();
  }

  #setLength(length: number): void {
    this.#length = length;
    this.lengths.write(Uint32Array.of(length));
  }

  async #recordPrefill(T: number): Promise<Prefill> {
    const { decoder, cache } = this;
    const gpu: Gpu = decoder.gpu;
    const batch = new TokenBatch(gpu, [1, T], decoder.config.vocabSize);
    const last = gpu.tensor([1], undefined, { dtype: 'u32', label: 'last row' });
    const program = await record(gpu, () => {
      const hidden = decoder.hidden(batch, (layer, qkv) => {
        const rotated = decoder.rotate(qkv);
        appendToCache(rotated, cache[layer]!);
        return attention(rotated, decoder.config);
      });
      return decoder.logits(gatherRows(hidden, last));
    });
    return { batch, last, program };
  }

  dispose(): void {
    for (const { batch, last, program } of this.#prefills.values()) {
      program.dispose();
      batch.dispose();
      last.dispose();
    }
    this.stepProgram.dispose();
    this.token.dispose();
    this.cache.forEach(({ keys, values }) => [keys, values].forEach((tensor) => tensor.dispose()));
    this.lengths.dispose();
  }
}

interface Prefill {
  batch: TokenBatch;
  /** [1] u32: the prompt's last row, whose logits are wanted. */
  last: Tensor;
  program: Program<Tensor>;
}
