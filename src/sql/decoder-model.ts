import { join } from 'node:path';
import { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { DecodeSession } from '../engine/decode/session.js';
import { generate, type TokenMask } from '../engine/decode/generate.js';
import { CheckpointError } from '../engine/errors.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { Decoder } from '../engine/model/decoder.js';
import { loadConfig, loadDecoder } from '../engine/model/store.js';
import { TOKENIZER_FILE } from '../data/corpus-build.js';
import type { Completion, LanguageModel } from './agent.js';

/** Attempts after the first are drawn at this temperature, each with a seed of its own. */
const TEMPERATURE = 0.7;

/** A decoder with its tokenizer and a session to write with: the language model of `answer`. */
export class DecoderModel implements LanguageModel {
  private constructor(
    readonly tokenizer: Tokenizer,
    private readonly decoder: Decoder,
    private readonly session: DecodeSession,
    /** Steps of training behind the weights. */
    readonly step: number,
    /** What a person should know: damaged checkpoints that were passed over. */
    readonly warnings: string[],
    private readonly seed: number,
  ) {}

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
  static async load(gpu: Gpu, folder: string, options: { seed?: number } = {}): Promise<DecoderModel> {
    const tokenizer = await DecoderModel.readFolder(folder);
    const { decoder, checkpoint, damaged } = await loadDecoder(gpu, folder);
    const session = await DecodeSession.create(decoder);
    const warnings = damaged.map(({ reason }) => `passed over a damaged checkpoint: ${reason.message}`);
    return new DecoderModel(tokenizer, decoder, session, checkpoint.step, warnings, options.seed ?? 0);
  }

  /** Every token that the tokenizer knows: the head may have rows beyond. */
  get #anyToken(): TokenMask {
    const bits = new Uint32Array(Math.ceil(this.tokenizer.vocabSize / 32));
    for (let token = 0; token < this.tokenizer.vocabSize; token++) bits[token >>> 5]! |= 1 << (token & 31);
    return { allowed: () => bits, advance: () => {} };
  }

  get context(): number {
    return this.session.context;
  }

  async complete(
    prompt: Uint32Array,
    { attempt, maxNewTokens, mask }: { attempt: number; maxNewTokens: number; mask?: TokenMask },
  ): Promise<Completion> {
    const { tokens, logProb } = await generate(this.session, prompt, {
      maxNewTokens,
      stopToken: this.tokenizer.endId,
      temperature: attempt === 0 ? 0 : TEMPERATURE,
      seed: this.seed + attempt,
      mask: mask ?? this.#anyToken,
    });
    return { tokens, logProb };
  }

  dispose(): void {
    this.session.dispose();
    this.decoder.dispose();
  }
}
