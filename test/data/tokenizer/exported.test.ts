/** The tokenizers that `engine export` writes, read by other people's libraries. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import type { Llama } from 'node-llama-cpp';
import { Tokenizer as RustTokenizer } from 'tokenizers';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../src/data/corpus/sample.js';
import { formatRecord } from '../../../src/data/record.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { ggufVocabulary } from '../../../src/data/tokenizer/gguf-vocabulary.js';
import { huggingFaceTokenizer } from '../../../src/data/tokenizer/hugging-face-files.js';
import { Tokenizer } from '../../../src/data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { exportGguf } from '../../../src/engine/nn/export-gguf.js';
import { openLlama } from '../../engine/nn/llama-cpp.js';
import { saveRandomModel } from '../../engine/nn/random-model.js';
import { arbitraryText, sampleRecords } from './sample-texts.js';

const folder = mkdtempSync(join(tmpdir(), 'exported-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));
const llama = await openLlama();
afterAll(() => llama?.dispose());

const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const source = new SampleSource([index], loadKnobs(join(packageRoot, 'configs', 'corpus.one-schema.json')));
/** Whole records, questions as people type them, and a schema's own names. */
const ourTexts = [
  ...Array.from({ length: 100 }, (_, i) => formatRecord(source.sample(55, i).record, 'question-first')),
  ...Array.from({ length: 100 }, (_, i) => source.sample(56, i).rawQuestion),
  ...sampleRecords(60),
  ...index.bundle.tables.map(({ name, columns }) => `${name}(${columns.map((one) => one.name).join(', ')})`),
];

const shipped = await Tokenizer.load(join(packageRoot, 'models', 'omop', 'tokenizer.json'));
const ofNames = trainTokenizer(ourTexts, { vocabSize: 1500 });
const TOKENIZERS = [
  ['of the shipped model', shipped],
  ['with whole identifiers', ofNames],
] as const;

describe.each(TOKENIZERS)('the exported tokenizer %s', (_, tokenizer) => {
  const files = huggingFaceTokenizer(tokenizer, 768);

  test('gives the same ids in both of Hugging Face’s libraries', async () => {
    const json = files['tokenizer.json']!;
    const settings = JSON.parse(files['tokenizer_config.json']!) as object;
    const rust = RustTokenizer.fromString(json);
    const js = new JsTokenizer(JSON.parse(json) as object, settings);
    const encodings = await rust.encodeBatch(ourTexts);
    const differing = ourTexts.filter((text, i) => {
      const ids = tokenizer.encode(text).join();
      return ids !== encodings[i]!.getIds().join() || ids !== js.encode(text).ids.join();
    });
    expect(differing).toEqual([]);
  });

  test('names the tokens that end and fill a text', () => {
    const settings = JSON.parse(files['tokenizer_config.json']!) as Record<string, string>;
    expect(tokenizer.tokenId(settings['eos_token']!)).toBe(tokenizer.endId);
    expect(tokenizer.tokenId(settings['pad_token']!)).toBe(tokenizer.padId);
  });
});

/** Opens the vocabulary alone, in a model of next to no weights, and asks for the ids of texts. */
async function inLlama(
  llama: Llama,
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<Map<string, string>> {
  const { vocabSize } = tokenizer;
  const shape = { context: 8, nLayer: 1, nHead: 1, width: 8, mlpWidth: 8, tiedHead: true };
  await saveRandomModel(join(folder, 'model'), { vocabSize, ...shape });
  const modelPath = join(folder, 'vocabulary.gguf');
  const vocabulary = ggufVocabulary(tokenizer);
  await exportGguf(join(folder, 'model'), modelPath, { dtype: 'f32', name: 'test', vocabulary });
  const model = await llama.loadModel({ modelPath, vocabOnly: true });
  const ids = new Map(texts.map((text) => [text, model.tokenize(text, true).join()]));
  await model.dispose();
  return ids;
}

/** docs/commands.md names these: the texts that llama.cpp may cut otherwise. */
const KNOWN_DIFFERENCES: readonly RegExp[] = [
  // Placeholders that share underscores: llama.cpp looks for one name after the other in the whole text.
  /__[A-Z]+_\d+__[A-Z]+_\d+__|__[A-Z]+_\d+____?[A-Z]/,
  // Runs of white space with a line break: it ends the run.
  /[\r\n][ \t\r\n]|[ \t\r\n][\r\n]/,
  // An underscore behind punctuation, which llama.cpp takes for punctuation.
  /[^\sA-Za-z0-9]_/,
  // Capitals before a word.
  /[A-Z]{2}[^\x00-\x60\x7b-\x7f]/,
  // Letters and signs beyond ASCII: every one counts as a letter here, and none but letters there.
  /[^\x00-\x7f]/,
  // Control characters are punctuation here, and some are white space there.
  /[\x00-\x1f\x7f]/,
];

describe.skipIf(!llama).each(TOKENIZERS)('in llama.cpp, the tokenizer %s', (_, tokenizer) => {
  test('gives the same ids for records, questions and names, and elsewhere but for what is documented', async () => {
    const arbitrary = fc.sample(arbitraryText, { numRuns: 1500, seed: 21 });
    const theirs = await inLlama(llama!, tokenizer, [...ourTexts, ...arbitrary]);
    const differs = (text: string): boolean => theirs.get(text) !== tokenizer.encode(text).join();
    expect(ourTexts.filter(differs)).toEqual([]);
    const difficult = arbitrary.filter(differs);
    expect(difficult.filter((text) => !KNOWN_DIFFERENCES.some((known) => known.test(text)))).toEqual([]);
    if (process.env.SHOW_FIGURES) console.log('differing', difficult.length);
    // Were the list too wide, this would not be worth saying.
    expect(difficult.length).toBeLessThan(150);
  });

  test('keeps placeholders and markers whole', async () => {
    const ids = [...tokenizer.specialTokens].map(([token, id]) => [`a${token}b`, String(id)] as const);
    const theirs = await inLlama(
      llama!,
      tokenizer,
      ids.map(([text]) => text),
    );
    for (const [text, id] of ids) expect(theirs.get(text)!.split(',')).toContain(id);
  });
});
