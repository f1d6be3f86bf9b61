import { ShapeError } from '../errors.js';
import { record, type Program } from '../gpu/program.js';
import type { Decoder } from '../model/decoder.js';
import { appendToCache, attentionDecode, type KeyValueCache } from '../ops/attention-decode.js';
import { attention } from '../ops/attention.js';
import { TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import type { Tensor } from '../tensor.js';
import { MaskStore } from './mask-store.js';
import { MAX_SEQUENCES, reorderCache } from './reorder-cache.js';
import {
  CONTROL_WORDS,
  readPick,
  selectTokens,
  writeControl,
  type Draw,
  type Pick,
} from './select-tokens.js';

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

/** What is asked of one sequence at one step. */
export interface Ask {
  /** One bit for each token, least significant first; every token when absent. Its content must never change. */
  mask?: Uint32Array | undefined;
  draw?: Draw | undefined;
}

/**
 * Sequences being written from one prompt: a cache of keys and values, a program for prompts of each length met, and
 * one that adds a token to every sequence. `prefill` and `open` start anew, so one session serves any number of
 * questions. Masks are applied and tokens chosen on the GPU; logits are read back only for who asks for them.
 */
export class DecodeSession {
  readonly #prefills = new Map<number, Prefill>();
  readonly #stepControls: Uint32Array;
  #length = 0;
  #promptLength = 0;

  private constructor(
    readonly decoder: Decoder,
    readonly options: Readonly<Required<SessionOptions>>,
    private readonly state: State,
    private readonly stepProgram: Program<Outputs>,
    private readonly reorderProgram: Program<void> | undefined,
  ) {
    this.#stepControls = new Uint32Array(CONTROL_WORDS * options.sequences);
  }

  /** @throws ShapeError for a context beyond the model's, or too many sequences */
  static async create(decoder: Decoder, given: SessionOptions = {}): Promise<DecodeSession> {
    const { gpu, config } = decoder;
    const { context = config.context, sequences = 1, ranks = 1 } = given;
    if (!(context >= 1 && context <= config.context)) {
      throw new ShapeError('decode', `context is ${context} and the model's is ${config.context}`);
    }
    if (!(sequences >= 1 && sequences <= MAX_SEQUENCES)) {
      throw new ShapeError('decode', `${sequences} sequences: 1 to ${MAX_SEQUENCES} are possible`);
    }
    const state = newState(decoder, { context, sequences, ranks });
    const { cache, lengths, token, masks, controls } = state;
    const step = await record(gpu, () => {
      const hidden = decoder.hidden(token, (layer, qkv) => {
        const rotated = decoder.rotate(qkv, lengths);
        appendToCache(rotated, cache[layer]!);
        return attentionDecode(rotated, cache[layer]!);
      });
      const logits = decoder.logits(hidden);
      return { logits, picks: selectTokens(logits, masks.masks, controls, ranks) };
    });
    const { parents, span } = state;
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

  /** How often a mask was found on the GPU, and how often it was not. */
  get maskUse(): { hits: number; uploads: number } {
    const { hits, uploads } = this.state.masks;
    return { hits, uploads };
  }

  /**
   * Forgets what was there and reads a prompt, for every sequence.
   *
   * @returns the logits [V] of the token that follows it
   * @throws ShapeError for an empty prompt, or one longer than the context
   */
  async prefill(prompt: Uint32Array): Promise<Float32Array> {
    return (await this.#runPrefill(prompt, {})).logits.read();
  }

  /**
   * As `prefill`, and tells of the token that follows only what was asked.
   *
   * @throws ShapeError as `prefill`, and when the mask allows nothing
   */
  async open(prompt: Uint32Array, ask: Ask = {}): Promise<Pick> {
    const { picks } = await this.#runPrefill(prompt, ask);
    return readPick((await picks.readAs('u32')) as Uint32Array, 0, this.ranks);
  }

  /**
   * Adds one token; for sessions of one sequence.
   *
   * @returns the logits [V] of the token that follows
   * @throws ShapeError when the cache is full or no prompt was read
   */
  async step(token: number): Promise<Float32Array> {
    this.#runStep([token], [{}]);
    return this.stepProgram.outputs.logits.read();
  }

  /**
   * Adds a token to each of the first sequences; what the others hold is undefined until `reorder` fills them.
   *
   * @param tokens at most one for each sequence
   * @param asks one for each token
   * @throws ShapeError when the cache is full, no prompt was read, or a mask allows nothing
   */
  async advance(tokens: readonly number[], asks: readonly Ask[]): Promise<Pick[]> {
    this.#runStep(tokens, asks);
    const picks = (await this.stepProgram.outputs.picks.readAs('u32')) as Uint32Array;
    return tokens.map((_, row) => readPick(picks, row, this.ranks));
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

  #runStep(tokens: readonly number[], asks: readonly Ask[]): void {
    const { token, masks, controls } = this.state;
    if (this.#length === 0) throw new ShapeError('decode', 'a prompt comes first: call prefill');
    if (this.#length >= this.context)
      throw new ShapeError('decode', `the cache is full: ${this.context} tokens`);
    if (tokens.length > this.sequences || asks.length !== tokens.length) {
      throw new ShapeError(
        'decode',
        `${tokens.length} tokens, ${asks.length} asks, ${this.sequences} sequences`,
      );
    }
    const outside = tokens.find((id) => !(id < token.vocabSize));
    if (outside !== undefined) {
      throw new ShapeError('decode', `token ${outside} is outside the vocabulary of ${token.vocabSize}`);
    }
    const slots = masks.slotsOf(asks.map(({ mask }) => mask));
    asks.forEach(({ draw }, row) => writeControl(this.#stepControls, row, slots[row]!, draw));
    controls.write(this.#stepControls);
    // Only the tokens themselves: the rest of a TokenBatch serves the backward pass.
    token.tokens.write(Uint32Array.from({ length: this.sequences }, (_, b) => tokens[b] ?? 0));
    this.stepProgram.run();
    this.#setLength(this.#length + 1);
  }

  async #runPrefill(prompt: Uint32Array, { mask, draw }: Ask): Promise<Outputs> {
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
    const control = new Uint32Array(CONTROL_WORDS);
    writeControl(control, 0, this.state.masks.slotsOf([mask])[0]!, draw);
    this.#setLength(0);
    prefill.batch.write(padded);
    prefill.last.write(Uint32Array.of(prompt.length - 1));
    prefill.control.write(control);
    prefill.program.run();
    this.#setLength(prompt.length);
    this.#promptLength = prompt.length;
    if (this.sequences > 1) this.#reorder(new Array<number>(this.sequences).fill(0), 0);
    return prefill.program.outputs;
  }

  #setLength(length: number): void {
    this.#length = length;
    this.state.lengths.write(new Uint32Array(this.sequences).fill(length));
  }

  /** The prompt goes into the cache's first sequence. */
  async #recordPrefill(T: number): Promise<Prefill> {
    const { decoder, state } = this;
    const { gpu, config } = decoder;
    const batch = new TokenBatch(gpu, [1, T], config.vocabSize);
    const last = gpu.tensor([1], undefined, { dtype: 'u32', label: 'last row' });
    const control = gpu.tensor([1, CONTROL_WORDS], undefined, { dtype: 'u32', label: 'controls' });
    const lengths = state.lengths.view([1]);
    const program = await record(gpu, () => {
      const hidden = decoder.hidden(batch, (layer, qkv) => {
        const rotated = decoder.rotate(qkv);
        const { keys, values } = state.cache[layer]!;
        const shape = [1, ...keys.shape.slice(1)];
        appendToCache(rotated, { keys: keys.view(shape), values: values.view(shape), lengths });
        return attention(rotated, config);
      });
      const logits = decoder.logits(gatherRows(hidden, last));
      return { logits, picks: selectTokens(logits, state.masks.masks, control, this.ranks) };
    });
    return { batch, last, control, program };
  }

  /** One step with a timestamp around every dispatch, for measuring; the text does not grow. */
  profileStep(): ReturnType<Program<Outputs>['profile']> {
    return this.stepProgram.profile();
  }

  dispose(): void {
    for (const { batch, last, control, program } of this.#prefills.values()) {
      [program, batch, last, control].forEach((owner) => owner.dispose());
    }
    this.stepProgram.dispose();
    this.reorderProgram?.dispose();
    const { cache, lengths, token, masks, controls, parents, span } = this.state;
    cache.forEach(({ keys, values }) => [keys, values].forEach((tensor) => tensor.dispose()));
    [lengths, token, masks, controls, parents, span].forEach((owner) => owner.dispose());
  }
}

/** What steps read and write besides the weights. */
interface State {
  cache: KeyValueCache[];
  /** [B] u32: positions in the cache, the same for all sequences. */
  lengths: Tensor;
  token: TokenBatch;
  masks: MaskStore;
  /** [B, 4] u32 */
  controls: Tensor;
  /** [B] u32 */
  parents: Tensor;
  /** [2] u32 */
  span: Tensor;
}

interface Outputs {
  /** [B, 1, V] f32; [1, V] of a prompt */
  logits: Tensor;
  picks: Tensor;
}

interface Prefill {
  batch: TokenBatch;
  /** [1] u32: the prompt's last row, whose logits are wanted. */
  last: Tensor;
  control: Tensor;
  program: Program<Outputs>;
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
    controls: words([sequences, CONTROL_WORDS], 'controls'),
    parents: words([sequences], 'parents'),
    span: words([2], 'span'),
  };
}
