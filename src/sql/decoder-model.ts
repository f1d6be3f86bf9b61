import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../data/errors.js';
import { FIRST_FORMAT, loadRecordFormat, type RecordFormat } from '../data/record-format.js';
import { CHARACTERS_FILE } from '../data/text-tokens.js';
import { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { anyTokenOf } from '../engine/decode/any-token.js';
import { beamSearch, type BranchingMask } from '../engine/decode/beam.js';
import { generate, type Generated } from '../engine/decode/generate.js';
import { DecodeSession } from '../engine/decode/session.js';
import { SideBySide } from '../engine/decode/side-by-side.js';
import { CheckpointError } from '../engine/errors.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { Decoder } from '../engine/nn/decoder.js';
import { loadConfig, loadDecoder } from '../engine/nn/model-folder.js';
import { TOKENIZER_FILE } from '../data/corpus/files.js';
import type { CompleteOptions, Completion, LanguageModel } from './language-model.js';

/** How several statements are found: by beam search, or by taking the greedy one and sampling the others. */
export type Search = 'beam' | 'sample';

export interface DecoderModelOptions {
  /** How several statements are found (default `beam`). */
  search?: Search | undefined;
  /** Sampling temperature (default 0.7). */
  temperature?: number | undefined;
  /** Sampling seed (default 0); each further statement uses the next number. */
  seed?: number | undefined;
  /** How many statements are written side by side when several are asked for at the same time (default 1, at most 16). */
  sideBySide?: number | undefined;
}

/** A decoder with its tokenizer and decode sessions: the language model that `answer` uses. */
export class DecoderModel implements LanguageModel {
  readonly #search: Search;
  readonly #temperature: number;
  readonly #seed: number;
  /** By the number of sequences. */
  readonly #sessions = new Map<number, Promise<DecodeSession>>();
  readonly #anyToken: BranchingMask;
  readonly #width: number;
  #sideBySide: Promise<SideBySide> | undefined;
  /** Ends when no statement uses the sessions. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Use `load`, or pass a decoder with initialised weights; `dispose` frees it. */
  constructor(
    readonly tokenizer: Tokenizer,
    readonly decoder: Decoder,
    { search = 'beam', temperature = 0.7, seed = 0, sideBySide = 1 }: DecoderModelOptions = {},
    /** Training step of the weights. */
    readonly step = 0,
    /** What a person should know, such as damaged checkpoints that were skipped. */
    readonly warnings: string[] = [],
    readonly format: RecordFormat = FIRST_FORMAT,
  ) {
    this.#search = search;
    this.#temperature = temperature;
    this.#seed = seed;
    this.#width = sideBySide;
    this.#anyToken = anyTokenOf(tokenizer.vocabSize);
  }

  /**
   * Checks a model folder without opening a device, and loads its tokenizer.
   * @throws CheckpointError, DataError if `model.json` or `tokenizer.json` is missing or broken, or they do not match
   */
  static async readFolder(folder: string): Promise<Tokenizer> {
    const config = await loadConfig(folder);
    const file = join(folder, TOKENIZER_FILE);
    if (existsSync(join(folder, CHARACTERS_FILE))) {
      throw new DataError({
        code: 'text-model',
        file: folder,
        message: 'the model was trained on plain text: it continues text and answers no questions',
        hint: 'engine continue uses it',
      });
    }
    const tokenizer = await Tokenizer.load(file);
    if (tokenizer.vocabSize > config.vocabSize) {
      throw new CheckpointError(
        'other-tokenizer',
        file,
        `has ${tokenizer.vocabSize} tokens, but the model's vocabulary only ${config.vocabSize}: it belongs to another model`,
      );
    }
    return tokenizer;
  }

  /** @throws CheckpointError, DataError as `readFolder` does, and if no checkpoint is intact; DeviceError */
  static async load(gpu: Gpu, folder: string, options: DecoderModelOptions = {}): Promise<DecoderModel> {
    const tokenizer = await DecoderModel.readFolder(folder);
    const format = await loadRecordFormat(folder);
    const { decoder, checkpoint, damaged } = await loadDecoder(gpu, folder);
    const warnings = damaged.map(({ reason }) => `skipped a damaged checkpoint: ${reason.message}`);
    return new DecoderModel(tokenizer, decoder, options, checkpoint.step, warnings, format);
  }

  get context(): number {
    return this.decoder.config.context;
  }

  /**
   * Of several statements only one comes back if the likeliest has most of the probability. Prompts given at the same time
   * are continued side by side, as many as `sideBySide` says. None comes back if all fall below `floor`.
   * @throws ShapeError if the prompt leaves no room, or `count` exceeds the widest beam
   */
  async complete(prompt: Uint32Array, options: CompleteOptions): Promise<Completion[]> {
    const { count, mask = this.#anyToken } = options;
    // A little lower, so that rounding gives up no statement of just this probability.
    const floor = Math.log(options.floor ?? 0) - 1e-9;
    const stops = { ...options, floor, stopToken: this.tokenizer.endId };
    const isSearch = count > 1 && this.#search === 'beam';
    if (this.#width === 1 || (count > 1 && !isSearch)) return this.#inTurn(() => this.#alone(prompt, stops));
    this.#sideBySide ??= SideBySide.create(this.decoder, this.#width);
    const greedy = await (await this.#sideBySide).generate(prompt, { ...stops, mask: mask.fork() });
    if (!isSearch || isSure(greedy)) return greedy.logProb < floor ? [] : [greedy];
    return this.#inTurn(async () =>
      beamSearch(await this.session(count), prompt, { ...stops, width: count, mask }),
    );
  }

  /** As `complete`, while nobody else uses the sessions. */
  async #alone(
    prompt: Uint32Array,
    { count, mask = this.#anyToken, ...options }: CompleteOptions & { stopToken: number; floor: number },
  ): Promise<Completion[]> {
    const session = await this.session(1);
    if (count > 1 && this.#search === 'beam') {
      const greedy = await generate(session, prompt, { ...options, mask: mask.fork() });
      if (isSure(greedy)) return [greedy];
      const beam = { ...options, width: count, mask, after: session };
      return beamSearch(await this.session(count), prompt, beam);
    }
    const found = new Map<string, Completion>();
    for (let attempt = 0; attempt < count; attempt++) {
      const sampling = attempt === 0 ? {} : { temperature: this.#temperature, seed: this.#seed + attempt };
      const written = await generate(session, prompt, { ...options, ...sampling, mask: mask.fork() });
      const key = written.tokens.join();
      if (!found.has(key) && written.logProb >= options.floor) found.set(key, written);
    }
    return [...found.values()];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** The session that writes this many statements side by side. */
  session(sequences: number): Promise<DecodeSession> {
    const known = this.#sessions.get(sequences);
    if (known) return known;
    const ranks = sequences === 1 ? 1 : sequences + 1;
    const session = DecodeSession.create(this.decoder, { sequences, ranks });
    this.#sessions.set(sequences, session);
    return session;
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) (await session).dispose();
    (await this.#sideBySide)?.dispose();
    this.decoder.dispose();
  }
}

/** A text of more than half of the probability is likelier than every other: a search would find only worse ones. */
const isSure = ({ stopped, logProb }: Generated): boolean => stopped && Math.exp(logProb) > 0.5;
