import { ShapeError } from '../errors.js';
import type { DispatchTime } from '../gpu/profile.js';
import { record, type Program } from '../gpu/program.js';
import type { Decoder } from '../nn/decoder.js';
import { appendToCache, attentionDecode, type KeyValueCache } from '../ops/attention/decode.js';
import { attention } from '../ops/attention/attention.js';
import { TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import type { Tensor } from '../tensor/tensor.js';
import { MaskStore } from './mask-store.js';
import { MAX_SEQUENCES, reorderCache } from './reorder-cache.js';
import type { Pick } from './select-tokens.js';
import { Stage, type Ask } from './stage.js';

/** Prompts are padded to a multiple of this, so that few lengths need a program of their own. */
const PREFILL_STEP = 32;

export interface SessionOptions {
  /** The most tokens, prompt and answer together, that the cache holds; the model's context unless told. */
  context?: number;
  /** B: texts that are written side by side from one prompt (default 1, at most 16). */
  sequences?: number;
  /** The likeliest tokens that each step tells of a sequence (default 1). */
  ranks?: number;
}

/**
 * Sequences being written from one prompt: a cache of keys and values, a program for prompts of each length met, and
 * one that adds a token to every sequence. `open` starts anew, so one session serves any number of questions.
 *
 * `open` and `write` hand work to the GPU and do not wait for it; `pick` and `logits` tell what follows. Whoever makes
 * masks does so between the two, while the GPU computes. Masks are applied and tokens chosen on the GPU; logits are
 * read back only for who asks for them.
 */
export class DecodeSession {
  readonly #readers = new Map<number, PromptReader>();
  #length = 0;
  #promptLength = 0;
  /** What computed the latest logits. */
  #latest: Stage | undefined;

  private constructor(
    readonly decoder: Decoder,
    readonly options: Readonly<Required<SessionOptions>>,
    private readonly state: State,
    private readonly step: Stage,
    private readonly reorderProgram: Program<void> | undefined,
  ) {}

  /**
   * For weights as they are now: their copies in f16, where the device's path has them, are made here.
   *
   * @throws ShapeError for a context beyond the model's, or too many sequences
   */
  static async create(decoder: Decoder, given: SessionOptions = {}): Promise<DecodeSession> {
    const { gpu, config } = decoder;
    const { context = config.context, sequences = 1, ranks = 1 } = given;
    if (!(context >= 1 && context <= config.context)) {
      throw new ShapeError('decode', `context is ${context} and the model's is ${config.context}`);
    }
    if (!(sequences >= 1 && sequences <= MAX_SEQUENCES)) {
      throw new ShapeError('decode', `${sequences} sequences: 1 to ${MAX_SEQUENCES} are possible`);
    }
    await decoder.parameters.refreshHalves();
    const state = newState(decoder, { context, sequences, ranks });
    const { cache, lengths, token, masks, parents, span } = state;
    const forward = await record(gpu, () => {
      const hidden = decoder.hidden(token, (layer, qkv) => {
        const rotated = decoder.rotate(qkv, lengths);
        appendToCache(rotated, cache[layer]!);
        return attentionDecode(rotated, cache[layer]!);
      });
      return decoder.logits(hidden);
    });
    const step = await Stage.create(forward, masks, ranks);
    const reorder =
      sequences === 1
        ? undefined
        : await record(gpu, () => cache.forEach((layer) => reorderCache(layer, parents, span)));
    return new DecodeSession(decoder, { context, sequences, ranks }, state, step, reorder);
  }

  get context(): number {
    return this.options.context;
  }

  get sequences(): number {
    return this.options.sequences;
  }

  get ranks(): number {
    return this.options.ranks;
  }

  /** Positions in the cache. */
  get length(): number {
    return this.#length;
  }

  /** How often a mask was found on the GPU, how often it was not, and the host's milliseconds for both. */
  get maskUse(): { hits: number; uploads: number; ms: number } {
    const { hits, uploads, ms } = this.state.masks;
    return { hits, uploads, ms };
  }

  /**
   * Forgets what was there and reads a prompt, for every sequence.
   *
   * @throws ShapeError for an empty prompt, or one longer than the context
   */
  async open(prompt: Uint32Array): Promise<void> {
    if (prompt.length === 0 || prompt.length > this.context) {
      throw new ShapeError('decode', `the prompt has ${prompt.length} tokens: 1 to ${this.context} fit`);
    }
    const T = Math.min(this.context, Math.ceil(prompt.length / PREFILL_STEP) * PREFILL_STEP);
    let reader = this.#readers.get(T);
    if (!reader) {
      reader = await this.#recordReader(T);
      this.#readers.set(T, reader);
    }
    // What stands behind the prompt is attended to by nothing before it, and later tokens overwrite its keys.
    const padded = new Uint32Array(T);
    padded.set(prompt);
    this.#setLength(0);
    reader.batch.write(padded);
    reader.last.write(Uint32Array.of(prompt.length - 1));
    reader.stage.forward.run();
    this.#latest = reader.stage;
    this.#setLength(prompt.length);
    this.#promptLength = prompt.length;
    if (this.sequences > 1) this.#reorder(new Array<number>(this.sequences).fill(0), 0);
  }

  /**
   * Adds a token to each of the first sequences; what the others hold is undefined until `reorder` fills them.
   *
   * @param tokens at most one for each sequence
   * @throws ShapeError when the cache is full or no prompt was read
   */
  write(tokens: readonly number[]): void {
    const { token } = this.state;
    if (this.#length === 0) throw new ShapeError('decode', 'a prompt comes first: call open');
    if (this.#length >= this.context)
      throw new ShapeError('decode', `the cache is full: ${this.context} tokens`);
    if (tokens.length > this.sequences) {
      throw new ShapeError('decode', `${tokens.length} tokens for ${this.sequences} sequences`);
    }
    const outside = tokens.find((id) => !(id < token.vocabSize));
    if (outside !== undefined) {
      throw new ShapeError('decode', `token ${outside} is outside the vocabulary of ${token.vocabSize}`);
    }
    // Only the tokens themselves: the rest of a TokenBatch serves the backward pass.
    token.tokens.write(Uint32Array.from({ length: this.sequences }, (_, b) => tokens[b] ?? 0));
    this.step.forward.run();
    this.#latest = this.step;
    this.#setLength(this.#length + 1);
  }

  /**
   * What may follow: of the prompt, or of each sequence that was written to. May be asked again, with other masks.
   *
   * @param asks one for each sequence that is of interest, from the first on
   * @throws ShapeError when no prompt was read, for more asks than rows, or when a mask allows nothing
   */
  async pick(asks: readonly Ask[]): Promise<Pick[]> {
    const stage = this.#ready();
    if (asks.length > stage.rows) {
      throw new ShapeError('decode', `${asks.length} asks for ${stage.rows} sequences`);
    }
    return stage.pick(asks);
  }

  /** The logits of the tokens that may follow: [V] of a prompt, [B, V] behind `write`. @throws ShapeError as `pick` */
  logits(): Promise<Float32Array> {
    return this.#ready().forward.outputs.read();
  }

  #ready(): Stage {
    if (!this.#latest) throw new ShapeError('decode', 'a prompt comes first: call open');
    return this.#latest;
  }

  /** Sequence b goes on from what sequence parents[b] had written; those that are not told stay. */
  reorder(parents: readonly number[]): void {
    if (parents.every((parent, b) => parent === b)) return;
    this.#reorder(parents, this.#promptLength);
  }

  #reorder(parents: readonly number[], from: number): void {
    const all = Uint32Array.from({ length: this.sequences }, (_, b) => parents[b] ?? b);
    if (all.some((parent) => parent >= this.sequences)) {
      throw new ShapeError(
        'decode',
        `there are ${this.sequences} sequences to go on from: ${parents.join()}`,
      );
    }
    this.state.parents.write(all);
    this.state.span.write(Uint32Array.of(from, this.#length));
    this.reorderProgram!.run();
  }

  #setLength(length: number): void {
    this.#length = length;
    this.state.lengths.write(new Uint32Array(this.sequences).fill(length));
  }

  /** The prompt goes into the cache's first sequence. */
  async #recordReader(T: number): Promise<PromptReader> {
    const { decoder, state } = this;
    const { gpu, config } = decoder;
    const batch = new TokenBatch(gpu, [1, T], config.vocabSize);
    const last = gpu.tensor([1], undefined, { dtype: 'u32', label: 'last row' });
    const lengths = state.lengths.view([1]);
    const forward = await record(gpu, () => {
      const hidden = decoder.hidden(batch, (layer, qkv) => {
        const rotated = decoder.rotate(qkv);
        const { keys, values } = state.cache[layer]!;
        const shape = [1, ...keys.shape.slice(1)];
        appendToCache(rotated, { keys: keys.view(shape), values: values.view(shape), lengths });
        return attention(rotated, config);
      });
      return decoder.logits(gatherRows(hidden, last));
    });
    return { batch, last, stage: await Stage.create(forward, state.masks, this.ranks) };
  }

  /** One step with a timestamp around every dispatch, for measuring; the text does not grow. */
  async profileStep(): Promise<DispatchTime[]> {
    return [...(await this.step.forward.profile()), ...(await this.step.select.profile())];
  }

  dispose(): void {
    for (const { stage, batch, last } of this.#readers.values()) {
      [stage, batch, last].forEach((owner) => owner.dispose());
    }
    this.step.dispose();
    this.reorderProgram?.dispose();
    const { cache, lengths, token, masks, parents, span } = this.state;
    cache.forEach(({ keys, values }) => [keys, values].forEach((tensor) => tensor.dispose()));
    [lengths, token, masks, parents, span].forEach((owner) => owner.dispose());
  }
}

/** What steps read and write besides the weights. */
interface State {
  cache: KeyValueCache[];
  /** [B] u32: positions in the cache, the same for all sequences. */
  lengths: Tensor;
  token: TokenBatch;
  masks: MaskStore;
  /** [B] u32 */
  parents: Tensor;
  /** [2] u32 */
  span: Tensor;
}

/** Reads prompts of one padded length. */
interface PromptReader {
  batch: TokenBatch;
  /** [1] u32: the prompt's last row, whose logits are wanted. */
  last: Tensor;
  stage: Stage;
}

function newState(
  { gpu, config }: Decoder,
  { context, sequences }: Readonly<Required<SessionOptions>>,
): State {
  const shape = [sequences, config.nHead, context, config.width / config.nHead];
  const words = (shape: number[], label: string): Tensor =>
    gpu.tensor(shape, undefined, { dtype: 'u32', label });
  const lengths = words([sequences], 'cache length');
  const cache = Array.from({ length: config.nLayer }, (_, layer) => ({
    keys: gpu.tensor(shape, undefined, { label: `keys ${layer}` }),
    values: gpu.tensor(shape, undefined, { label: `values ${layer}` }),
    lengths,
  }));
  return {
    cache,
    lengths,
    token: new TokenBatch(gpu, [sequences, 1], config.vocabSize),
    masks: new MaskStore(gpu, config.vocabSize, sequences),
    parents: words([sequences], 'parents'),
    span: words([2], 'span'),
  };
}
