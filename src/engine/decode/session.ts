import { ShapeError } from '../errors.js';
import type { DispatchTime } from '../gpu/profile.js';
import { record, type Program } from '../gpu/program.js';
import { appendToCache } from '../ops/attention/decode.js';
import { attention } from '../ops/attention/attention.js';
import type { TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import type { Tensor } from '../tensor/tensor.js';
import { copySequence, MAX_SEQUENCES, reorderCache } from './reorder-cache.js';
import {
  newState,
  recordWriter,
  type RunWriter,
  type SessionExtents,
  type SessionModel,
  type SessionOptions,
  type SessionState,
} from './session-state.js';
import type { Pick } from './select-tokens.js';
import { Stage, type Ask } from './stage.js';

/** Prompts are padded to a multiple of this, so that few programs serve all lengths. */
const PREFILL_STEP = 32;
/** The numbers of tokens that one pass adds to a sequence; shorter runs are padded, longer ones take several passes. */
const RUN_LENGTHS = [1, 2, 3, 4, 8];
const LONGEST_RUN = RUN_LENGTHS.at(-1)!;

/**
 * Sequences that are written from one prompt: a cache of keys and values, a program for each prompt length met so far,
 * and one that adds a token to every sequence. `open` starts over, so one session serves any number of questions.
 *
 * `open` and `write` hand work to the GPU without waiting for it; `pick` and `logits` wait. A caller makes its masks
 * between the two, while the GPU computes. Masks are applied and tokens chosen on the GPU; `logits` reads whole rows.
 */
export class DecodeSession {
  readonly #readers = new Map<number, PromptReader>();
  /** By the number of tokens that they add. */
  readonly #writers = new Map<number, RunWriter>();
  /** Positions in the cache, by sequence. */
  #lengths: number[];
  /** The latest prompt. Its positions in the first sequence stay as they are until the next one. */
  #prompt = new Uint32Array(0);
  /** The stage that computed the latest logits. */
  #latest: Stage | undefined;

  private constructor(
    readonly model: SessionModel,
    readonly options: Readonly<SessionExtents>,
    private readonly state: SessionState,
    private readonly step: RunWriter,
    private readonly reorderProgram: Program<void> | undefined,
  ) {
    this.#lengths = new Array<number>(options.sequences).fill(0);
    this.#writers.set(1, step);
  }

  /**
   * Reads the weights as they are now: the f16 copies are made here.
   *
   * @throws EngineError `uninitialised` when a parameter has no values
   * @throws ShapeError for a context beyond the model's, or too many sequences
   */
  static async create(model: SessionModel, given: SessionOptions = {}): Promise<DecodeSession> {
    const { gpu, config } = model;
    const { context = config.context, sequences = 1, ranks = 1 } = given;
    if (!(context >= 1 && context <= config.context)) {
      throw new ShapeError('decode', `context is ${context} and the model's is ${config.context}`);
    }
    if (!(sequences >= 1 && sequences <= MAX_SEQUENCES)) {
      throw new ShapeError('decode', `${sequences} sequences: 1 to ${MAX_SEQUENCES} are possible`);
    }
    model.parameters.assertInitialised();
    await model.parameters.refreshHalves();
    const state = newState(model, { context, sequences, ranks });
    const { cache, parents, span } = state;
    const step = await recordWriter(model, state, { context, sequences, ranks }, 1);
    const reorder =
      sequences === 1
        ? undefined
        : await record(gpu, () => cache.forEach((layer) => reorderCache(layer, parents, span)));
    return new DecodeSession(model, { context, sequences, ranks }, state, step, reorder);
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

  /** Positions in the cache, of the longest sequence. */
  get length(): number {
    return Math.max(...this.#lengths);
  }

  /** Masks that were on the GPU already, those that were uploaded, and the host's milliseconds for both. */
  get maskUse(): { hits: number; uploads: number; ms: number } {
    const { hits, uploads, ms } = this.state.masks;
    return { hits, uploads, ms };
  }

  /**
   * Starts over and reads a prompt, for every sequence.
   *
   * @throws ShapeError for an empty prompt, one longer than the context, or a token outside the vocabulary
   */
  async open(prompt: Uint32Array): Promise<void> {
    if (prompt.length === 0 || prompt.length > this.context) {
      throw new ShapeError('decode', `the prompt has ${prompt.length} tokens: 1 to ${this.context} fit`);
    }
    this.#assertKnown(prompt);
    const T = Math.min(this.context, Math.ceil(prompt.length / PREFILL_STEP) * PREFILL_STEP);
    let reader = this.#readers.get(T);
    if (!reader) {
      reader = await this.#recordReader(T);
      this.#readers.set(T, reader);
    }
    // The prompt never attends to the padding after it, and later tokens overwrite the padding's keys.
    const padded = new Uint32Array(T);
    padded.set(prompt);
    this.#setLengths(this.#lengths.fill(0));
    reader.batch.write(padded);
    reader.last.write(Uint32Array.of(prompt.length - 1));
    reader.stage.forward.run();
    this.#latest = reader.stage;
    this.#setLengths(this.#lengths.fill(prompt.length));
    this.#prompt = prompt.slice();
    if (this.sequences > 1) this.#reorder(new Array<number>(this.sequences).fill(0), 0);
  }

  /**
   * As `open`, for the prompt that another session of the same model opened last: its keys and values are copied, and
   * only the last token is computed. Opens the prompt itself where that session's context is another one.
   */
  async openAfter(other: DecodeSession, prompt: Uint32Array): Promise<void> {
    const before = prompt.length - 1;
    const isSame = other.#prompt.length === prompt.length && other.#prompt.every((id, i) => id === prompt[i]);
    if (!isSame || before === 0 || other.context !== this.context) return this.open(prompt);
    this.take(0, other);
    this.#setLengths(this.#lengths.fill(before));
    this.#prompt = prompt.slice();
    if (this.sequences > 1) this.#reorder(new Array<number>(this.sequences).fill(0), 0);
    this.#run(this.step, new Array<number[]>(this.sequences).fill([prompt[before]!]));
  }

  /**
   * Sequence b continues the text of the first sequence of another session of the same model and context. What follows is
   * picked there, and here once tokens have been added.
   *
   * @throws ShapeError for a sequence that does not exist, or a session of another context
   */
  take(b: number, other: DecodeSession): void {
    if (!(b < this.sequences) || other.context !== this.context || other.model !== this.model) {
      throw new ShapeError(
        'decode',
        `sequence ${b} of ${this.sequences}, context ${this.context}, cannot continue a text of context ${other.context}`,
      );
    }
    copySequence(this.model.gpu, { from: other.state.cache, to: this.state.cache, b });
    this.#setLengths(this.#lengths.map((length, at) => (at === b ? other.#lengths[0]! : length)));
  }

  /** Sequence b holds no text any more: it costs little until `take` fills it. */
  drop(b: number): void {
    this.#setLengths(this.#lengths.map((length, at) => (at === b ? 0 : length)));
  }

  /**
   * Adds a token to each of the first sequences; the others are undefined until `reorder` fills them.
   *
   * @param tokens at most one per sequence
   * @throws ShapeError when the cache is full, no prompt was read, or a token is outside the vocabulary
   */
  write(tokens: readonly number[]): void {
    const runs = tokens.map((token) => [token]);
    this.#assertFit(runs);
    this.#run(this.step, runs);
  }

  /**
   * Adds one or more tokens to each of the first sequences, in one pass if none has more than a few; the others are
   * undefined until `reorder` or `take` fills them. What follows the last token of each sequence is picked.
   *
   * @param given at most one run per sequence, none of them empty; an undefined one leaves its sequence as it is
   * @throws ShapeError as `write`
   */
  async append(given: readonly (readonly number[] | undefined)[]): Promise<void> {
    this.#assertFit(given);
    const runs = given.map((run) => run ?? []);
    const passes = Math.ceil(Math.max(...runs.map(({ length }) => length)) / LONGEST_RUN);
    for (let left = passes; left > 0; left--) {
      // All sequences end in the last pass. Until then a short one adds nothing: its padding is written over.
      const parts = runs.map((run) => {
        const [from, to] = [left, left - 1].map((after) => Math.max(0, run.length - after * LONGEST_RUN));
        return run.slice(from, to);
      });
      this.#run(await this.#writerFor(parts), parts);
    }
  }

  /** The narrowest writer that takes all runs. */
  async #writerFor(runs: readonly (readonly number[])[]): Promise<RunWriter> {
    const longest = Math.max(...runs.map(({ length }) => length));
    const T = RUN_LENGTHS.find((length) => length >= longest)!;
    let writer = this.#writers.get(T);
    if (!writer) {
      writer = await recordWriter(this.model, this.state, this.options, T);
      this.#writers.set(T, writer);
    }
    return writer;
  }

  #run({ batch, last, stage }: RunWriter, runs: readonly (readonly number[])[]): void {
    const T = batch.shape[1]!;
    const tokens = new Uint32Array(this.sequences * T);
    const ends = new Uint32Array(this.sequences);
    runs.forEach((run, b) => {
      tokens.set(run, b * T);
      ends[b] = b * T + Math.max(0, run.length - 1);
    });
    // Writes only the tokens: the rest of a TokenBatch is for the backward pass.
    batch.tokens.write(tokens);
    last?.write(ends);
    stage.forward.run();
    this.#latest = stage;
    this.#setLengths(this.#lengths.map((length, b) => length + (runs[b]?.length ?? 0)));
  }

  /** @throws ShapeError if the runs cannot be added */
  #assertFit(runs: readonly (readonly number[] | undefined)[]): void {
    if (this.length === 0) throw new ShapeError('decode', 'a prompt comes first: call open');
    if (runs.length > this.sequences) {
      throw new ShapeError('decode', `${runs.length} tokens for ${this.sequences} sequences`);
    }
    runs.forEach((run, b) => {
      if (run === undefined) return;
      if (run.length === 0) throw new ShapeError('decode', `no token for sequence ${b}`);
      if (this.#lengths[b]! + run.length > this.context)
        throw new ShapeError('decode', `the cache is full: ${this.context} tokens`);
      this.#assertKnown(run);
    });
  }

  /** @throws ShapeError for a token outside the vocabulary */
  #assertKnown(tokens: ArrayLike<number>): void {
    const { vocabSize } = this.model.config;
    const outside = Array.from(tokens).find((id) => !(id < vocabSize));
    if (outside === undefined) return;
    throw new ShapeError('decode', `token ${outside} is outside the vocabulary of ${vocabSize}`);
  }

  /**
   * The tokens that may follow the prompt, or each sequence that was written to. May be called again with other masks.
   *
   * @param asks one per sequence, from the first on
   * @throws ShapeError when no prompt was read, for more asks than rows, or when a mask allows nothing
   */
  async pick(asks: readonly Ask[]): Promise<Pick[]> {
    const stage = this.#ready();
    if (asks.length > stage.rows) {
      throw new ShapeError('decode', `${asks.length} asks for ${stage.rows} sequences`);
    }
    return stage.pick(asks);
  }

  /** Logits of the next token: [V] after `open`, [B, V] after `write`. @throws ShapeError as `pick` */
  async logits(): Promise<Float32Array> {
    const { outputs } = this.#ready().forward;
    const values = await outputs.read();
    const { vocabSize } = this.model.config;
    const { rows, columns } = outputs;
    if (columns === vocabSize) return values;
    const kept = new Float32Array(rows * vocabSize);
    for (let row = 0; row < rows; row++) {
      kept.set(values.subarray(row * columns, row * columns + vocabSize), row * vocabSize);
    }
    return kept;
  }

  #ready(): Stage {
    if (!this.#latest) throw new ShapeError('decode', 'a prompt comes first: call open');
    return this.#latest;
  }

  /** Sequence b continues the text of sequence parents[b]; a sequence beyond `parents` does not change. */
  reorder(parents: readonly number[]): void {
    if (parents.every((parent, b) => parent === b)) return;
    this.#reorder(parents, this.#prompt.length);
    this.#setLengths(this.#lengths.map((length, b) => this.#lengths[parents[b] ?? b] ?? length));
  }

  #reorder(parents: readonly number[], from: number): void {
    const all = Uint32Array.from({ length: this.sequences }, (_, b) => parents[b] ?? b);
    if (all.some((parent) => parent >= this.sequences)) {
      throw new ShapeError(
        'decode',
        `parents are ${parents.join()}, and there are ${this.sequences} sequences`,
      );
    }
    this.state.parents.write(all);
    this.state.span.write(Uint32Array.of(from, this.length));
    this.reorderProgram!.run();
  }

  #setLengths(lengths: number[]): void {
    this.#lengths = lengths;
    this.state.lengths.write(Uint32Array.from(lengths));
  }

  /** Writes the prompt to the cache's first sequence. */
  async #recordReader(T: number): Promise<PromptReader> {
    const { model, state } = this;
    const { gpu, config } = model;
    const batch = model.tokenBatch([1, T]);
    const last = gpu.tensor([1], undefined, { dtype: 'u32', label: 'last row' });
    const lengths = state.lengths.view([1]);
    const forward = await record(gpu, () => {
      const hidden = model.hidden(batch, (layer, qkv) => {
        const rotated = model.rotate(qkv);
        const { keys, values } = state.cache[layer]!;
        const shape = [1, ...keys.shape.slice(1)];
        appendToCache(rotated, { keys: keys.view(shape), values: values.view(shape), lengths });
        return attention(rotated, config);
      });
      return model.logits(gatherRows(hidden, last));
    });
    return { batch, last, stage: await Stage.create(forward, state.masks, this.ranks) };
  }

  /** Runs one step and times every dispatch; the text does not grow. */
  async profileStep(): Promise<DispatchTime[]> {
    const { forward, select } = this.step.stage;
    return [...(await forward.profile()), ...(await select.profile())];
  }

  dispose(): void {
    for (const { stage, batch, last } of this.#readers.values()) {
      [stage, batch, last].forEach((owner) => owner.dispose());
    }
    for (const { stage, batch, last } of this.#writers.values()) {
      [stage, batch, last].forEach((owner) => owner?.dispose());
    }
    this.reorderProgram?.dispose();
    const { cache, lengths, masks, parents, span } = this.state;
    cache.forEach(({ keys, values }) => [keys, values].forEach((tensor) => tensor.dispose()));
    [lengths, masks, parents, span].forEach((owner) => owner.dispose());
  }
}

/** Reads prompts of one padded length. */
interface PromptReader {
  batch: TokenBatch;
  /** [1] u32: the prompt's last row, whose logits are needed. */
  last: Tensor;
  stage: Stage;
}
