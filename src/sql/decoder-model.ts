import { join } from 'node:path';
import { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { beamSearch, type BranchingMask } from '../engine/decode/beam.js';
import { generate } from '../engine/decode/generate.js';
import { DecodeSession } from '../engine/decode/session.js';
import { CheckpointError } from '../engine/errors.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { Decoder } from '../engine/nn/decoder.js';
import { loadConfig, loadDecoder } from '../engine/nn/model-folder.js';
import { TOKENIZER_FILE } from '../data/corpus/files.js';
import type { CompleteOptions, Completion, LanguageModel } from './agent.js';

/** How several statements are found: beam search, or the greedy one and others that are drawn. */
export type Search = 'beam' | 'sample';

export interface DecoderModelOptions {
  search?: Search;
  /** Of drawn statements (default 0.7). */
  temperature?: number;
  /** Of drawn statements: each has a seed of its own, counted up from this one. */
  seed?: number;
}

/** A decoder with its tokenizer and sessions to write with: the language model of `answer`. */
export class DecoderModel implements LanguageModel {
  readonly #options: Required<DecoderModelOptions>;
  /** By the number of sequences. */
  readonly #sessions = new Map<number, Promise<DecodeSession>>();
  readonly #anyToken: BranchingMask;

  /** Use `load`, or give a decoder that has its weights; `dispose` disposes of it. */
  constructor(
    readonly tokenizer: Tokenizer,
    readonly decoder: Decoder,
    options: DecoderModelOptions = {},
    /** Steps of training behind the weights. */
    readonly step = 0,
    /** What a person should know: damaged checkpoints that were passed over. */
    readonly warnings: string[] = [],
  ) {
    this.#options = { search: 'beam', temperature: 0.7, seed: 0, ...options };
    this.#anyToken = anyTokenOf(tokenizer.vocabSize);
  }

  /**
   * Everything that can be told about a model folder without a device.
   * @throws CheckpointError, DataError when `model.json` or `tokenizer.json` is absent, broken, or they do not fit
   */
  static async readFolder(folder: string): Promise<Tokenizer> {
    const config = await loadConfig(folder);
    const file = join(folder, TOKENIZER_FILE);
    const tokenizer = await Tokenizer.load(file);
    if (tokenizer.vocabSize > config.vocabSize) {
      throw new CheckpointError(
        'other-tokenizer',
        file,
        `has ${tokenizer.vocabSize} tokens, and the model's vocabulary ${config.vocabSize}: it belongs to another model`,
      );
    }
    return tokenizer;
  }

  /** @throws CheckpointError, DataError as `readFolder`, and when no checkpoint is whole; DeviceError */
  static async load(gpu: Gpu, folder: string, options: DecoderModelOptions = {}): Promise<DecoderModel> {
    const tokenizer = await DecoderModel.readFolder(folder);
    const { decoder, checkpoint, damaged } = await loadDecoder(gpu, folder);
    const warnings = damaged.map(({ reason }) => `passed over a damaged checkpoint: ${reason.message}`);
    return new DecoderModel(tokenizer, decoder, options, checkpoint.step, warnings);
  }

  get context(): number {
    return this.decoder.config.context;
  }

  /** @throws ShapeError when the prompt leaves no room, or more statements are wanted than a beam is wide */
  async complete(
    prompt: Uint32Array,
    { count, maxNewTokens, mask = this.#anyToken }: CompleteOptions,
  ): Promise<Completion[]> {
    const { search, temperature, seed } = this.#options;
    const options = { maxNewTokens, stopToken: this.tokenizer.endId };
    if (count > 1 && search === 'beam') {
      const session = await this.session(count);
      return beamSearch(session, prompt, { ...options, width: count, mask });
    }
    const session = await this.session(1);
    const found = new Map<string, Completion>();
    for (let attempt = 0; attempt < count; attempt++) {
      const drawing = attempt === 0 ? {} : { temperature, seed: seed + attempt };
      const written = await generate(session, prompt, { ...options, ...drawing, mask: mask.fork() });
      const key = written.tokens.join();
      if (!found.has(key)) found.set(key, written);
    }
    return [...found.values()];
  }

  /** The session that writes so many statements side by side. */
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
    this.decoder.dispose();
  }
}

/** Every token that the tokenizer knows: the head may have rows beyond. */
function anyTokenOf(vocabSize: number): BranchingMask {
  const bits = new Uint32Array(Math.ceil(vocabSize / 32));
  for (let token = 0; token < vocabSize; token++) bits[token >>> 5]! |= 1 << (token & 31);
  const mask: BranchingMask = { allowed: () => bits, advance: () => {}, fork: () => mask };
  return mask;
}
