import type { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import { generate } from '../../src/engine/decode/generate.js';
import { DecodeSession } from '../../src/engine/decode/session.js';
import type { Gpu } from '../../src/engine/gpu/device.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import type { CompleteOptions, Completion, LanguageModel } from '../../src/sql/language-model.js';

/** A minimal decoder: with random weights, a larger one would write the same noise. */
const SHAPE = { context: 640, nLayer: 1, nHead: 2, width: 16, mlpWidth: 16, tiedHead: true };

/**
 * A decoder with random weights that takes its temperatures in turn. A low one follows the weights; a high one ignores
 * them and takes branches that no trained model would.
 */
export class UntrainedModel implements LanguageModel {
  /** Tokens written so far. */
  tokens = 0;
  #written = 0;

  private constructor(
    readonly tokenizer: Tokenizer,
    private readonly decoder: Decoder,
    private readonly session: DecodeSession,
    private readonly seed: number,
    private readonly temperatures: readonly number[],
  ) {}

  static async create(
    gpu: Gpu,
    tokenizer: Tokenizer,
    { seed, temperatures }: { seed: number; temperatures: readonly number[] },
  ): Promise<UntrainedModel> {
    const decoder = new Decoder(gpu, { ...SHAPE, vocabSize: tokenizer.vocabSize }, { trainable: false });
    decoder.parameters.initialise(seed);
    const session = await DecodeSession.create(decoder);
    return new UntrainedModel(tokenizer, decoder, session, seed, temperatures);
  }

  get context(): number {
    return SHAPE.context;
  }

  async complete(prompt: Uint32Array, { count, maxNewTokens, mask }: CompleteOptions): Promise<Completion[]> {
    if (!mask) throw new Error('an untrained model needs a grammar to write statements');
    const completions: Completion[] = [];
    for (let attempt = 0; attempt < count; attempt++) {
      const n = this.#written++;
      const written = await generate(this.session, prompt, {
        maxNewTokens,
        stopToken: this.tokenizer.endId,
        temperature: this.temperatures[n % this.temperatures.length]!,
        seed: (this.seed * 1_000_003 + n) | 0,
        mask: mask.fork(),
      });
      this.tokens += written.tokens.length;
      completions.push(written);
    }
    return completions;
  }

  dispose(): void {
    this.session.dispose();
    this.decoder.dispose();
  }
}
