import { join } from 'node:path';
import { TOKENIZER_FILE } from '../../src/data/corpus/files.js';
import { generateSamples, type Sample } from '../../src/data/corpus/sample.js';
import { loadKnobs, withoutSynthetic } from '../../src/data/corpus/knobs.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { loadBundle } from '../../src/data/schema/load.js';
import type { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import { Sampler } from '../../src/engine/decode/sampler.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import {
  checkpointFolder,
  saveConfig,
  tensorSources,
  weightTensors,
} from '../../src/engine/nn/model-folder.js';
import { saveCheckpoint } from '../../src/engine/train/checkpoint.js';
import type { LanguageModel } from '../../src/sql/language-model.js';
import { DecoderModel, type DecoderModelOptions } from '../../src/sql/decoder-model.js';
import { Random } from '../engine/numerics.js';
import { testGpu } from '../engine/test-gpu.js';

export function indexOf(bundle: string): SchemaIndex {
  return new SchemaIndex(loadBundle(`schemas/${bundle}.json`));
}

export function samplesOf(index: SchemaIndex, count: number, seed: number): Sample[] {
  return [
    ...generateSamples({
      schemas: [index],
      knobs: { ...withoutSynthetic(loadKnobs('configs/corpus.json')), format: undefined },
      seed,
      count,
    }),
  ];
}

/** A model with random weights. What comes out of the pipeline must be valid all the same. */
export async function untrainedModel(
  tokenizer: Tokenizer,
  options: DecoderModelOptions & { context?: number } = {},
): Promise<DecoderModel> {
  const { context = 512, ...rest } = options;
  return new DecoderModel(tokenizer, await untrainedDecoder(tokenizer, context), rest);
}

/** Writes a model folder like one from training, but with random weights. */
export async function saveUntrainedModel(folder: string, tokenizer: Tokenizer): Promise<void> {
  const decoder = await untrainedDecoder(tokenizer, 512);
  await tokenizer.save(join(folder, TOKENIZER_FILE));
  await saveConfig(folder, decoder.config);
  const tensors = tensorSources(weightTensors(decoder));
  await saveCheckpoint(checkpointFolder(folder), 0, { tensors, meta: {} });
  decoder.dispose();
}

async function untrainedDecoder(tokenizer: Tokenizer, context: number): Promise<Decoder> {
  const shape = { nLayer: 1, nHead: 2, width: 32, mlpWidth: 48, tiedHead: true };
  const vocabSize = Math.ceil(tokenizer.vocabSize / 16) * 16;
  const decoder = new Decoder(await testGpu(), { vocabSize, context, ...shape }, { trainable: false });
  decoder.parameters.initialise(11);
  // Strong preferences, so that candidates differ and greedy is not the best of them by accident.
  const embed = decoder.parameters.get('embed');
  embed.write((await embed.read()).map((weight) => weight * 20));
  return decoder;
}

/** A model without a GPU that draws each token uniformly from those that the mask allows. */
export function diceModel(tokenizer: Tokenizer, onPrompt: (text: string) => void = () => {}): LanguageModel {
  const random = new Random(21);
  const flat = new Float32Array(tokenizer.vocabSize);
  return {
    tokenizer,
    context: 512,
    complete(prompt, { count, maxNewTokens, mask }) {
      onPrompt(tokenizer.decode(prompt));
      const texts = Array.from({ length: count }, () => {
        const own = mask!.fork();
        const sampler = new Sampler({ temperature: 1, seed: random.integer(0, 1 << 30) });
        const text = { tokens: [] as number[], logProb: 0, leastLogProb: 0 };
        while (text.tokens.length < maxNewTokens) {
          const { token, logProb } = sampler.sample(flat, own.allowed());
          own.advance(token);
          text.logProb += logProb;
          text.leastLogProb = Math.min(text.leastLogProb, logProb);
          if (token === tokenizer.endId) break;
          text.tokens.push(token);
        }
        return text;
      });
      return Promise.resolve(texts);
    },
  };
}
