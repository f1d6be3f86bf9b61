/** Checks our `tokenizer.json` with two independent readers: Hugging Face's Rust and JavaScript libraries. */
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { Tokenizer as RustTokenizer } from 'tokenizers';
import { expect, test } from 'vitest';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { arbitraryText, sampleRecords } from './sample-texts.js';

const RUNS = 10_000;

const ours = trainTokenizer(sampleRecords(300), { vocabSize: 700 });
const rust = RustTokenizer.fromString(ours.toJson());
const js = new JsTokenizer(JSON.parse(ours.toJson()) as object, {});
const texts = fc.sample(arbitraryText, { numRuns: RUNS, seed: 20 });

test('the sample texts cover the intended cases', () => {
  const joined = texts.join('\n');
  for (const sign of ['__ID_17__', '__ID_1__', '\u0000', '\u0085', '😀', 'SQL :', '\r\n']) {
    expect(joined).toContain(sign);
  }
});

test('the Rust tokenizer gives the same ids and the same text back', async () => {
  expect(rust.getVocabSize(true)).toBe(ours.vocabSize);
  const encodings = await rust.encodeBatch(texts);
  expectSameIds((_, i) => encodings[i]!.getIds());
  const decoded = await rust.decodeBatch(
    encodings.map((encoding) => encoding.getIds()),
    false,
  );
  expect(decoded).toEqual(texts);
});

test('the JavaScript tokenizer gives the same ids', () => {
  expectSameIds((text) => js.encode(text, { add_special_tokens: false }).ids);
});

/** Compares all texts before asserting: ten thousand assertions would take longer than the tokenizers. */
function expectSameIds(idsOf: (text: string, i: number) => readonly (number | bigint)[]): void {
  expect(texts).toHaveLength(RUNS);
  const differing = texts.filter((text, i) => ours.encode(text).join() !== idsOf(text, i).join());
  expect(differing).toEqual([]);
}
