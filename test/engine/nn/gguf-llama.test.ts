/** Our models in llama.cpp: another engine reads the exported file and must find the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../src/data/corpus/sample.js';
import { formatRecord } from '../../../src/data/record.js';
import { loadRecordFormat } from '../../../src/data/record-format.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { ggufVocabulary } from '../../../src/data/tokenizer/gguf-vocabulary.js';
import { Tokenizer } from '../../../src/data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { generate } from '../../../src/engine/decode/generate.js';
import { DecodeSession } from '../../../src/engine/decode/session.js';
import { record } from '../../../src/engine/gpu/program.js';
import type { DecoderConfig } from '../../../src/engine/nn/config.js';
import type { Decoder } from '../../../src/engine/nn/decoder.js';
import { exportGguf } from '../../../src/engine/nn/export-gguf.js';
import { loadDecoder } from '../../../src/engine/nn/model-folder.js';
import { sampleRecords } from '../../data/tokenizer/sample-texts.js';
import { testGpu } from '../test-gpu.js';
import { LlamaAsk, openLlama } from './llama-cpp.js';
import { saveRandomModel } from './random-model.js';

const folder = mkdtempSync(join(tmpdir(), 'gguf-llama-'));
afterAll(() => rmSync(folder, { recursive: true }));
const llama = await openLlama();
afterAll(() => llama?.dispose());

const PROMPTS = 20;
/** Tokens that a continuation may have. */
const MOST = 24;
/**
 * The largest difference of two probabilities of a token. With weights in f16, llama.cpp rounds the activations that it
 * multiplies with them to f16 as well; the weights themselves are equal to the bit (import-model.test.ts). Over several
 * draws of texts that rounding moved a probability by 0.0004 to 0.0014.
 */
const BARS = { f32: 1e-4, f16: 3e-3 } as const;
/** Two tokens whose probabilities are closer than this are as likely as each other. */
const TIE = 5e-4;

/** A model, and texts that it knows: prompts of the corpus with their statements. */
interface Case {
  model: string;
  tokenizer: Tokenizer;
  texts: string[];
}

async function shipped(): Promise<Case> {
  const model = join(packageRoot, 'models', 'omop');
  const { order } = await loadRecordFormat(model);
  const knobs = loadKnobs(join(packageRoot, 'configs', 'corpus.one-schema.json'));
  const source = new SampleSource([new SchemaIndex(loadBundle('omop_cdm_5_4'))], knobs);
  return {
    model,
    tokenizer: await Tokenizer.load(join(model, 'tokenizer.json')),
    texts: Array.from({ length: PROMPTS }, (_, i) => formatRecord(source.sample(411, i).record, order)),
  };
}

/** Everything that the shipped model has at its default: part of each head rotates, the head is not the embedding. */
const ODD: DecoderConfig = {
  vocabSize: 712,
  context: 160,
  nLayer: 3,
  nHead: 4,
  width: 96,
  mlpWidth: 80,
  rotaryDim: 16,
  rotaryBase: 5000,
  layernormEps: 1e-3,
  tiedHead: false,
};

async function random(): Promise<Case> {
  const model = join(folder, 'random');
  await saveRandomModel(model, ODD);
  const texts = sampleRecords(PROMPTS).slice(0, PROMPTS);
  return { model, tokenizer: trainTokenizer(sampleRecords(300), { vocabSize: 700 }), texts };
}

/** The token that ends a prompt. */
const promptEnd = ({ tokenizer }: Case, ids: readonly number[]): number =>
  ids.indexOf(tokenizer.tokenId('SQL:')!);

/** Our probabilities of the token after each position from `from` on. */
async function ourProbabilities(
  decoder: Decoder,
  texts: readonly (readonly number[])[],
  from: (ids: readonly number[]) => number,
): Promise<Float64Array[][]> {
  const T = Math.max(...texts.map(({ length }) => length));
  const { vocabSize } = decoder.config;
  const batch = decoder.tokenBatch([1, T]);
  const program = await record(decoder.gpu, () => decoder.logits(decoder.hidden(batch)));
  const found: Float64Array[][] = [];
  for (const ids of texts) {
    batch.write(Uint32Array.from({ length: T }, (_, t) => ids[t] ?? 0));
    program.run();
    const logits = (await program.outputs.read()) as Float32Array;
    const stride = logits.length / T;
    const first = from(ids);
    found.push(
      ids.slice(first).map((_, i) => {
        const row = logits.subarray((first + i) * stride, (first + i) * stride + vocabSize);
        const highest = row.reduce((most, value) => Math.max(most, value), -Infinity);
        const powers = Float64Array.from(row, (value) => Math.exp(value - highest));
        const sum = powers.reduce((total, value) => total + value, 0);
        return powers.map((value) => value / sum);
      }),
    );
  }
  program.dispose();
  return found;
}

/** The largest difference of two probabilities. */
function farthest(ours: readonly Float64Array[], theirs: readonly Float64Array[]): number {
  expect(theirs.map(({ length }) => length)).toEqual(ours.map(({ length }) => length));
  return Math.max(
    ...ours.map((row, t) => row.reduce((most, p, id) => Math.max(most, Math.abs(p - theirs[t]![id]!)), 0)),
  );
}

test.skipIf(!llama).each<{ name: string; open: () => Promise<Case>; dtypes: (keyof typeof BARS)[] }>([
  { name: 'the shipped model', open: shipped, dtypes: ['f32', 'f16'] },
  { name: 'a random model of odd settings', open: random, dtypes: ['f32', 'f16'] },
])('llama.cpp finds the probabilities of $name, and continues 20 prompts alike', async ({ open, dtypes }) => {
  const it = await open();
  const { model, tokenizer, texts } = it;
  const { decoder } = await loadDecoder(await testGpu(), model);
  const ids = texts.map((text) => [...tokenizer.encode(text)]);
  const ours = await ourProbabilities(decoder, ids, (text) => promptEnd(it, text));
  const prompts = ids.map((text) => text.slice(0, promptEnd(it, text) + 1));
  const session = await DecodeSession.create(decoder);
  const continued: number[][] = [];
  for (const prompt of prompts) {
    const options = { maxNewTokens: MOST, stopToken: tokenizer.endId };
    continued.push((await generate(session, Uint32Array.from(prompt), options)).tokens);
  }
  session.dispose();
  decoder.dispose();
  const ties: string[] = [];
  for (const dtype of dtypes) {
    const path = join(folder, `${dtype}.gguf`);
    await exportGguf(model, path, { dtype, name: 'test', vocabulary: ggufVocabulary(tokenizer) });
    const ask = await LlamaAsk.open(llama!, path, decoder.config.context);
    const errors: number[] = [];
    const differing: string[] = [];
    for (const [i, text] of ids.entries()) {
      errors.push(farthest(ours[i]!, await ask.probabilities(text, promptEnd(it, text))));
      const prompt = prompts[i]!;
      const theirs = await ask.greedy(prompt, MOST, tokenizer.endId);
      const mine = continued[i]!;
      if (mine.join() === theirs.join()) continue;
      const shared = mine.findIndex((token, t) => token !== theirs[t]);
      const at = shared < 0 ? mine.length : shared;
      // Two tokens may be as likely as each other, within what rounding changes: then either may come.
      const before = [...prompt, ...mine.slice(0, at)];
      const [chances] = await ask.probabilities(before, before.length - 1);
      const [a, b] = [mine[at] ?? tokenizer.endId, theirs[at] ?? tokenizer.endId];
      const gap = Math.abs(chances![a]! - chances![b]!);
      if (gap > TIE) differing.push(`prompt ${i}, token ${at}: ${a} or ${b}, gap ${gap}`);
      else ties.push(`${dtype} prompt ${i}, token ${at}: gap ${gap}`);
    }
    await ask.dispose();
    if (process.env.SHOW_FIGURES) console.log(model, dtype, Math.max(...errors), ties);
    expect(errors).toHaveLength(PROMPTS);
    expect(Math.max(...errors), dtype).toBeLessThan(BARS[dtype]);
    expect(differing).toEqual([]);
  }
  expect(ties.length).toBeLessThan(PROMPTS / 4);
});
